"""What a pod costs a node: writes to the API, each of them a sync of the disk, and work that need not be done again."""

from tests.node.world import NS, World

from pullscope.kube import resources


async def test_a_start_is_three_statuses_and_three_events(world: World) -> None:
    """Waiting, with its sandbox, running; Pulled, Created, Started."""
    await world.run()
    assert [change.type for change in world.pods] == ["ADDED", "MODIFIED", "MODIFIED", "MODIFIED"]
    assert [event["reason"] for event in world.events] == ["Pulled", "Created", "Started"]


async def test_a_pod_that_runs_costs_no_writes(world: World) -> None:
    await world.run()
    before = len(world.pods), len(world.events), len(world.runtime.calls)
    await world.advance(600)
    assert (len(world.pods), len(world.events), len(world.runtime.calls)) == before


async def test_volumes_are_not_read_twice_in_a_moment(world: World) -> None:
    """A start is two syncs one after the other; what changes later is seen by a later one."""
    settings = {"kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"word": "first"}}
    await world.api.create(resources.CONFIG_MAPS, NS, settings)
    made = await world.run(volumes=[{"name": "v", "configMap": {"name": "settings"}}])
    (file,) = (world.root / "pods" / made["metadata"]["uid"]).rglob("word")
    await world.api.patch(resources.CONFIG_MAPS, NS, "settings", {"data": {"word": "second"}})
    await world.api.patch(resources.PODS, NS, "p", {"metadata": {"labels": {"a": "sync"}}})
    await world.quiet()
    assert file.read_text() == "first"
    await world.advance(120)
    assert file.read_text() == "second"
