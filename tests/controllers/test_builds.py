"""The build controllers at work, over the real API server; what a build's pod does is said by the test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import pytest
from tests.controllers.world import NS, World

from pullscope.apiserver.resources.all_kinds import ALL
from pullscope.apiserver.server import ApiServer
from pullscope.base.clock import Clock
from pullscope.controllers import manager
from pullscope.kube import resources
from pullscope.kube.api import Object, UserInfo
from pullscope.kube.status import ApiError

BUILDS, CONFIGS, STREAMS = resources.BUILDS, resources.BUILD_CONFIGS, resources.IMAGE_STREAMS
TAG = {"kind": "ImageStreamTag", "name": "eap:7"}
IMAGE_CHANGE = {"type": "ImageChange", "imageChange": {}}


@pytest.fixture
async def world(server: ApiServer, clock: Clock) -> AsyncIterator[World]:
    """All controllers, those that build included."""
    world = World(server.client(UserInfo("kubeadmin", groups=("system:masters",))), clock)
    kinds = [kind.resource for kind in ALL]
    own: Any = {"registries": ("registry.test",), "builder_image": "registry.test/builder:1"}
    work = manager.run(server.client, clock, kinds=kinds, host="crc", root_ca="PEM", **own)
    running = asyncio.create_task(work)
    await world.make(resources.NAMESPACES, {"metadata": {"name": NS}}, None)
    await world.node("crc")
    await world.make(STREAMS, {"metadata": {"name": "app"}})
    yield world
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def configured(world: World, *triggers: Object, **spec: Any) -> None:
    """A config that needs no upload."""
    whole = {
        "source": {"dockerfile": "FROM scratch"},
        "strategy": {"dockerStrategy": {}},
        "output": {"to": {"kind": "ImageStreamTag", "name": "app:latest"}},
        "triggers": [*triggers],
        **spec,
    }
    await world.make(CONFIGS, {"metadata": {"name": "app"}, "spec": whole})


async def started(world: World) -> None:
    """`oc start-build app`."""
    request = {"kind": "BuildRequest", "apiVersion": CONFIGS.api_version, "metadata": {"name": "app"}}
    await world.api.create(CONFIGS, NS, request, subresource="instantiate")


async def build(world: World, name: str, true: Callable[[Object], bool]) -> Object:
    """The build, when that holds of it."""
    found: list[Object] = []

    async def holds() -> bool:
        found[:] = [each for each in await world.items(BUILDS) if each["metadata"]["name"] == name and true(each)]
        return bool(found)

    await world.until(BUILDS, holds)
    return found[0]


def phase(wanted: str) -> Callable[[Object], bool]:
    return lambda found: found["status"]["phase"] == wanted


def because(reason: str) -> Callable[[Object], bool]:
    return lambda found: found["status"].get("reason") == reason


async def end(world: World, name: str, outcome: str = "Succeeded") -> None:
    """The build's pod ends."""
    await build(world, name, phase("Pending"))
    pod = await world.api.get(resources.PODS, NS, f"{name}-build")
    exited = {"name": "docker-build", "state": {"terminated": {"exitCode": int(outcome != "Succeeded")}}}
    await world.report(pod, outcome, containerStatuses=[exited])


async def tag(world: World, digit: str) -> str:
    """Let `eap:7` lead to another image."""
    digest = f"sha256:{digit * 64}"
    image = {"metadata": {"name": digest}, "dockerImageReference": f"registry.test/eap@{digest}"}
    mapping = {"metadata": {"name": "eap"}, "tag": "7", "image": image}
    await world.make(resources.IMAGE_STREAM_MAPPINGS, mapping)
    return f"registry.test/eap@{digest}"


async def test_a_build_from_new_to_complete(world: World) -> None:
    await configured(world, {"type": "ConfigChange"})
    pending = await build(world, "app-1", phase("Pending"))
    assert pending["spec"]["triggeredBy"] == [{"message": "Build configuration change"}]
    assert pending["metadata"]["annotations"]["openshift.io/build.pod-name"] == "app-1-build"
    pod = await world.api.get(resources.PODS, NS, "app-1-build")
    assert (pod["spec"]["serviceAccountName"], pod["spec"]["containers"][0]["image"]) == (
        "builder",
        "registry.test/builder:1",
    )
    assert pending["spec"]["output"]["pushSecret"]["name"].startswith("builder-dockercfg-")
    await world.report(pod, "Running")
    await build(world, "app-1", phase("Running"))
    pod = await world.api.get(resources.PODS, NS, "app-1-build")
    exited = {"name": "docker-build", "state": {"terminated": {"exitCode": 0}}}
    await world.report(pod, "Succeeded", containerStatuses=[exited])
    await build(world, "app-1", phase("Complete"))
    events = [each for each in await world.items(resources.EVENTS) if each["involvedObject"]["kind"] == "Build"]
    assert [(each["reason"], each["message"]) for each in events] == [
        ("BuildStarted", f"Build {NS}/app-1 is now running"),
        ("BuildCompleted", f"Build {NS}/app-1 completed successfully"),
    ]


async def test_another_image_starts_a_build(world: World) -> None:
    await world.make(STREAMS, {"metadata": {"name": "eap"}})
    await configured(world, {"type": "ConfigChange"}, IMAGE_CHANGE, strategy={"dockerStrategy": {"from": TAG}})
    first = await tag(world, "1")
    made = await build(world, "app-1", lambda _: True)
    assert made["spec"]["triggeredBy"][0]["imageChangeBuild"]["imageID"] == first
    await end(world, "app-1")
    second = await tag(world, "2")
    made = await build(world, "app-2", phase("Pending"))
    assert made["spec"]["strategy"]["dockerStrategy"]["from"]["name"] == second
    config = await world.api.get(CONFIGS, NS, "app")
    assert config["status"]["lastVersion"] == 2
    assert [each["lastTriggeredImageID"] for each in config["status"]["imageChangeTriggers"]] == [second]


async def test_a_changed_config_starts_no_build_and_keeps_less(world: World) -> None:
    await configured(world, {"type": "ConfigChange"})  # upstream: this trigger starts the first build alone
    await end(world, "app-1")
    await build(world, "app-1", phase("Complete"))
    patch = {"spec": {"source": {"dockerfile": "FROM scratch\nUSER 1"}}}
    await world.api.patch(CONFIGS, NS, "app", patch)
    await started(world)
    second = await build(world, "app-2", phase("Pending"))
    assert second["spec"]["triggeredBy"] == [{"message": "Manually triggered"}]
    assert second["spec"]["source"]["dockerfile"].endswith("USER 1")
    await end(world, "app-2")
    await build(world, "app-2", phase("Complete"))
    await world.api.patch(CONFIGS, NS, "app", {"spec": {"successfulBuildsHistoryLimit": 1}})
    await world.gone(BUILDS, "app-1")
    await world.gone(resources.PODS, "app-1-build")
    assert [each["metadata"]["name"] for each in await world.items(BUILDS)] == ["app-2"]


async def test_a_paused_config_waits(world: World) -> None:
    await world.make(STREAMS, {"metadata": {"name": "eap"}})
    await configured(world, IMAGE_CHANGE, strategy={"dockerStrategy": {"from": TAG}})
    paused = {"metadata": {"annotations": {"openshift.io/build-config.paused": "true"}}}
    await world.api.patch(CONFIGS, NS, "app", paused)
    first = await tag(world, "1")
    with pytest.raises(ApiError):
        await started(world)
    assert await world.items(BUILDS) == []
    await world.api.patch(CONFIGS, NS, "app", {"metadata": {"annotations": {"openshift.io/build-config.paused": None}}})
    made = await build(world, "app-1", lambda _: True)
    assert made["spec"]["triggeredBy"][0]["imageChangeBuild"]["imageID"] == first


async def test_what_a_build_waits_for_is_said(world: World) -> None:
    await world.api.delete(STREAMS, NS, "app")
    await configured(world, {"type": "ConfigChange"})
    waiting = await build(world, "app-1", because("InvalidOutputReference"))
    assert waiting["status"]["phase"] == "New"
    await world.make(STREAMS, {"metadata": {"name": "app"}})
    ready = await build(world, "app-1", phase("Pending"))
    assert "reason" not in ready["status"]


async def test_a_pod_that_is_refused(world: World) -> None:
    await configured(world, {"type": "ConfigChange"}, nodeSelector={"not a label!": "x"})
    await build(world, "app-1", because("CannotCreateBuildPod"))
    [event] = [each for each in await world.items(resources.EVENTS) if each["reason"] == "FailedCreate"]
    assert event["message"].startswith('Error creating build pod: Pod "app-1-build" is invalid: ')


async def test_history_is_kept_within_its_limits(world: World) -> None:
    await configured(world, successfulBuildsHistoryLimit=1, failedBuildsHistoryLimit=0)
    for number in (1, 2, 3):
        await started(world)
        await end(world, f"app-{number}", "Failed" if number == 3 else "Succeeded")

    async def pruned() -> bool:
        return [each["metadata"]["name"] for each in await world.items(BUILDS)] == ["app-2"]

    await world.until(BUILDS, pruned)
    assert {each["metadata"]["name"] for each in await world.items(resources.PODS)} <= {
        "app-2-build",
        "app-3-build",
        "app-1-build",
    }


async def test_only_the_latest_build_waits(world: World) -> None:
    await configured(world, runPolicy="SerialLatestOnly")
    for _ in range(3):
        await started(world)
    await build(world, "app-2", phase("Cancelled"))
    await end(world, "app-1")
    await end(world, "app-3")
    await build(world, "app-3", phase("Complete"))


async def test_pods_that_go_or_belong_to_others(world: World) -> None:
    containers = [{"name": "app", "image": "i"}]
    await world.make(resources.PODS, {"metadata": {"name": "app-2-build"}, "spec": {"containers": containers}})
    await configured(world, runPolicy="Parallel")
    await started(world)
    await started(world)
    await build(world, "app-2", because("BuildPodExists"))
    await build(world, "app-1", phase("Pending"))
    pod = await world.api.get(resources.PODS, NS, "app-1-build")
    await world.end(pod)
    await build(world, "app-1", because("BuildPodDeleted"))


async def test_a_trigger_that_cannot_start_a_build_is_told(world: World) -> None:
    tag = {"kind": "ImageStreamTag", "name": "nothing:1"}
    await configured(world, {"type": "ConfigChange"}, strategy={"dockerStrategy": {"from": tag}})

    async def told() -> bool:
        return any(each["reason"] == "BuildConfigInstantiateFailed" for each in await world.items(resources.EVENTS))

    await world.until(resources.EVENTS, told)
