"""The life of pods on a node: started, restarted, failing, ended."""

from tests.node.world import World


async def test_a_pod_with_its_image_on_the_node_runs(world: World) -> None:
    await world.run()
    container = await world.container()
    assert container["state"] == {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
    assert await world.told() == [
        'Pulled x1 Container image "127.0.0.1:5001/m/app:v1" already present on machine and can be accessed by the pod',
        "Created x1 Container created",
        "Started x1 Container started",
    ]
