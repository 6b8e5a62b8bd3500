"""A node of each runtime against what real ones did: who may use its copy of a private image, and what a restart runs.

Pods on whole labs, in the order of the recordings. Where an exit code would be told the lab has its own: WASI knows no signals.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.lab import recordings
from tests.lab.recordings import World

from pullscope.base.clock import SystemClock
from pullscope.clusters import reflector
from pullscope.cri.api import ContainerState
from pullscope.cri.crictl.command import SOCKET, Crictl
from pullscope.cri.crictl.node import Node
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.pull import flavours
from pullscope.runtime.rootfs import Root
from pullscope.runtime.toolbox.context import Context

RUNTIMES = ("crio", "containerd")
_FIELDS = ("state", "lastState", "ready", "restartCount", "image", "imageID")
_SETTLING = ("ContainerCreating", "PodInitializing")
Told = Counter[tuple[str, str, str]]
"""Type, reason and message of events, and how often."""


async def run(here: World, row: Object, ref: str, namespace: str) -> None:
    """Make the pod, and wait until it runs or says why it does not."""
    container = {"name": "app", "image": ref, "imagePullPolicy": row["policy"]}
    spec: dict[str, Any] = {"containers": [container]}
    if row.get("secret"):
        spec["imagePullSecrets"] = [{"name": row["secret"]}]
    await here.lab.api.create(resources.PODS, namespace, {"metadata": {"name": row["pod"]}, "spec": spec})
    await pod(here, row, namespace)


def settled(found: Object) -> bool:
    statuses = found["status"].get("containerStatuses") or []
    return bool(statuses) and (statuses[0]["state"].get("waiting") or {}).get("reason") not in _SETTLING


async def pod(here: World, row: Object, namespace: str, *, restarts: int = 0) -> Object:
    """The status of the pod's container, once it is settled after so many restarts."""

    def there(found: Object) -> bool:
        return settled(found) and found["status"]["containerStatuses"][0]["restartCount"] >= restarts

    api, name = here.lab.api, row["pod"]
    found = await reflector.until(api, resources.PODS, namespace, name, clock=SystemClock(), true=there)
    return {"phase": found["status"]["phase"], **found["status"]["containerStatuses"][0]}


async def told(here: World, row: Object, namespace: str, wanted: Told) -> Told:
    """What the kubelet has told of the pod, and how often, once it has told all that is wanted."""
    while True:
        events = [
            event
            for event in (await here.lab.api.list(resources.EVENTS, namespace)).items
            if event["involvedObject"]["name"] == row["pod"] and event.get("count")
        ]
        found: Told = Counter()
        for event in events:
            found[event["type"], event["reason"], masked(here, event["message"])] += event["count"]
        if found >= wanted:
            return found
        await SystemClock().sleep(0.01)


def masked(here: World, text: str) -> str:
    text = text.replace(here.locked.host, "LOCKED")
    for pattern, mark in (
        (r"(embedded|cri-o|containerd)://[0-9a-f]{64}", "CONTAINER"),
        (r"\b(?<!sha256:)[0-9a-f]{64}\b", "ID"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
        (r"E\d{4} \S+\s+\d+ ", "E "),
        (r'"exitCode": 143', '"exitCode": 0'),
        (r'"reason": "Error"', '"reason": "Completed"'),
    ):
        text = re.sub(pattern, mark, text)
    return recordings.masked(text, here.lab.registry, "no cell")


def marked(here: World, value: Any) -> Any:
    return json.loads(masked(here, json.dumps(value)))


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_private_images(runtime: str) -> None:
    recorded = recordings.document(runtime, "private-reverify")
    async with recordings.world(flavours.OPTIONS[runtime]) as here:
        hosts = {"LOCKED": here.locked.host, "REGISTRY": here.lab.registry}
        digest = await here.push(f"{here.locked.host}/m/private:v1", "registry.war")
        await here.push(f"{here.locked.host}/m/private-preload:v1", "node.war")
        await here.push(f"{here.lab.registry}/m/private-public:v1", "registry.war")
        await here.images.pull_image(f"{here.locked.host}/m/private-preload:v1")
        here.locked.locked = True
        for name, secrets in (
            ("priv", {"good": "user:pass", "bad": "user:wrong"}),
            ("priv2", {"goodtoo": "user:pass"}),
        ):
            await here.namespace(name)
            for secret, password in secrets.items():
                await here.secret(name, secret, password)
        for row in recorded["pods"]:
            ref = row["image"].replace("DIGEST", digest)
            for mark, host in hosts.items():
                ref = ref.replace(mark, host)
            await run(here, row, ref, row["namespace"])
            found = marked(here, await pod(here, row, row["namespace"]))
            assert (row["pod"], found["phase"]) == (row["pod"], row["phase"])
            if "container" in row:
                loaded = runtime == "containerd" and "preload" in row["image"]  # loaded there, pulled here
                fields = [name for name in _FIELDS if not (loaded and name == "imageID")]
                assert {name: found[name] for name in fields} == {name: row["container"][name] for name in fields}
            if "events" in row:
                wanted = Counter((kind, reason, message) for kind, reason, message in row["events"])
                assert set(await told(here, row, row["namespace"], wanted)) == set(wanted)
            if row["pod"] == "a":
                assert record_of(here) == recorded["record"]


def record_of(here: World) -> Object:
    """The kubelet's only record of a pull; a secret's uid is another one each time."""
    (path,) = (here.lab.nodes[0].root / "image_manager" / "pulled").iterdir()
    record = json.loads(path.read_text(encoding="utf-8"))
    ((name, credentials),) = record["credentialMapping"].items()
    secrets = [{**each, "uid": "UID"} for each in credentials["kubernetesSecrets"]]
    mapping = {masked(here, name): {"kubernetesSecrets": secrets}}
    return {**marked(here, {**record, "credentialMapping": {}}), "credentialMapping": mapping}


async def crictl(here: World, root: Path, *words: str) -> list[str]:
    """The lines of a crictl command on the node, first those of stderr."""
    said = {1: b"", 2: b""}

    def write(stream: int, data: bytes) -> None:
        said[stream] += data

    async def flush() -> None:
        """Nobody need keep up."""

    kubelet = here.lab.nodes[0]
    node = Node(kubelet.images, kubelet.runtime, lambda _: {}, kubelet.images_changed)
    context = Context(Root(root), {}, "/", here.clock, write, flush)
    await Crictl(root / SOCKET.lstrip("/"), lambda: node).run(context, words)
    return masked(here, (said[2] + said[1]).decode()).splitlines()


async def stop(here: World, row: Object) -> None:
    """End the pod's running container, as `crictl stop` does."""
    runtime = here.lab.nodes[0].runtime
    (running,) = [
        each
        for each in await runtime.list_containers()
        if each.labels["io.kubernetes.pod.name"] == row["pod"] and each.state is ContainerState.RUNNING
    ]
    await runtime.stop_container(running.id, 1)


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_restarts(runtime: str, tmp_path: Path) -> None:
    recorded = recordings.document(runtime, "restarts")
    async with recordings.world(flavours.OPTIONS[runtime]) as here:
        await here.namespace("cri")
        for row in recorded["pods"]:
            ref = row["image"].replace("REGISTRY", here.lab.registry)
            if row["on_node"]:
                await here.push(ref, "node.war")
                await here.images.pull_image(ref)
            await here.push(ref, "registry.war")
            await run(here, row, ref, "cri")
            if row["rmi"] is None:
                await here.push(ref, "node.war", "moved-2")
            else:
                assert await crictl(here, tmp_path, "rmi", ref) == row["rmi"]
            await stop(here, row)
            wanted = Counter({(kind, reason, message): count for kind, reason, count, message in row["events"]})
            assert await told(here, row, "cri", wanted) == wanted
            after = await pod(here, row, "cri", restarts=row["after"]["restartCount"])
            assert {name: marked(here, after[name]) for name in _FIELDS} == {
                name: row["after"][name] for name in _FIELDS
            }
            async with await here.get(f"/api/v1/namespaces/cri/pods/{row['pod']}/log?follow=true") as answer:
                assert (await answer.content.readline()).decode() == f"{row['logs']}\n"  # once it is written


@asynccontextmanager
async def hurried(here: World, *, limit: float = 1) -> AsyncIterator[None]:
    """Nobody waits for less than `limit` seconds: controllers gather their work for moments, kubelets try again later."""

    async def hurry() -> None:
        while True:
            await SystemClock().sleep(0.01)
            wake = here.clock.next_wake()
            if wake is not None and wake < limit:
                here.clock.advance(wake)

    hurrying = asyncio.create_task(hurry())
    try:
        yield
    finally:
        hurrying.cancel()
        await asyncio.wait((hurrying,))


def runs(found: Object) -> bool:
    return bool(found["status"].get("phase") == "Running")


async def replicas(here: World, wanted: Object) -> None:
    """Wait until the Deployment tells these numbers."""

    def told_so(found: Object) -> bool:
        return {name: found["status"].get(name, 0) for name in wanted} == wanted

    await reflector.until(here.lab.api, resources.DEPLOYMENTS, "demo", "app", clock=SystemClock(), true=told_so)


async def other_pod(here: World, known: set[str], true: Callable[[Object], bool]) -> Object:
    """The pod that is none of the known ones, as soon as it is true of it."""
    async for change in reflector.follow(here.lab.api, resources.PODS, "demo", SystemClock()):
        if change.type != "DELETED" and change.object["metadata"]["name"] not in known and true(change.object):
            return change.object
    raise AssertionError("the watch does not end")


def waits(found: Object) -> bool:
    statuses = found["status"].get("containerStatuses") or [{"state": {}}]
    return bool((statuses[0]["state"].get("waiting") or {}).get("reason") == "RegistryUnavailable")


async def test_a_registry_that_is_away_during_a_rollout() -> None:
    """With CRI-O and Always, as recorded: the old pod runs on; without it nothing does; the registry's return is enough."""
    async with recordings.world("cri-o") as here, hurried(here):
        api, ref = here.lab.api, f"{here.gone.host}/m/outage:v1"
        await here.push(ref, "registry.war")
        await here.namespace("demo")
        await here.deploy("demo", {"containers": [{"name": "app", "image": ref, "imagePullPolicy": "Always"}]})
        old = (await other_pod(here, set(), runs))["metadata"]["name"]
        await here.gone.sleep()
        again = {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-11-21T12:00:00Z"}}}
        await api.patch(resources.DEPLOYMENTS, "demo", "app", {"spec": {"template": again}}, type="strategic")
        new = (await other_pod(here, {old}, waits))["metadata"]["name"]
        # rollout status: 1 old replicas are pending termination...; get deploy: 1/1 1 1
        await replicas(here, {"replicas": 2, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1})
        assert runs(await api.get(resources.PODS, "demo", old))
        await api.delete(resources.PODS, "demo", old)
        await other_pod(here, {old, new}, waits)  # the old ReplicaSet's
        await replicas(here, {"readyReplicas": 0})
        await here.gone.wake()
        async with hurried(here, limit=16):
            await reflector.until(api, resources.PODS, "demo", new, clock=SystemClock(), true=runs)
            await replicas(here, {"readyReplicas": 1, "updatedReplicas": 1})
