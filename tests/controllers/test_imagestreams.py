"""Imports of tags and image triggers, over the real API server and a registry of ours."""

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


async def test_a_deployment_follows_the_tag_that_triggers_it(world: World, ways: Registries) -> None:
    trigger = (
        '[{"from":{"kind":"ImageStreamTag","name":"app:v1"},'
        '"fieldPath":"spec.template.spec.containers[?(@.name==\\"app\\")].image"}]'
    )
    template = {"metadata": {"labels": {"app": "app"}}, "spec": {"containers": [{"name": "app", "image": " "}]}}
    spec = {"replicas": 0, "selector": {"matchLabels": {"app": "app"}}, "template": template}
    metadata = {"name": "app", "annotations": {names.TRIGGERS: trigger}}
    await world.make(resources.DEPLOYMENTS, {"metadata": metadata, "spec": spec})
    await push(ways, "node.war")
    await world.make(resources.IMAGE_STREAMS, stream())
    [digest] = await images(world, 1)

    async def follows() -> bool:
        obj = await world.api.get(resources.DEPLOYMENTS, NS, "app")
        [container] = obj["spec"]["template"]["spec"]["containers"]
        assert container["imagePullPolicy"] == "IfNotPresent"
        image: str = container["image"]
        return image == f"{NAME.name}@{digest}"

    await world.until(resources.DEPLOYMENTS, follows)
