"""What the node cannot do for a pod, and how it says so."""

from dataclasses import replace

from tests.node.fakes import image
from tests.node.world import IMAGE, NS, Steady, World

from pullscope.kube import resources
from pullscope.node.context import NodeOptions

OTHER = "registry.example/team/other:v1"


async def test_a_container_of_another_platform_is_held(world: World) -> None:
    world.runtime.held.add(image(IMAGE, "cached").id)
    await world.run()
    assert (await world.told())[-1] == (
        "NotExecuted x1 Container app is held, not executed: its image has no program that the cri-o runtime can run"
    )
    condition = (await world.pod())["status"]["conditions"][-1]
    assert (condition["type"], condition["status"]) == ("pullscope.dev/Executed", "False")
    assert condition["message"] == "containers held, not executed: [app]"
    assert "running" in (await world.container())["state"]


async def test_what_no_program_can_read_is_not_written(world: World) -> None:
    """It must be there all the same; and the program that comes with another image finds it."""
    settings = {"kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"word": "first"}}
    held, executed = image(IMAGE, "cached"), image(OTHER, "executed")
    world.runtime.held.add(held.id)
    world.images.load(replace(held, executable=False))
    world.images.load(executed)
    made = await world.run(volumes=[{"name": "v", "configMap": {"name": "settings"}}])
    assert any("FailedMount" in told for told in await world.told())
    await world.api.create(resources.CONFIG_MAPS, NS, settings)
    await world.advance(1)
    volume = world.root / "pods" / made["metadata"]["uid"]
    assert "running" in (await world.container())["state"]
    assert not volume.exists()
    await world.advance(120)
    assert not volume.exists()
    change = {"spec": {"containers": [{"name": "app", "image": OTHER}]}}
    await world.api.patch(resources.PODS, NS, "p", change, type="strategic")
    await world.quiet()
    assert (volume / "v" / "word").read_text() == "first"


async def test_a_strict_node_refuses_to_hold(world: World) -> None:
    await world.restart(NodeOptions(strict=True, random=Steady()))
    world.runtime.held.add(image(IMAGE, "cached").id)
    await world.run()
    waiting = (await world.container())["state"]["waiting"]
    assert waiting["reason"] == "CreateContainerError"
    assert waiting["message"].endswith("the node is strict: it holds no containers")
    assert world.runtime.containers == {}


async def test_what_is_not_supported_is_refused_by_name(world: World) -> None:
    await world.run(container={"livenessProbe": {"httpGet": {"port": 80}}})
    waiting = (await world.container())["state"]["waiting"]
    assert waiting == {
        "reason": "CreateContainerConfigError",
        "message": "livenessProbe.httpGet is not supported by this node",
    }
    assert "Failed x2 Error: livenessProbe.httpGet is not supported by this node" in await world.told()


async def test_a_volume_that_cannot_be_made(world: World) -> None:
    volume = {"name": "v", "configMap": {"name": "later"}}
    await world.run(volumes=[volume], container={"volumeMounts": [{"name": "v", "mountPath": "/v"}]})
    failed = 'FailedMount x1 MountVolume.SetUp failed for volume "v" : configmap "later" not found'
    assert await world.told() == [failed]
    assert (await world.container())["state"] == {"waiting": {"reason": "ContainerCreating"}}
    await world.advance(1.6)  # after 0.5 and 1 s
    assert await world.told() == [failed.replace("x1", "x3")]
    await world.api.create(resources.CONFIG_MAPS, NS, {"metadata": {"name": "later"}, "data": {"k": "v"}})
    await world.advance(2)
    assert "running" in (await world.container())["state"]
    (mount,) = world.runtime.config().mounts
    assert mount.container_path == "/v"
    assert (world.root / "pods").joinpath(
        *mount.host_path.split("pods")[1].strip("/\\").split("/"), "k"
    ).read_text() == "v"
