"""Writing a pod's status: only what differs, only to that very pod."""

from tests.node.world import NS, World, pod

from pullscope.kube import resources
from pullscope.kube.api import DeleteOptions
from pullscope.node import status
from pullscope.node.statuswriter import StatusWriter


async def other_nodes_pod(world: World) -> StatusWriter:
    made = await world.api.create(resources.PODS, NS, pod(nodeName="other"))
    return StatusWriter(world.api, made)


async def test_nothing_new_writes_nothing(world: World) -> None:
    writer = await other_nodes_pod(world)
    before = (await world.pod())["metadata"]["resourceVersion"]
    await writer.write(dict(writer.stored))
    assert (await world.pod())["metadata"]["resourceVersion"] == before
    await writer.write({**writer.stored, "phase": "Running"})
    assert (await world.pod())["status"]["phase"] == "Running"
    assert writer.stored["phase"] == "Running"


async def test_what_others_wrote_is_kept_and_older_news_are_passed_over(world: World) -> None:
    writer = await other_nodes_pod(world)
    old = await world.pod()
    patch = {"status": {"nominatedNodeName": "theirs"}}
    new = await world.api.patch(resources.PODS, NS, "p", patch, subresource="status")
    writer.seen(new)
    writer.seen(old)
    assert writer.stored["nominatedNodeName"] == "theirs"


async def test_a_pod_that_is_gone_or_another_is_left_alone(world: World) -> None:
    writer = await other_nodes_pod(world)
    await world.api.delete(resources.PODS, NS, "p", DeleteOptions(grace_period_seconds=0))
    await writer.write({"phase": "Running"})
    await writer.delete()
    await other_nodes_pod(world)
    await writer.write({"phase": "Failed"})
    await writer.delete()
    assert (await world.pod())["status"]["phase"] == "Pending"


async def test_what_others_write_in_the_same_moment_stays(world: World) -> None:
    writer = await other_nodes_pod(world)
    await writer.write({**writer.stored, "conditions": [{"type": "Ready", "status": "False", "reason": "why"}]})
    theirs = {"type": "example.com/gate", "status": "True"}
    patch = {"status": {"conditions": [theirs], "nominatedNodeName": "theirs"}}
    await world.api.patch(resources.PODS, NS, "p", patch, type="strategic", subresource="status")
    await writer.write({**writer.stored, "phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]})
    found = (await world.pod())["status"]
    never = {"lastProbeTime": None, "lastTransitionTime": None}
    assert found["conditions"] == [{**theirs, **never}, {"type": "Ready", "status": "True", **never}]
    assert (found["phase"], found["nominatedNodeName"]) == ("Running", "theirs")
    assert writer.stored == found


def test_the_difference_of_two_statuses() -> None:
    old = {"phase": "Pending", "podIP": "1", "conditions": [{"type": "a"}], "same": {"k": 1}}
    new = {"phase": "Running", "conditions": [{"type": "b"}], "same": {"k": 1}, "more": {}}
    assert status.difference(old, new) == {
        "phase": "Running",
        "conditions": [{"type": "b"}],
        "more": {},
        "podIP": None,
    }
