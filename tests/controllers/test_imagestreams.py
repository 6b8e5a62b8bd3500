"""Imports of tags and image triggers, over the real API server and a registry of ours."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from tests.controllers.world import NS, World
from tests.remote import peers

from pullscope.apiserver.services import Imaging
from pullscope.base.clock import ManualClock
from pullscope.content.memory import MemoryStore
from pullscope.controllers.imagestreams import imports
from pullscope.images import probe
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource
from pullscope.oci import reference
from pullscope.openshift import names, streams
from pullscope.remote import transfer
from pullscope.remote.registries import Registries

NAME = reference.literal("registry.test/team/app:v1")


@pytest.fixture
async def ways() -> AsyncIterator[Registries]:
    async with peers.ours() as address, aiohttp.ClientSession() as session:
        yield Registries(session, {"registry.test": address})


@pytest.fixture
def imaging(ways: Registries) -> Imaging:
    return Imaging(registries=ways)


async def push(ways: Registries, war: str) -> None:
    store = MemoryStore()
    await transfer.push(ways.client(NAME), NAME, store, probe.variant(store, war))


def stream(**policy: Any) -> Object:
    tag = {"name": "v1", "from": {"kind": "DockerImage", "name": str(NAME)}, "importPolicy": policy}
    return {"metadata": {"name": "app"}, "spec": {"tags": [tag]}}


async def images(world: World, count: int) -> list[str]:
    """The digests in the tag's history, newest first, when there are so many."""
    found: list[str] = []

    async def true() -> bool:
        obj = await world.api.get(resources.IMAGE_STREAMS, NS, "app")
        found[:] = [item["image"] for item in streams.history(obj, "v1")]
        return len(found) == count

    await world.until(resources.IMAGE_STREAMS, true)
    return found


async def test_a_tag_that_is_written_is_imported(world: World, ways: Registries) -> None:
    await push(ways, "node.war")
    await world.make(resources.IMAGE_STREAMS, stream())
    [digest] = await images(world, 1)
    assert (await world.api.get(resources.IMAGES, None, digest))["metadata"]["name"] == digest


async def test_a_failed_import_is_tried_once_and_told(world: World) -> None:
    await world.make(resources.IMAGE_STREAMS, stream())

    async def told() -> bool:
        obj = await world.api.get(resources.IMAGE_STREAMS, NS, "app")
        return bool((streams.status_tag(obj, "v1") or {}).get("conditions"))

    await world.until(resources.IMAGE_STREAMS, told)


@pytest.mark.parametrize("clock", [ManualClock()])
async def test_a_scheduled_tag_is_imported_again(world: World, ways: Registries, clock: ManualClock) -> None:
    await push(ways, "node.war")
    await world.make(resources.IMAGE_STREAMS, stream(scheduled=True))
    [first] = await images(world, 1)
    await push(ways, "registry.war")
    clock.advance(imports.INTERVAL + 1)
    assert (await images(world, 2))[1] == first


# ------------------------------------------------------------------------------------------- image triggers


def triggered(name: str = "app", **trigger: Any) -> Object:
    """A deployment without pods whose container follows `app:v1`."""
    path = 'spec.template.spec.containers[?(@.name=="app")].image'
    entry = {"from": {"kind": "ImageStreamTag", "name": "app:v1"}, "fieldPath": path, **trigger}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "app", "image": " "}]}}
    return {
        "metadata": {"name": name, "annotations": {names.TRIGGERS: json.dumps([entry])}},
        "spec": {"replicas": 0, "selector": {"matchLabels": {"app": name}}, "template": template},
    }


async def tag(world: World, digit: str, stream: str = "app") -> str:
    """Let `v1` of the stream lead to another image."""
    digest = f"sha256:{digit * 64}"
    image = {"metadata": {"name": digest}, "dockerImageReference": f"{NAME.name}@{digest}"}
    await world.make(resources.IMAGE_STREAM_MAPPINGS, {"metadata": {"name": stream}, "tag": "v1", "image": image})
    return f"{NAME.name}@{digest}"


async def has(world: World, image: str, name: str = "app", kind: Resource = resources.DEPLOYMENTS) -> None:
    """Wait until the workload's container has that image."""

    async def true() -> bool:
        [container] = (await world.api.get(kind, NS, name))["spec"]["template"]["spec"]["containers"]
        return bool(container["image"] == image)

    await world.until(kind, true)


async def test_a_deployment_follows_the_tag_that_triggers_it(world: World, ways: Registries) -> None:
    await world.make(resources.DEPLOYMENTS, triggered())
    await push(ways, "node.war")
    await world.make(resources.IMAGE_STREAMS, stream())
    [digest] = await images(world, 1)
    await has(world, f"{NAME.name}@{digest}")
    [container] = (await world.api.get(resources.DEPLOYMENTS, NS, "app"))["spec"]["template"]["spec"]["containers"]
    assert container["imagePullPolicy"] == "IfNotPresent"


async def test_a_daemon_set_follows_too(world: World) -> None:
    await world.make(resources.IMAGE_STREAMS, {"metadata": {"name": "app"}})
    daemons = triggered()
    del daemons["spec"]["replicas"]
    daemons["spec"]["template"]["spec"]["containers"][0]["image"] = "first.test/app:1"
    await world.make(resources.DAEMON_SETS, daemons)
    await has(world, await tag(world, "1"), kind=resources.DAEMON_SETS)


async def test_a_stream_that_goes_leaves_the_image_and_one_that_comes_again_is_followed(world: World) -> None:
    await world.make(resources.IMAGE_STREAMS, {"metadata": {"name": "app"}})
    await world.make(resources.DEPLOYMENTS, triggered())
    first = await tag(world, "1")
    await has(world, first)
    await world.api.delete(resources.IMAGE_STREAMS, NS, "app")
    await world.make(resources.IMAGE_STREAMS, {"metadata": {"name": "app"}})
    await world.make(resources.IMAGE_STREAMS, {"metadata": {"name": "other"}})
    await world.make(
        resources.DEPLOYMENTS, triggered("later", **{"from": {"kind": "ImageStreamTag", "name": "other:v1"}})
    )
    other = await tag(world, "3", "other")
    await has(world, other, "later")  # the controller has seen all of that, and left the first one as it was
    await has(world, first)
    await has(world, await tag(world, "2"))


async def test_a_paused_trigger_waits_until_it_is_resumed(world: World) -> None:
    await world.make(resources.IMAGE_STREAMS, {"metadata": {"name": "app"}})
    await world.make(resources.DEPLOYMENTS, triggered("paused", paused=True))
    await world.make(resources.DEPLOYMENTS, triggered())
    first = await tag(world, "1")
    await has(world, first)
    await has(world, " ", "paused")
    annotations = triggered("paused", paused=False)["metadata"]["annotations"]
    await world.api.patch(resources.DEPLOYMENTS, NS, "paused", {"metadata": {"annotations": annotations}})
    await has(world, first, "paused")
    await world.api.patch(resources.DEPLOYMENTS, NS, "paused", {"metadata": {"annotations": {names.TRIGGERS: "null"}}})
    second = await tag(world, "2")
    await has(world, second)
    await has(world, first, "paused")


async def test_an_image_that_somebody_else_sets_is_set_back(world: World) -> None:
    await world.make(resources.IMAGE_STREAMS, {"metadata": {"name": "app"}})
    followed = await tag(world, "1")
    await world.make(resources.DEPLOYMENTS, triggered())
    await has(world, followed)
    container = {"name": "app", "image": "other.test/app:1"}
    patch = {"spec": {"template": {"spec": {"containers": [container]}}}}
    await world.api.patch(resources.DEPLOYMENTS, NS, "app", patch, type="strategic")
    await has(world, followed)
