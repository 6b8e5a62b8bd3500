"""A laptop sleeps, or its clock is set: the wall time leaps by hours while the node works, ahead or back."""

import pytest
from tests.node.world import IMAGE, World

from pullscope.kube import resources

HOURS = 3600.0
LEAPS = pytest.mark.parametrize("leap", [8 * HOURS, -8 * HOURS])


@LEAPS
async def test_a_container_that_crashes_is_started_again_and_counted(world: World, leap: float) -> None:
    await world.run()
    for restarts in (1, 2):
        world.clock.leap(leap)
        world.runtime.end(world.runtime.only().id, 3)
        await world.quiet()
        await world.advance(100)
        container = await world.container()
        assert ("running" in container["state"], container["restartCount"]) == (True, restarts)
    assert len(world.runtime.containers) == 2


@LEAPS
async def test_a_back_off_ends_within_its_window(world: World, leap: float) -> None:
    await world.run()
    for _ in range(2):
        world.runtime.end(world.runtime.only().id, 3)
        await world.quiet()
    assert "waiting" in (await world.container())["state"] or "terminated" in (await world.container())["state"]
    world.clock.leap(leap)
    await world.advance(15)
    assert "running" in (await world.container())["state"]


@LEAPS
async def test_a_pull_is_tried_again_within_its_window(world: World, leap: float) -> None:
    image = "127.0.0.1:5001/m/late:v1"
    await world.run(container={"image": image})
    world.images.registry[image] = next(iter(world.images.node.values()))
    world.clock.leap(leap)
    await world.advance(15)
    assert (await world.container())["state"].keys() == {"running"}


@LEAPS
async def test_a_lost_sandbox_is_made_again_once(world: World, leap: float) -> None:
    await world.run()
    world.clock.leap(leap)
    await world.runtime.stop_pod_sandbox("sandbox1")
    await world.advance(30)
    assert [sandbox.config.attempt for sandbox in world.runtime.sandboxes.values()] == [0, 1]
    assert (await world.container())["restartCount"] == 1


@LEAPS
async def test_a_node_that_slept_reports_within_its_time(world: World, leap: float) -> None:
    world.clock.leap(leap)
    await world.advance(310)
    now = world.clock.now()
    node = await world.api.get(resources.NODES, None, "crc")
    assert node["status"]["conditions"][-1]["lastHeartbeatTime"] <= now.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert node["status"]["conditions"][-1]["lastHeartbeatTime"][:13] == now.strftime("%Y-%m-%dT%H")


@LEAPS
async def test_events_are_told_on(world: World, leap: float) -> None:
    await world.run()
    world.clock.leap(leap)
    other = IMAGE.replace("v1", "v2")
    patch = [{"op": "replace", "path": "/spec/containers/0/image", "value": other}]
    await world.api.patch(resources.PODS, "demo", "p", patch, type="json")
    await world.quiet()
    assert any(event.startswith("Killing") for event in await world.told())
