"""The kubelet as a whole: it comes and goes, its pods stay; it follows the API; it answers for logs."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from tests.node.fakes import image
from tests.node.world import IMAGE, NS, World, pod, world

from pullscope.cri.api import CriError
from pullscope.kube import resources, status
from pullscope.kube.api import DeleteOptions, WatchEvent
from pullscope.kube.resources import Resource
from pullscope.node.kubelet import NodeKubelet


async def test_a_restarted_kubelet_finds_its_pods(world: World) -> None:
    await world.run()
    before = await world.pod()
    await world.restart(world.kubelet.options)
    assert (await world.pod())["status"] == before["status"]
    assert len(world.runtime.containers) == 1
    world.runtime.end(world.runtime.only().id, 0)
    await world.quiet()
    assert (await world.container())["restartCount"] == 1


async def test_containers_that_ended_meanwhile_are_started_again(world: World) -> None:
    await world.run()
    await world.stop()
    await world.runtime.stop_pod_sandbox("sandbox1")
    await world.restart(world.kubelet.options)
    assert (await world.container())["restartCount"] == 1
    assert (await world.pod())["status"]["phase"] == "Running"


async def test_a_runtime_that_lost_everything_is_given_its_pods_again(world: World) -> None:
    await world.run()
    await world.stop()
    world.runtime.sandboxes.clear()
    world.runtime.containers.clear()
    await world.restart(world.kubelet.options)
    container = await world.container()
    assert (container["restartCount"], world.runtime.only().attempt) == (1, 1)
    assert container["lastState"]["terminated"]["reason"] == "ContainerStatusUnknown"
    assert "running" in container["state"]


async def test_a_lost_init_container_is_counted_as_restarted(world: World) -> None:
    await world.run(initContainers=[{"name": "init", "image": IMAGE, "imagePullPolicy": "IfNotPresent"}])
    await world.stop()
    world.runtime.sandboxes.clear()
    world.runtime.containers.clear()
    await world.restart(world.kubelet.options)
    (init,) = (await world.pod())["status"]["initContainerStatuses"]
    assert (init["restartCount"], world.runtime.only("init").attempt) == (1, 1)


async def test_what_is_left_of_pods_that_are_gone_is_removed(world: World) -> None:
    made = await world.run()
    await world.stop()
    await world.api.delete(resources.PODS, NS, "p", DeleteOptions(grace_period_seconds=0))
    await world.restart(world.kubelet.options)
    assert (world.runtime.sandboxes, world.runtime.containers) == ({}, {})
    assert not (world.root / "pods" / made["metadata"]["uid"]).exists()


async def test_directories_of_pods_that_are_gone_are_removed(world: World) -> None:
    """A kubelet that is killed between a pod's volumes and its sandbox leaves nothing in the runtime."""
    kept = (await world.run())["metadata"]["uid"]
    await world.stop()
    gone = "58297f76-631e-4480-887f-4921a4946d09"
    (world.root / "pods" / gone / "v").mkdir(parents=True)
    (world.root / "pods" / kept).mkdir(parents=True, exist_ok=True)
    (world.root / "logs" / f"demo_p_{gone}").mkdir()
    await world.restart(world.kubelet.options)
    assert [path.name for path in (world.root / "pods").iterdir()] == [kept]
    assert [path.name for path in (world.root / "logs").iterdir()] == [f"demo_p_{kept}"]
    assert (await world.container())["restartCount"] == 0


async def test_a_deletion_that_was_missed_is_made_up_for(world: World) -> None:
    await world.run()
    await world.stop()
    await world.api.delete(resources.PODS, NS, "p")
    await world.restart(world.kubelet.options)
    assert world.pods[-1].type == "DELETED"
    assert world.runtime.sandboxes == {}


class Forgetful:
    """An API whose watches end after each event: by a word (the server closed them) or as expired."""

    def __init__(self, api: Any, *, expired: bool) -> None:
        self._api = api
        self._expired = expired

    def __getattr__(self, name: str) -> Any:
        return getattr(self._api, name)

    async def watch(
        self, resource: Resource, namespace: str | None = None, **options: str
    ) -> AsyncGenerator[WatchEvent, None]:
        async for event in self._api.watch(resource, namespace, **options):
            yield event
            break
        if self._expired:
            raise status.expired("too old resource version")


@pytest.mark.parametrize("expired", [True, False])
async def test_a_watch_that_ends_is_begun_anew(tmp_path: Path, *, expired: bool) -> None:
    async with world(tmp_path) as where:
        where.kubelet = NodeKubelet(
            "crc", Forgetful(where.api, expired=expired), where.runtime, where.images, where.clock, tmp_path
        )
        await where.start()
        for name in ("a", "b"):
            await where.run(name=name)
        assert [(await where.pod(name))["status"]["phase"] for name in ("a", "b")] == ["Running", "Running"]
        await where.delete("a")
        assert where.pods[-1].type == "DELETED"


async def test_pods_of_other_nodes_are_not_its_business(world: World) -> None:
    await world.run(nodeName="other")
    assert (await world.pod())["status"]["phase"] == "Pending"
    assert world.runtime.sandboxes == {}


async def test_the_node_registers(world: World) -> None:
    node = await world.api.get(resources.NODES, None, "crc")
    conditions = {c["type"]: (c["status"], c["reason"], c["message"]) for c in node["status"]["conditions"]}
    assert conditions["Ready"] == ("True", "KubeletReady", "kubelet is posting ready status")
    assert node["metadata"]["labels"]["kubernetes.io/hostname"] == "crc"
    assert node["status"]["nodeInfo"]["containerRuntimeVersion"] == "cri-o://1.0"
    assert node["status"]["nodeInfo"]["kubeletVersion"] == "v1.36.2"
    found = (await world.api.list(resources.EVENTS, "default")).items
    assert [event["reason"] for event in found] == ["Starting", "NodeReady"]


async def test_a_pulled_image_is_in_the_nodes_status_at_once(world: World) -> None:
    ref = "127.0.0.1:5001/m/new:v1"
    world.images.registry[ref] = image(ref, "new", size=9_999_999)
    await world.run(container={"image": ref})
    names = image(ref, "new")
    listed = (await world.api.get(resources.NODES, None, "crc"))["status"]["images"]
    assert listed[0] == {"names": [*names.repo_digests, ref], "sizeBytes": 9_999_999}
    await world.images.remove_image(ref)
    world.kubelet.images_changed()
    await world.quiet()
    assert len((await world.api.get(resources.NODES, None, "crc"))["status"]["images"]) == 1


# ------------------------------------------------------------------------- logs


async def test_following_a_log_ends_with_the_container(world: World) -> None:
    await world.run(restartPolicy="Never")
    lines: list[str] = []

    async def follow() -> None:
        lines.append(await world.log(follow=True))

    following = asyncio.create_task(follow())
    path = next((world.root / "logs").rglob("0.log"))
    await world.clock.sleep(0)
    with path.open("a", newline="\n") as file:
        file.write("2026-01-01T00:00:01.000000000Z stdout F more\n")
    world.clock.advance(0.1)
    await world.quiet()
    assert not following.done()
    world.runtime.end(world.runtime.only().id, 0)
    while not following.done():
        await world.clock.sleep(0)
        world.clock.advance(0.1)
    assert lines[0].splitlines()[1:] == ["ready", "more"]


async def test_a_log_that_is_too_long_is_rotated_and_followed_on(world: World) -> None:
    await world.run(restartPolicy="Never")
    path = next((world.root / "logs").rglob("0.log"))
    with path.open("ab") as file:
        file.truncate(10 * 2**20 - 1)
        file.write(b"\n")
    lines: list[str] = []

    async def follow() -> None:
        lines.append(await world.log(follow=True))

    following = asyncio.create_task(follow())
    await world.advance(10)
    while not path.exists() or path.stat().st_size:
        await world.clock.sleep(0)
    assert len(list(path.parent.iterdir())) == 2
    path.write_bytes(b"2026-01-01T00:00:11.000000000Z stdout F after\n")
    await world.advance(1)
    assert await world.log() == "after\n"
    world.runtime.end(world.runtime.only().id, 0)
    while not following.done():
        await world.clock.sleep(0)
        world.clock.advance(0.1)
    assert lines[0].splitlines()[1:] == ["ready", "after"]
    await world.delete()
    assert not path.parent.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, 'container "app" in pod "p" is waiting to start: ErrImageNeverPull'),
        ({"previous": True}, 'previous terminated container "app" in pod "p" not found'),
        ({"container": "other"}, 'container "other" in pod "p" is not available'),
    ],
)
async def test_there_is_no_log(world: World, options: dict[str, Any], message: str) -> None:
    ref = "127.0.0.1:5001/m/none:v1"
    await world.run(container={"image": ref, "imagePullPolicy": "Never"})
    with pytest.raises(status.ApiError) as refused:
        await world.log(**options)
    assert (refused.value.code, refused.value.message) == (400, message)


async def test_a_container_that_was_removed_by_others_has_no_log(world: World) -> None:
    await world.run()
    await world.runtime.remove_container(world.runtime.only().id)
    with pytest.raises(status.ApiError) as refused:
        await world.log()
    assert refused.value.message.startswith("unable to retrieve container logs for container")


async def test_a_runtime_that_does_not_answer_is_an_error_at_the_start(tmp_path: Path) -> None:
    async with world(tmp_path) as where:

        async def refuse() -> Any:
            raise CriError("no runtime here", code="Unavailable")

        where.runtime.version = refuse  # type: ignore[method-assign]  # one call of a fake
        with pytest.raises(CriError, match="no runtime here"):
            await where.kubelet.run()


async def test_a_bug_in_one_pod_does_not_stop_the_others(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await world.api.create(resources.PODS, NS, pod("bad"))
    await world.quiet()
    broken = world.kubelet._dispatcher
    assert broken is not None
    worker = next(work for work in broken._work.values())
    worker.pod.pod = {**worker.pod.pod, "spec": {}}  # what no API server lets in
    await world.runtime.stop_pod_sandbox("sandbox1")
    await world.quiet()
    assert "sync failed" in caplog.text
    await world.run(name="good")
    assert (await world.pod("good"))["status"]["phase"] == "Running"


async def test_a_bug_while_a_pod_is_removed_does_not_stop_the_others(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.run(name="bad")
    remove = world.runtime.remove_pod_sandbox

    async def broken(pod_sandbox_id: str) -> None:
        raise AssertionError(pod_sandbox_id)

    world.runtime.remove_pod_sandbox = broken  # type: ignore[method-assign]  # one call of a fake
    await world.api.delete(resources.PODS, NS, "bad")
    await world.quiet()
    assert "cannot be removed" in caplog.text
    await world.run(name="good")
    assert (await world.pod("good"))["status"]["phase"] == "Running"
    world.runtime.remove_pod_sandbox = remove  # type: ignore[method-assign]  # as above
    await world.advance(10)
    assert [pod["metadata"]["name"] for pod in (await world.api.list(resources.PODS, NS)).items] == ["good"]
