"""The end of pods on a node."""

import asyncio

from tests.node.world import IMAGE, NS, World, pod

from pullscope.cri.api import CriError
from pullscope.kube import resources


async def test_a_deleted_pod_is_stopped_reported_and_removed(world: World) -> None:
    await world.run()
    await world.delete()
    assert (await world.told())[-1] == "Killing x1 Stopping container app"
    assert ("stop_container", "container2 30") in world.runtime.calls
    last = [change.object["status"] for change in world.pods if change.type == "MODIFIED"][-1]
    assert last["phase"] == "Succeeded"
    assert last["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 0
    assert world.pods[-1].type == "DELETED"
    assert (world.runtime.sandboxes, world.runtime.containers) == ({}, {})
    assert list((world.root / "pods").glob("*")) == list((world.root / "logs").glob("*")) == []


async def test_the_grace_period_is_the_deletions(world: World) -> None:
    await world.run()
    await world.delete(grace=7)
    assert ("stop_container", "container2 7") in world.runtime.calls


async def test_a_forced_deletion_leaves_nothing(world: World) -> None:
    await world.run()
    await world.delete(grace=0)
    assert ("stop_container", "container2 1") in world.runtime.calls
    assert (world.runtime.sandboxes, world.runtime.containers) == ({}, {})


async def test_a_pod_that_waits_is_removed_at_once(world: World) -> None:
    await world.run(container={"image": "127.0.0.1:5001/m/none:v1"})
    await world.delete()
    assert world.pods[-1].type == "DELETED"
    assert world.runtime.sandboxes == {}


async def test_a_deletion_interrupts_a_pull(world: World) -> None:
    world.images.gate = asyncio.Event()
    await world.api.create(resources.PODS, NS, pod(container={"imagePullPolicy": "Always"}))
    while ("pull", IMAGE) not in world.images.calls:
        await world.clock.sleep(0)
    await world.delete()
    assert world.pods[-1].type == "DELETED"
    assert world.runtime.sandboxes == {}
    assert list((world.root / "image_manager" / "pulling").iterdir()) == []


async def test_a_container_that_cannot_be_stopped_is_tried_again(world: World) -> None:
    await world.run()
    world.runtime.refuse["stop_container"] = CriError("busy")
    await world.delete()
    assert (await world.told())[-1] == "FailedKillPod x1 error killing pod: busy"
    world.runtime.refuse.clear()
    await world.advance(10)
    assert world.pods[-1].type == "DELETED"


async def test_an_ended_pod_that_cannot_be_removed_is_tried_again(world: World) -> None:
    await world.run()
    world.runtime.refuse["remove_container"] = CriError("busy")
    await world.delete()
    assert (await world.pod())["status"]["phase"] == "Succeeded"
    world.runtime.refuse.clear()
    await world.advance(10)
    assert world.pods[-1].type == "DELETED"


async def test_a_new_pod_of_the_same_name_is_another_one(world: World) -> None:
    await world.run()
    await world.delete()
    await world.run()
    assert (await world.container())["restartCount"] == 0
    assert len({change.object["metadata"]["uid"] for change in world.pods}) == 2
