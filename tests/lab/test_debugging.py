"""Debugging a node as `oc debug node/…` does it, over the socket of a whole lab: first its recorded requests, then people."""

import contextlib
import http.client
import json
import re
import ssl
import subprocess
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.lab.typist import Typist

from pullscope.testing import kubectl
from pullscope.testing.lab import Lab

VECTORS = Path(__file__).parents[1] / "kube" / "data" / "protobuf-vectors.jsonl"
PROTOBUF = "application/vnd.kubernetes.protobuf"
TLS = ssl.create_default_context()
TLS.check_hostname, TLS.verify_mode = False, ssl.CERT_NONE  # not what is tested here
TOOLS = "/apis/image.openshift.io/v1/namespaces/openshift/imagestreams/tools"


def recorded(method: str, ending: str, command: str = "oc debug node") -> bytes:
    """What `oc debug node/crc -- chroot /host crictl images`, or another command, sent."""
    for line in VECTORS.read_text().splitlines():
        vector = json.loads(line)
        mine = vector["from"].startswith(command) and vector["method"] == method
        if mine and vector["path"].endswith(ending):
            return bytes.fromhex(vector["hex"])
    raise AssertionError(ending)


def replaced(message: bytes, path: tuple[int, ...], values: tuple[bytes, ...]) -> bytes:
    """A protobuf message with the fields at `path` replaced by `values`, lengths and all; the other fields as they are."""
    out, at, done = b"", 0, False
    while at < len(message):
        tag, after = _varint(message, at)
        length, start = _varint(message, after)
        end = start + length if tag & 7 == 2 else start
        if tag >> 3 != path[0]:
            out += message[at:end]
        elif len(path) > 1:
            inner = replaced(message[start:end], path[1:], values)
            out += message[at:after] + _encoded(len(inner)) + inner
        elif not done:
            done = True
            out += b"".join(message[at:after] + _encoded(len(value)) + value for value in values)
        at = end
    return out


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte, at = data[at], at + 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _encoded(number: int) -> bytes:
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


@dataclass(frozen=True)
class Client:
    """What `oc` does on the wire, and the real kubectl."""

    lab: Lab

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = PROTOBUF) -> tuple[int, bytes]:
        config = yaml.safe_load(self.lab.kubeconfig.read_text())
        token = next(user["user"]["token"] for user in config["users"] if "kubeadmin" in user["name"])
        host = urllib.parse.urlsplit(self.lab.server).netloc
        headers = {"Authorization": f"Bearer {token}", "Accept": f"{PROTOBUF},application/json"}
        with contextlib.closing(http.client.HTTPSConnection(host, context=TLS, timeout=30)) as connection:
            connection.request(method, path, body, headers | ({"Content-Type": kind} if body else {}))
            answer = connection.getresponse()
            return answer.status, answer.read()

    def object(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        status, answer = self.ask(method, path, body)
        assert status < 300, answer
        found: dict[str, Any] = json.loads(answer)
        return found

    def run(self, *arguments: str, given: bytes = b"") -> tuple[int, bytes, str]:
        command = [kubectl.find(), "--kubeconfig", str(self.lab.kubeconfig), *arguments]
        done = subprocess.run(command, input=given, capture_output=True, check=False, timeout=30)
        return done.returncode, done.stdout, done.stderr.decode()

    def image(self) -> str:
        """The image that `oc` takes for its debug pods."""
        (tag,) = self.object("GET", TOOLS)["status"]["tags"]
        assert tag["tag"] == "latest"
        return str(tag["items"][0]["dockerImageReference"])


@pytest.fixture(scope="module")
def client(pullscope_lab: Lab) -> Client:
    try:
        kubectl.find()
    except kubectl.MissingKubectlError as error:
        pytest.skip(str(error))
    return Client(pullscope_lab)


@pytest.fixture
def namespace(client: Client) -> Iterator[str]:
    """The temporary namespace, made and removed by what was recorded."""
    made = client.object("POST", "/api/v1/namespaces", recorded("POST", "/namespaces"))["metadata"]
    assert made["annotations"]["openshift.io/node-selector"] == ""
    yield made["name"]
    client.object("DELETE", f"/api/v1/namespaces/{made['name']}", recorded("DELETE", "/openshift-debug-zmbj4"))


def test_the_recorded_requests(client: Client, namespace: str) -> None:
    pods = f"/api/v1/namespaces/{namespace}/pods"
    body = recorded("POST", "/pods")
    for field, values in (
        ((2, 1, 3), [namespace]),
        ((2, 2, 2, 2), [client.image()]),
        ((2, 2, 2, 3), ["sh", "-c", "chroot /host crictl images; chroot /host crictl rmi nosuch:v1"]),
    ):
        body = body[:4] + replaced(body[4:], field, tuple(value.encode() for value in values))
    assert client.object("GET", "/api/v1/nodes/crc")["kind"] == "Node"
    pod = client.object("POST", pods, body)
    path = f"{pods}/{pod['metadata']['name']}"
    assert (pod["spec"]["hostPID"], pod["spec"]["priorityClassName"]) == (True, "openshift-user-critical")
    client.run("wait", "-n", namespace, "--for=jsonpath={.status.phase}=Failed", f"pod/{pod['metadata']['name']}")
    status, log = client.ask("GET", f"{path}/log?container=container-00&follow=true")
    head, *_, error = log.decode().splitlines()
    assert (status, head.split()) == (200, ["IMAGE", "TAG", "IMAGE", "ID", "SIZE"])
    assert error.endswith('level=error msg="no such image nosuch:v1"')
    (container,) = client.object("GET", path)["status"]["containerStatuses"]
    assert (container["name"], container["state"]["terminated"]["exitCode"]) == ("container-00", 1)
    assert client.ask("DELETE", path, recorded("DELETE", "/crc-debug-zwjz8"))[0] == 200


def test_the_recorded_pod_of_a_deployment(client: Client, pullscope_namespace: str) -> None:
    """`oc debug deployment/custom-image-java -- id`."""
    image = client.lab.push({"node.war": b"x"}, "debugging/deployed:v1").name
    body = recorded("POST", "/pods", "oc debug deployment")
    for field, value in (((2, 1, 3), pullscope_namespace), ((2, 2, 2, 2), image)):
        body = body[:4] + replaced(body[4:], field, (value.encode(),))
    pods = f"/api/v1/namespaces/{pullscope_namespace}/pods"
    name = client.object("POST", pods, body)["metadata"]["name"]
    assert "-debug-" in name
    client.run("wait", "-n", pullscope_namespace, "--for=jsonpath={.status.phase}=Succeeded", f"pod/{name}")
    status, log = client.ask("GET", f"{pods}/{name}/log?container=custom-image-java&follow=true")
    assert (status, log) == (200, b"uid=1001 gid=0(root) groups=0(root)\n")
    assert client.ask("DELETE", f"{pods}/{name}", recorded("DELETE", "-59rtb", "oc debug deployment"))[0] == 200


def test_rsh(client: Client, pullscope_namespace: str) -> None:
    """`oc rsh app`: its command, and that of `oc rsh app ls /deployments`."""
    image = client.lab.push({"node.war": b"x"}, "debugging/rsh:v1").name
    client.run("run", "app", "-n", pullscope_namespace, f"--image={image}")
    client.run("wait", "-n", pullscope_namespace, "--for=condition=Ready", "pod/app", "--timeout=20s")
    into = ("exec", "-i", "-n", pullscope_namespace, "app", "--")
    shell = client.run(*into, "/bin/sh", "-c", 'TERM="xterm" /bin/sh', given=b"printenv TERM\nabc\nexit 5\n")
    assert shell == (5, b"xterm\n", "sh: abc: not found\ncommand terminated with exit code 5\n")
    assert client.run(*into, "ls", "/deployments") == (0, b"node.war\n", "")


# ------------------------------------------------------------------------------------------------ people


def debug_pod(client: Client, name: str, *command: str, tty: bool = False, path: str = "/") -> None:
    """What `oc debug node/crc` makes when it is to be attached to."""
    container = {
        "name": "container-00",
        "image": client.image(),
        "command": list(command),
        "env": [{"name": "TMOUT", "value": "900"}, {"name": "HOST", "value": "/host"}],
        "securityContext": {"privileged": True, "runAsUser": 0},
        "stdin": True,
        "stdinOnce": True,
        "tty": tty,
        "volumeMounts": [{"name": "host", "mountPath": "/host"}],
    }
    spec = {
        "nodeName": client.lab.node.name,
        "hostNetwork": True,
        "hostPID": True,
        "hostIPC": True,
        "restartPolicy": "Never",
        "priorityClassName": "openshift-user-critical",
        "containers": [container],
        "volumes": [{"name": "host", "hostPath": {"path": path, "type": "Directory"}}],
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
    status, answer = client.ask("POST", "/api/v1/namespaces/default/pods", json.dumps(pod).encode(), "application/json")
    assert status == 201, answer


@pytest.fixture
def pods(client: Client) -> Iterator[list[str]]:
    """Names of pods that are removed afterwards."""
    found: list[str] = []
    yield found
    client.run("delete", "pod", "--now", *found)


def test_commands_of_stdin(client: Client, pods: list[str]) -> None:
    pods.append("piped")
    debug_pod(client, "piped", "/bin/sh")
    client.run("wait", "--for=jsonpath={.status.phase}=Running", "pod/piped", "--timeout=20s")
    given = b"hostname\nchroot /host\ncat /etc/hostname\ncrictl pods --name piped\nexit 5\nexit 3\n"
    _, out, _ = client.run("attach", "-i", "piped", given=given)
    lines = out.decode().splitlines()
    assert lines[:2] == ["crc", "crc"]
    assert [line.split()[-4:] for line in lines[3:]] == [["piped", "default", "0", "(default)"]]
    client.run("wait", "--for=jsonpath={.status.phase}=Failed", "pod/piped", "--timeout=20s")
    code, ended, _ = client.run("get", "pod", "piped", "-o", "jsonpath={..exitCode}")
    assert (code, ended) == (0, b"3")


def test_a_container_that_is_stopped_on_its_node_runs_again(client: Client, pods: list[str]) -> None:
    """The kubelet sees it exit, asks the pull policy again, and starts it by the restart policy."""
    pods += ["stopped", "stopper"]
    image = client.lab.push({"node.war": b"x"}, "debugging/stopped:v1").name
    client.run("run", "stopped", f"--image={image}", "--image-pull-policy=Always")
    client.run("wait", "--for=condition=Ready", "pod/stopped", "--timeout=20s")
    debug_pod(client, "stopper", "/bin/sh")
    client.run("wait", "--for=jsonpath={.status.phase}=Running", "pod/stopper", "--timeout=20s")
    first = client.object("GET", "/api/v1/namespaces/default/pods/stopped")["status"]["containerStatuses"][0]
    container = first["containerID"].rpartition("/")[2]
    given = f"chroot /host\ncrictl rmi {image}\ncrictl stop -t 1 {container}\nexit\nexit\n".encode()
    _, out, refused = client.run("attach", "-i", "stopper", given=given)
    assert out.decode() == f"{container}\n"
    assert "image is in use by a container" in refused
    restarted = "--for=jsonpath={.status.containerStatuses[0].restartCount}=1"
    assert client.run("wait", restarted, "pod/stopped", "--timeout=20s")[0] == 0
    assert client.run("wait", "--for=condition=Ready", "pod/stopped", "--timeout=20s")[0] == 0
    (status,) = client.object("GET", "/api/v1/namespaces/default/pods/stopped")["status"]["containerStatuses"]
    ended = status["lastState"]["terminated"]
    assert (ended["containerID"], ended["exitCode"]) == (first["containerID"], 143)
    assert status["containerID"] != first["containerID"]
    asked = "involvedObject.name=stopped,reason=Pulling"
    _, pulling, _ = client.run("get", "events", f"--field-selector={asked}", "-o", "jsonpath={.items[*].count}")
    assert pulling == b"2"


def test_at_a_terminal(client: Client, pods: list[str], typists: list[Typist]) -> None:
    pods.append("typed")
    debug_pod(client, "typed", "/bin/sh", tty=True)
    client.run("wait", "--for=jsonpath={.status.phase}=Running", "pod/typed", "--timeout=20s")
    image = client.lab.push({"node.war": b"x"}, "debugging/app:v1").name
    command = [kubectl.find(), "--kubeconfig", str(client.lab.kubeconfig), "attach", "-it", "typed"]
    typists.append(typist := Typist(command))
    typist.until(rb"sh-5\.1# ")
    typist.type(b"chroot /host\r")
    typist.until(rb"sh-5\.1# ")
    typist.type(f"crictl pull {image}\r".encode())
    found = re.search(rb"up to date for ([0-9a-f]{64})", typist.until(rb"up to date for [0-9a-f]{64}\r\n"))
    assert found is not None
    typist.type(b"crictl images\r")
    typist.until(rb"debugging/app +v1 +[0-9a-f]{13} ")
    typist.type(b"crictl rmi " + found[1][:13] + b"\r")
    typist.until(f"Deleted: {image}\r\n".encode())
    typist.type(b"crictl rmi nosuch:v1\r")
    typist.until(rb"\x1b\[31mERRO\x1b\[0m\[0000\] no such image nosuch:v1 ")
    typist.type(b"exit\r")
    typist.until(rb"sh-5\.1# ")
    typist.type(b"exit 0\r")
    assert typist.leave()[0] == 0


def test_other_paths_of_the_node_are_refused(client: Client, pods: list[str]) -> None:
    pods.append("etc")
    debug_pod(client, "etc", "/bin/sh", path="/etc")
    said = 'MountVolume.SetUp failed for volume "host" : hostPath /etc is not supported by this node'
    seen = b""
    while said.encode() not in seen:
        _, seen, _ = client.run(
            "get", "events", "--field-selector=involvedObject.name=etc", "-o", "jsonpath={..message}"
        )


def test_what_is_not_on_the_nodes_root_has_no_way_to_it(client: Client) -> None:
    options = ("--image", client.image(), "--restart=Never", "--rm", "-i", "--quiet")
    code, out, error = client.run("run", "outside", *options, "--command", "--", "chroot", "/", "crictl", "images")
    assert (code, "failed to run command 'crictl': No such file or directory" in out.decode() + error) == (127, True)
