"""The whole lab against what a real cluster did: a Deployment applied over HTTPS, its STATUS column and its events watched.

Only what does not depend on the real kubelet's jitter is compared here: everything up to the first look after the first
back-off. `tests/node/test_cells.py` replays the recordings to their ends, retry by retry.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from pullscope.base.clock import ManualClock
from pullscope.content.memory import MemoryStore
from pullscope.cri.api import ImageService
from pullscope.images import probe
from pullscope.kube import resources
from pullscope.kube.api import Object, WatchEvent
from pullscope.lab import assembly
from pullscope.lab.assembly import Lab
from pullscope.lab.config import LabConfig, Seams
from pullscope.oci import reference
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient

CELLS = sorted((Path(__file__).parents[1] / "data" / "cells" / "crio").glob("*.json"))
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PATIENCE = 0.05
"""Seconds of real time without anything new, after which the lab waits for its clock."""


@dataclass
class Seen:
    """What a person who watches pods and events sees."""

    words: list[str] = field(default_factory=list)
    events: list[Object] = field(default_factory=list)


@dataclass
class World:
    """A lab on a clock of its own, and the image cache of its node."""

    lab: Lab
    clock: ManualClock
    images: ImageService
    http: aiohttp.ClientSession
    denying: str

    async def push(self, ref: str, war: str) -> None:
        parsed, store = reference.parse(ref), MemoryStore()
        await transfer.push(RegistryClient(self.http, parsed.registry), parsed, store, probe.variant(store, war))

    async def delete(self, ref: str) -> None:
        parsed = reference.parse(ref)
        await RegistryClient(self.http, parsed.registry).delete_manifest(parsed.repository, parsed.locator)


@asynccontextmanager
async def denying() -> AsyncIterator[str]:
    """A registry that wants a password for everything."""

    async def refuse(_: web.Request) -> web.Response:
        error = {"errors": [{"code": "UNAUTHORIZED", "message": "authentication required", "detail": None}]}
        return web.json_response(error, status=401, headers={"WWW-Authenticate": 'Basic realm="registry"'})

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", refuse)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield "{}:{}".format(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    clock, caches = ManualClock(), list[ImageService]()

    def capture(service: ImageService) -> ImageService:
        caches.append(service)
        return service

    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        refusing = await stack.enter_async_context(denying())
        config = LabConfig(clock=clock, seams=Seams(images=capture))
        lab = await stack.enter_async_context(assembly.running(config))
        yield World(lab, clock, caches[0], http, refusing)


async def statuses(world: World, seen: Seen, changed: asyncio.Queue[None]) -> None:
    """The STATUS column of `kubectl get pods -w`, from the Table watch."""
    url = f"{world.lab.server}/api/v1/namespaces/default/pods?watch=true"
    headers = {"Authorization": f"Bearer {world.lab.access.token}", "Accept": TABLE}
    async with world.http.get(url, headers=headers, ssl=False) as answer:
        columns: list[str] = []
        async for line in answer.content:
            table = json.loads(line)["object"]
            columns = [column["name"] for column in table["columnDefinitions"] or ()] or columns
            seen.words.append(table["rows"][0]["cells"][columns.index("Status")])
            changed.put_nowait(None)


async def events(world: World, seen: Seen, changed: asyncio.Queue[None]) -> None:
    event: WatchEvent
    async for event in world.lab.api.watch(resources.EVENTS, "default", resource_version="0"):
        seen.events.append(event.object)
        changed.put_nowait(None)


async def applied(world: World, cell: Object, ref: str, *, enough: Any) -> Seen:
    """Apply the recorded Deployment and watch until `enough(seen)`; time passes only when nothing else happens."""
    seen, changed = Seen(), asyncio.Queue[None]()
    watches = [asyncio.create_task(watch(world, seen, changed)) for watch in (statuses, events)]
    container = {"name": "app", "image": ref, "imagePullPolicy": cell["policy"]}
    labels = {"app": "app"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    await world.lab.api.create(resources.DEPLOYMENTS, "default", {"metadata": {"name": "app"}, "spec": spec})
    while not enough(seen):
        try:
            await asyncio.wait_for(changed.get(), PATIENCE)
        except TimeoutError:
            world.clock.advance(world.clock.next_wake() or 0)
    for watch in watches:
        watch.cancel()
    await asyncio.wait(watches)
    return seen


def words_until_retry(cell: Object) -> list[str]:
    """The recorded STATUS values, each once, up to the one that the first resync shows."""
    words = [word for word, _ in groupby(word for _, word in cell["status"])]
    return words[:4]


def first_look(cell: Object) -> list[Object]:
    """The recorded events before the first resync."""
    return [event for event in cell["events"] if event["at"] < 5]


def printed(event: Object) -> Object:
    """An event as the recordings keep it, with what depends on the day replaced by marks."""
    message = event["message"]
    for pattern, mark in (
        (r"app-[0-9a-z]+-[0-9a-z]{5}", "POD"),
        (r"app-[0-9a-z]+", "RS"),
        (r"default/POD", "NAMESPACE/POD"),
        (r"in \S+ \(\S+ including waiting\)", "in DURATION (DURATION including waiting)"),
        (r"Image size: \d+", "Image size: SIZE"),
    ):
        message = re.sub(pattern, mark, message)
    return {
        "type": event["type"],
        "reason": event["reason"],
        "count": event.get("count"),
        "source": (event.get("source") or {}).get("component"),
        "kind": event["involvedObject"]["kind"],
        "field": event["involvedObject"].get("fieldPath"),
        "message": message,
    }


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in CELLS])
async def test_cell(path: Path, world: World, unused_tcp_port: int) -> None:
    cell = json.loads(path.read_text(encoding="utf-8"))
    hosts = {"down": f"127.0.0.1:{unused_tcp_port}", "401": world.denying}
    host = hosts.get(cell["registry"], world.lab.registry)
    ref = cell["image"].replace("REGISTRY", host).replace("CELL", cell["cell"])
    if cell["on_node"]:
        # As skopeo did on the real node: under the very name that the pod uses, whatever that registry answers later.
        await put_on_node(world, ref, host)
    if cell["registry"] == "ok":
        await world.push(ref, "registry.war")
    wanted, words = first_look(cell), words_until_retry(cell)
    seen = await applied(
        world, cell, ref, enough=lambda seen: len(seen.events) >= len(wanted) and words[-1] in seen.words
    )
    assert [word for word, _ in groupby(seen.words)] == words
    marked = [{key: value for key, value in event.items() if key != "at"} for event in wanted]
    text = json.dumps([printed(event) for event in seen.events[: len(wanted)]])
    assert json.loads(text.replace(host, "REGISTRY").replace(cell["cell"], "CELL")) == marked
