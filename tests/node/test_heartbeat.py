"""When the node reports: at once for its images, every 10 s what changed, every 5 minutes anyway."""

from tests.node.fakes import image
from tests.node.world import World

from pullscope.kube import resources
from pullscope.kube.api import DeleteOptions, Object


async def node(world: World) -> Object:
    return await world.api.get(resources.NODES, None, "crc")


async def test_a_quiet_node_writes_nothing_for_five_minutes(world: World) -> None:
    before = (await node(world))["metadata"]["resourceVersion"]
    await world.advance(295)
    assert (await node(world))["metadata"]["resourceVersion"] == before
    await world.advance(20)
    found = await node(world)
    assert found["metadata"]["resourceVersion"] != before
    ready = found["status"]["conditions"][-1]
    assert ready["lastHeartbeatTime"] == "2026-01-01T00:05:00Z"
    assert ready["lastTransitionTime"] == "2026-01-01T00:00:00Z"


async def test_what_others_do_to_the_images_shows_within_ten_seconds(world: World) -> None:
    world.images.load(image("r/other:v1", "other", size=10**9))
    await world.advance(10)
    assert (await node(world))["status"]["images"][0]["sizeBytes"] == 10**9


async def test_a_node_that_was_there_is_taken_over(world: World) -> None:
    patch = {"metadata": {"labels": {"mine": "x", "kubernetes.io/arch": "old"}}}
    await world.api.patch(resources.NODES, None, "crc", patch)
    await world.restart(world.kubelet.options)
    labels = (await node(world))["metadata"]["labels"]
    assert labels["mine"] == "x"
    assert labels["kubernetes.io/arch"] != "old"


async def test_a_node_that_was_deleted_does_not_stop_the_kubelet(world: World) -> None:
    await world.api.delete(resources.NODES, None, "crc", DeleteOptions())
    world.kubelet.images_changed()
    await world.advance(310)
    await world.run()
    assert (await world.pod())["status"]["phase"] == "Running"


async def test_the_lease_is_renewed_every_ten_seconds_and_belongs_to_the_node(world: World) -> None:
    await world.advance(5)
    lease = await world.api.get(resources.LEASES, "kube-node-lease", "crc")
    uid = (await node(world))["metadata"]["uid"]
    assert lease["metadata"]["ownerReferences"] == [{"apiVersion": "v1", "kind": "Node", "name": "crc", "uid": uid}]
    assert lease["spec"] == {
        "holderIdentity": "crc",
        "leaseDurationSeconds": 40,
        "renewTime": "2026-01-01T00:00:00.000000Z",
    }
    await world.advance(27)
    lease = await world.api.get(resources.LEASES, "kube-node-lease", "crc")
    assert lease["spec"]["renewTime"] == "2026-01-01T00:00:30.000000Z"
    await world.api.delete(resources.LEASES, "kube-node-lease", "crc", DeleteOptions())
    await world.advance(10)
    assert await world.api.get(resources.LEASES, "kube-node-lease", "crc")


async def test_a_node_that_was_given_up_says_that_it_is_there(world: World) -> None:
    found = await node(world)
    for condition in found["status"]["conditions"]:
        condition["status"] = "Unknown"
    await world.api.update(resources.NODES, None, found, subresource="status")
    await world.advance(10)
    assert (await node(world))["status"]["conditions"][-1]["status"] == "True"
