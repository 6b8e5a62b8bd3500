"""The real kubectl as the judge, over HTTPS: what people type, and what they read."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.apiserver.kubectl import Kubectl
from tests.apiserver.support import FakeKubelet, deployment, pod

from pullscope.apiserver.resources.all_kinds import ALL, READ_ONLY, REVIEWS, VIEWS
from pullscope.base.clock import SystemClock
from pullscope.kube import resources
from pullscope.kube.api import Api, DeleteOptions, LogOptions


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


async def run(api: Api, name: str, status: dict[str, Any]) -> None:
    """Put pod `name` on node crc with that status, as scheduler and kubelet do."""
    binding = {"metadata": {"name": name}, "target": {"kind": "Node", "name": "crc"}}
    await api.create(resources.PODS, "demo", binding, subresource="binding")
    bound = await api.get(resources.PODS, "demo", name)
    bound["status"] = {**bound["status"], **status}
    await api.update(resources.PODS, "demo", bound, subresource="status")


FAILING = {
    "phase": "Pending",
    "podIPs": [{"ip": "10.217.0.9"}],
    "containerStatuses": [
        {
            "name": "app",
            "image": "registry.example/app:v1",
            "imageID": "",
            "ready": False,
            "restartCount": 0,
            "state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}},
        }
    ],
}


async def test_get_and_describe(kubectl: Kubectl, api: Api) -> None:
    await api.create(resources.PODS, "demo", pod())
    await run(api, "web", FAILING)
    about = {
        "kind": "Pod",
        "namespace": "demo",
        "name": "web",
        "uid": (await api.get(resources.PODS, "demo", "web"))["metadata"]["uid"],
    }
    event = {
        "metadata": {"name": "web.1"},
        "involvedObject": about,
        "type": "Normal",
        "reason": "Pulling",
        "message": "Pulling image",
    }
    await api.create(resources.EVENTS, "demo", event)
    lines = (await kubectl("get", "pods")).splitlines()
    assert lines[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert lines[1].split()[:4] == ["web", "0/1", "ImagePullBackOff", "0"]
    wide = (await kubectl("get", "pods", "-o", "wide")).splitlines()[1].split()
    assert wide[5:] == ["10.217.0.9", "crc", "<none>", "<none>"]
    assert (await kubectl("get", "pods", "-o", "name")) == "pod/web\n"
    assert yaml.safe_load(await kubectl("get", "pod", "web", "-o", "yaml"))["spec"]["nodeName"] == "crc"
    described = await kubectl("describe", "pod", "web")
    assert "Reason:       ImagePullBackOff" in described
    assert "Pulling image" in described
    assert "Pulling" in await kubectl("events")
    assert "pod/web" in await kubectl("get", "events")
    assert "web" in await kubectl("get", "all", "-A")
    assert (await kubectl("get", "pod", "nosuch", code=1)) == 'Error from server (NotFound): pods "nosuch" not found\n'


async def test_apply(kubectl: Kubectl, tmp_path: Path) -> None:
    file = tmp_path / "web.yaml"

    async def apply(manifest: Any, **options: Any) -> str:
        file.write_text(yaml.safe_dump(manifest), encoding="utf-8")
        return await kubectl("apply", "-f", str(file), **options)

    assert await apply(deployment()) == "deployment.apps/web created\n"
    assert await apply(deployment()) == "deployment.apps/web unchanged\n"
    assert await apply(deployment(image="registry.example/app:v2")) == "deployment.apps/web configured\n"
    wrong = deployment("wrong")
    container = wrong["spec"]["template"]["spec"]["containers"][0]
    container["imagePullPolicy"] = "Sometimes"
    assert await apply(wrong, code=1) == (
        'The Deployment "wrong" is invalid: spec.template.spec.containers[0].imagePullPolicy: '
        'Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"\n'
    )
    container["imagePulPolicy"] = container.pop("imagePullPolicy")
    strict = 'strict decoding error: unknown field "spec.template.spec.containers[0].imagePulPolicy"'
    assert strict in await apply(wrong, code=1)
    file.write_text(yaml.safe_dump(wrong), encoding="utf-8")
    assert await kubectl("apply", "--validate=ignore", "-f", str(file)) == "deployment.apps/wrong created\n"


async def test_everyday_changes(kubectl: Kubectl, api: Api) -> None:
    created = await kubectl("create", "deployment", "web", "--image=registry.example/app:v1")  # a protobuf body
    assert created == "deployment.apps/web created\n"
    assert (
        await kubectl("set", "image", "deployment/web", "app=registry.example/app:v2")
        == "deployment.apps/web image updated\n"
    )
    assert await kubectl("scale", "deployment/web", "--replicas=3") == "deployment.apps/web scaled\n"
    assert (
        await kubectl("scale", "deployment/web", "--current-replicas=3", "--replicas=2")
        == "deployment.apps/web scaled\n"
    )
    assert await kubectl("label", "deployment", "web", "a=b") == "deployment.apps/web labeled\n"
    assert await kubectl("annotate", "deployment", "web", "c=d") == "deployment.apps/web annotated\n"
    assert await kubectl("rollout", "restart", "deployment/web") == "deployment.apps/web restarted\n"
    policy = [{"name": "app", "imagePullPolicy": "Always"}]
    patch = json.dumps({"spec": {"template": {"spec": {"containers": policy}}}})
    assert await kubectl("patch", "deployment", "web", "-p", patch) == "deployment.apps/web patched\n"
    made = await api.get(resources.DEPLOYMENTS, "demo", "web")
    container = made["spec"]["template"]["spec"]["containers"][0]
    assert (container["image"], container["imagePullPolicy"]) == ("registry.example/app:v2", "Always")
    assert (made["spec"]["replicas"], made["metadata"]["labels"]["a"]) == (2, "b")
    edited = await kubectl("get", "deployment", "web", "-o", "json")
    assert await kubectl("replace", "-f", "-", given=json.loads(edited)) == "deployment.apps/web replaced\n"
    assert await kubectl("create", "-f", "-", given=json.loads(edited), code=1) != ""
    deleted = await kubectl("delete", "deployment", "web")
    assert deleted == 'deployment.apps "web" deleted from demo namespace\n'


async def test_a_priority_class_of_ones_own(kubectl: Kubectl) -> None:
    created = await kubectl("create", "priorityclass", "mine", "--value=7", "--global-default=true")  # a protobuf body
    assert created == "priorityclass.scheduling.k8s.io/mine created\n"
    line = (await kubectl("get", "priorityclass", "mine", "--no-headers")).split()
    assert line[:3] == ["mine", "7", "true"]
    assert line[4] == "PreemptLowerPriority"
    second = await kubectl("create", "priorityclass", "other", "--value=8", "--global-default=true", code=1)
    assert "PriorityClass mine is already marked as globalDefault" in second


async def test_delete_waits_until_the_pod_is_gone(kubectl: Kubectl, api: Api) -> None:
    await api.create(resources.PODS, "demo", pod())
    await run(api, "web", {"phase": "Running"})
    deleting = await kubectl.start("delete", "pod", "web")
    async for event in api.watch(resources.PODS, "demo", resource_version="0"):
        if "deletionTimestamp" in event.object["metadata"]:
            break
    assert deleting.returncode is None
    await api.delete(resources.PODS, "demo", "web", DeleteOptions(grace_period_seconds=0))
    out, _ = await deleting.communicate()
    assert out.decode() == 'pod "web" deleted from demo namespace\n'


async def test_watch(kubectl: Kubectl, api: Api) -> None:
    watching = await kubectl.start("get", "pods", "-w", "--no-headers")
    assert watching.stdout is not None
    words = []
    await api.create(resources.PODS, "demo", pod())
    words.append((await watching.stdout.readline()).split()[2])
    await run(api, "web", FAILING)
    while words[-1] != b"ImagePullBackOff":
        words.append((await watching.stdout.readline()).split()[2])
    await api.delete(resources.PODS, "demo", "web")
    while words[-1] != b"Terminating":
        words.append((await watching.stdout.readline()).split()[2])
    watching.terminate()
    await watching.communicate()
    assert list(dict.fromkeys(words)) == [b"Pending", b"ImagePullBackOff", b"Terminating"]


async def test_logs(kubectl: Kubectl, api: Api, kubelet: FakeKubelet) -> None:
    await api.create(resources.PODS, "demo", pod())
    await run(api, "web", {"phase": "Running"})
    assert await kubectl("logs", "web") == "first\nsecond\n"
    assert await kubectl("logs", "-f", "web", "--tail=1") == "first\nsecond\n"
    assert [each.tail_lines for each in kubelet.asked if isinstance(each, LogOptions)] == [None, 1]
    assert await kubectl("logs", "web", "-c", "x", code=1) != ""


async def test_what_is_served(kubectl: Kubectl) -> None:
    listed = (await kubectl("api-resources", "--no-headers")).split("\n")
    served = [kind.resource.plural for kind in (*ALL, *REVIEWS, *VIEWS, *READ_ONLY)]
    assert sorted(line.split()[0] for line in listed if line) == sorted(served)
    assert "kubeadmin" in await kubectl("auth", "whoami")
    assert await kubectl("auth", "can-i", "create", "pods") == "yes\n"
    assert "Server Version: v1.36.2+pullscope-" in await kubectl("version")
    assert "Image pull policy" in await kubectl("explain", "pod.spec.containers.imagePullPolicy")
    assert "is running at" in await kubectl("cluster-info")
    assert await kubectl("create", "namespace", "another") == "namespace/another created\n"
    assert await kubectl("create", "secret", "generic", "s", "--from-literal=a=b") == "secret/s created\n"
    assert (await kubectl("get", "nodes")).splitlines()[1].split()[:3] == ["crc", "Unknown", "<none>"]
    path = "/api/v1/namespaces/demo/pods/x/ephemeralcontainers"
    assert "pods/ephemeralcontainers is not served here" in await kubectl("get", "--raw", path, code=1)


async def test_a_wrong_token(kubectl: Kubectl) -> None:
    message = "error: You must be logged in to the server (Unauthorized)\n"
    assert await kubectl("--token=wrong", "get", "--raw", "/api/v1/pods", code=1) == message


async def test_lists_in_pieces(kubectl: Kubectl, api: Api) -> None:
    for number in range(5):
        await api.create(resources.PODS, "demo", pod(f"p{number}"))
    names = [f"p{number}" for number in range(5)]
    printed = await kubectl("get", "pods", "--chunk-size=2")
    assert [line.split()[0] for line in printed.splitlines()] == ["NAME", *names]
    listed = json.loads(await kubectl("get", "pods", "-o", "json", "--chunk-size=2"))
    assert [item["metadata"]["name"] for item in listed["items"]] == names
