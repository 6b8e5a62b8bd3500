"""exec and attach as the real kubectl sees them, in a whole lab."""

import hashlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from tests.lab.typist import Typist

from pullscope.testing import kubectl
from pullscope.testing.lab import Lab

LARGE = bytes(range(256)) * 40_000  # 10 MB


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: bytes
    error: str


@dataclass(frozen=True)
class User:
    """Who types kubectl commands about one namespace; the pod `app` runs there."""

    lab: Lab
    namespace: str
    image: str

    def command(self, *arguments: str) -> list[str]:
        return [kubectl.find(), "--kubeconfig", str(self.lab.kubeconfig), "-n", self.namespace, *arguments]

    def start(self, name: str) -> None:
        """Make a pod, and wait until it runs."""
        self.run("run", name, f"--image={self.image}")
        self.run("wait", "--for=condition=Ready", f"pod/{name}", "--timeout=30s")

    def run(self, *arguments: str, given: bytes = b"") -> Done:
        done = subprocess.run(self.command(*arguments), input=given, capture_output=True, check=False, timeout=30)
        return Done(done.returncode, done.stdout, done.stderr.decode())


@pytest.fixture(scope="module")
def user(pullscope_lab: Lab) -> Iterator[User]:
    try:
        kubectl.find()
    except kubectl.MissingKubectlError as error:
        pytest.skip(str(error))
    image = pullscope_lab.push({"large.war": LARGE}, "streams/app:v1")
    namespace = pullscope_lab.create_namespace("streams")
    made = User(pullscope_lab, namespace, image.name)
    made.start("app")
    yield made
    pullscope_lab.delete_namespace(namespace)


def test_commands(user: User) -> None:
    script = "echo out; cat nosuch; exit 7"
    errors = "cat: nosuch: No such file or directory\ncommand terminated with exit code 7\n"
    assert user.run("exec", "app", "--", "sh", "-c", script) == Done(7, b"out\n", errors)
    assert user.run("exec", "-i", "app", "--", "cat", given=b"hi\n") == Done(0, b"hi\n", "")
    missing = (
        "executable file `tar` not found in $PATH: No such file or directory\ncommand terminated with exit code 1\n"
    )
    assert user.run("exec", "app", "--", "tar") == Done(1, b"", missing)
    copied = user.run("cp", "app:/deployments/large.war", "large.war")
    assert copied.code == 1
    assert "executable file `tar` not found in $PATH" in (copied.out.decode() + copied.error)


def test_what_is_refused(user: User) -> None:
    gone = user.run("exec", "nosuch", "--", "ls")
    assert gone == Done(1, b"", 'Error from server (NotFound): pods "nosuch" not found\n')
    forwarded = user.run("port-forward", "app", "8080:80")
    assert forwarded.error.endswith("pods/portforward is not served here, for there is no pod network\n")
    debugged = user.run("debug", "app", "--image=busybox")
    assert "ephemeral containers are disabled for this cluster" in debugged.error
    user.run("run", "over", f"--image={user.image}", "--restart=Never", "--command", "--", "true")
    user.run("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/over", "--timeout=30s")
    ended = user.run("exec", "over", "--", "ls")
    assert ended.error == "error: cannot exec into a container in a completed pod; current phase is Succeeded\n"


def test_much_goes_through_both_ways(user: User) -> None:
    read = user.run("exec", "app", "--", "cat", "/deployments/large.war")
    assert (read.code, hashlib.sha256(read.out).digest()) == (0, hashlib.sha256(LARGE).digest())
    echoed = user.run("exec", "-i", "app", "--", "cat", given=LARGE)
    assert (echoed.code, hashlib.sha256(echoed.out).digest()) == (0, hashlib.sha256(LARGE).digest())


def test_attach_follows_a_program_to_its_end(user: User) -> None:
    user.start("watched")
    command = user.command("attach", "watched")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    ) as attached:
        assert attached.stderr is not None
        while b"press" not in attached.stderr.readline():
            pass
        user.run("delete", "pod", "watched", "--grace-period=1")
        out, _ = attached.communicate(timeout=30)
    assert (attached.returncode, out) == (0, b"")


def test_a_pod_of_ones_own_without_a_terminal(user: User) -> None:
    options = ("run", "tool", "-i", "--rm", f"--image={user.image}", "--restart=Never", "--quiet")
    done = user.run(*options, "--command", "--", "sh", given=b"ls /deployments\nexit 3\n")
    assert (done.code, done.out.splitlines()[0]) == (3, b"large.war")
    assert user.run("get", "pod", "tool").code == 1


# ------------------------------------------------------------------------------------------------ at a terminal


def test_a_shell_at_a_terminal(user: User, typists: list[Typist]) -> None:
    typists.append(typist := Typist(user.command("exec", "-it", "app", "--", "sh")))
    typist.until(rb"J")  # the prompt is drawn again for the size of the terminal
    typist.type(b"echo $COLUMNS x $LINEX\x7fS\r")
    typist.until(rb"\r\n80 x 24\r\n/ \$ ")
    typist.type(b"echo go; sleep 100\r")
    typist.until(rb"\ngo\r\n")
    typist.type(b"\x03")
    typist.until(rb"\^C\r\n/ \$ ")
    typist.type(b"echo $?; exit 5\r")
    code, shown = typist.leave()
    assert (code, shown) == (5, b"echo $?; exit 5\r\n130\r\ncommand terminated with exit code 5\r\n")


def test_a_pod_of_ones_own_at_a_terminal(user: User, typists: list[Typist]) -> None:
    options = ("run", "tool", "-it", "--rm", f"--image={user.image}", "--restart=Never")
    typists.append(typist := Typist(user.command(*options, "--command", "--", "sh")))
    typist.until(rb"/ \$ ")
    typist.type(b"ls /deployments\r")
    typist.until(rb"large.war\r\n")
    typist.type(b"exit 3\r")
    code, shown = typist.leave()
    assert (code, b'pod "tool" deleted' in shown) == (3, True)
