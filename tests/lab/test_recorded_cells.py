"""The whole lab against what a real cluster did: a Deployment applied over HTTPS, its STATUS column and its events watched.

Only what does not depend on the real kubelet's jitter is compared here: everything up to the first look after the first
back-off. `tests/node/test_cells.py` replays the recordings to their ends, retry by retry.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

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
from pullscope.registry import app as registry_http
from pullscope.registry.store import Registry
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient

CELLS = sorted((Path(__file__).parents[1] / "data" / "cells" / "crio").glob("*.json"))
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PATIENCE = 0.05
"""Seconds of real time without anything new, after which the lab waits for its clock."""


@dataclass
class Seen:
    """What a person who watches pods and events sees."""

    words: list[str] = field(default_factory=list)
    events: list[Object] = field(default_factory=list)


class Stranger:
    """A registry outside the lab. It can close its doors (401), or go away (connection refused)."""

    def __init__(self) -> None:
        self.locked = False
        application = registry_http.create(Registry.open(None), clock=ManualClock())
        application.middlewares.append(self._guard)
        self._runner = registry_http.runner(application)
        self.host = ""

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self.locked:
            return await handler(request)
        error = {"errors": [{"code": "UNAUTHORIZED", "message": "authentication required", "detail": None}]}
        return web.json_response(error, status=401, headers={"WWW-Authenticate": 'Basic realm="registry"'})

    async def start(self) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.host = "{}:{}".format(*self._runner.addresses[0][:2])

    async def go(self) -> None:
        await self._runner.cleanup()


@dataclass
class World:
    """A lab on a clock of its own, the image cache of its node, and another registry."""

    lab: Lab
    clock: ManualClock
    images: ImageService
    http: aiohttp.ClientSession
    stranger: Stranger

    async def push(self, ref: str, war: str) -> None:
        parsed, store = reference.parse(ref), MemoryStore()
        await transfer.push(RegistryClient(self.http, parsed.registry), parsed, store, probe.variant(store, war))

    async def delete(self, ref: str) -> None:
        parsed = reference.parse(ref)
        await RegistryClient(self.http, parsed.registry).delete_manifest(parsed.repository, parsed.locator or "")

    def host_of(self, registry: str | None) -> str:
        return self.stranger.host if registry in ("down", "401") else self.lab.registry

    async def arrange(self, cell: Object, ref: str) -> None:
        """Bring about what the cell starts from. As on the real node, no kubelet has pulled what is there."""
        if cell["on_node"]:
            await self.push(ref, "node.war")
            await self.images.pull_image(ref)
            await self.delete(ref)
        match cell["registry"]:
            case "ok":
                await self.push(ref, "registry.war")
            case "down":
                await self.stranger.go()
            case "401":
                self.stranger.locked = True


@pytest.fixture
async def world() -> AsyncIterator[World]:
    clock, caches, stranger = ManualClock(), list[ImageService](), Stranger()

    def capture(service: ImageService) -> ImageService:
        caches.append(service)
        return service

    await stranger.start()
    config = LabConfig(clock=clock, seams=Seams(images=capture))
    async with aiohttp.ClientSession() as http, assembly.running(config) as lab:
        yield World(lab, clock, caches[0], http, stranger)
    await stranger.go()


async def statuses(world: World, start: str, seen: Seen, changed: asyncio.Queue[None]) -> None:
    """The STATUS column of `kubectl get pods -w`, from the Table watch."""
    url = f"{world.lab.server}/api/v1/namespaces/default/pods?watch=true&resourceVersion={start}"
    headers = {"Authorization": f"Bearer {world.lab.access.token}", "Accept": TABLE}
    async with world.http.get(url, headers=headers, ssl=False) as answer:
        columns: list[str] = []
        async for line in answer.content:
            table = json.loads(line)["object"]
            columns = [column["name"] for column in table["columnDefinitions"] or ()] or columns
            seen.words.append(table["rows"][0]["cells"][columns.index("Status")])
            changed.put_nowait(None)


async def events(world: World, start: str, seen: Seen, changed: asyncio.Queue[None]) -> None:
    """The events of pods and workloads (the node's own are told in the same namespace)."""
    event: WatchEvent
    async for event in world.lab.api.watch(resources.EVENTS, "default", resource_version=start):
        if event.type != "BOOKMARK" and event.object["involvedObject"]["kind"] != "Node":
            seen.events.append(event.object)
            changed.put_nowait(None)


async def applied(world: World, cell: Object, ref: str, *, enough: Callable[[Seen], bool]) -> Seen:
    """Apply the recorded Deployment and watch until `enough(seen)`; time passes only when nothing else happens."""
    seen, changed = Seen(), asyncio.Queue[None]()
    start = (await world.lab.api.list(resources.PODS, "default")).resource_version
    watches = [asyncio.create_task(watch(world, start, seen, changed)) for watch in (statuses, events)]
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
async def test_cell(path: Path, world: World) -> None:
    cell = json.loads(path.read_text(encoding="utf-8"))
    host = world.host_of(cell["registry"])
    ref = cell["image"].replace("REGISTRY", host).replace("CELL", cell["cell"])
    await world.arrange(cell, ref)
    wanted, words = first_look(cell), words_until_retry(cell)
    seen = await applied(
        world, cell, ref, enough=lambda seen: len(seen.events) >= len(wanted) and words[-1] in seen.words
    )
    assert [word for word, _ in groupby(seen.words)] == words
    marked = [{key: value for key, value in event.items() if key != "at"} for event in wanted]
    text = json.dumps([printed(event) for event in seen.events[: len(wanted)]])
    assert json.loads(text.replace(host, "REGISTRY").replace(cell["cell"], "CELL")) == marked
