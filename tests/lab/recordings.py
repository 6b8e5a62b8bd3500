"""The recorded cells of one runtime, done again side by side in one lab: each in a namespace of its own, watched over HTTPS.

Only what does not depend on the real kubelet's jitter is seen here: everything up to the first look after the first
back-off. `tests/node/test_cells.py` replays the recordings to their ends, retry by retry.
"""

import asyncio
import base64
import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Self

import aiohttp
from tests import pullsecrets
from tests.lab.outside import Refusing, Stranger

from pullscope.base.clock import ManualClock, SystemClock
from pullscope.clusters import reflector
from pullscope.content.memory import MemoryStore
from pullscope.cri.api import ImageService
from pullscope.images import probe
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.lab import assembly
from pullscope.lab.assembly import Lab
from pullscope.lab.config import LabConfig, Seams
from pullscope.oci import reference
from pullscope.pull import flavours
from pullscope.pull.flavours import Flavour
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient

DATA = Path(__file__).parents[1] / "data"
_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
_LONGEST_RESYNC = 15.0
_PATIENCE = 0.3  # seconds of real time without anything new, after which the lab waits for its clock


def document(runtime: str, name: str) -> Object:
    """Another recording of that runtime."""
    return dict(json.loads((DATA / "recordings" / runtime / f"{name}.json").read_text(encoding="utf-8")))


def cells(runtime: str) -> dict[str, Object]:
    """The recorded Deployments, by their names. A host that no resolver knows is nothing that a test may ask the world for."""
    read = (json.loads(path.read_text(encoding="utf-8")) for path in sorted((DATA / "cells" / runtime).glob("*.json")))
    return {each["cell"]: each for each in read if each["registry"] != "no such host"}


@dataclass
class Seen:
    """What a person who watches pods and events of a namespace sees; `container` and `logs` as they were at last."""

    words: list[str] = field(default_factory=list)
    events: list[Object] = field(default_factory=list)
    container: Object = field(default_factory=dict)
    logs: str = ""


@dataclass
class World:
    """A lab on a clock of its own, the image cache of its node, and the registries around it."""

    lab: Lab
    clock: ManualClock
    images: ImageService
    http: aiohttp.ClientSession
    locked: Stranger
    gone: Stranger
    refusing: Refusing

    async def push(self, ref: str, war: str, label: str = "") -> str:
        """Push an image; its digest. Images with other labels have other ids, as nodes tell images apart by their content."""
        parsed, store = reference.parse(ref), MemoryStore()
        root = probe.variant(store, war, {"cell": label or parsed.repository})
        await transfer.push(RegistryClient(self.http, parsed.registry), parsed, store, root)
        return str(root.digest)

    async def delete(self, ref: str) -> None:
        parsed = reference.parse(ref)
        await RegistryClient(self.http, parsed.registry).delete_manifest(parsed.repository, parsed.locator or "")

    def host_of(self, cell: Object) -> str:
        if cell["registry"] == "down":
            return self.gone.host
        if cell["registry"] == "401" or "secret" in cell:
            return self.locked.host
        own = cell["cell"].startswith("bearer-")
        return self.refusing.host if own else self.lab.registry

    def ref(self, cell: Object) -> str:
        return str(cell["image"]).replace("REGISTRY", self.host_of(cell)).replace("CELL", cell["cell"])

    async def arrange(self, cell: Object) -> None:
        """Bring about what the cell starts from. As on the real node, no kubelet has pulled what is there."""
        ref = self.ref(cell)
        if cell["on_node"]:
            await self.push(ref, "node.war")
            await self.images.pull_image(ref)
            await self.delete(ref)
        if cell["registry"] == "ok":
            await self.push(ref, "registry.war")

    async def secret(self, namespace: str, name: str, password: str) -> None:
        """A pull secret for the locked registry."""
        auth = base64.b64encode(password.encode()).decode()
        body = pullsecrets.made(name, {self.locked.host: {"auth": auth}})
        await self.lab.api.create(resources.SECRETS, namespace, body)

    async def namespace(self, name: str) -> None:
        """A namespace that takes pods."""
        await self.lab.api.create(resources.NAMESPACES, None, {"metadata": {"name": name}})
        await reflector.until(self.lab.api, resources.SERVICE_ACCOUNTS, name, "default", clock=SystemClock())

    async def apply(self, cell: Object) -> None:
        """The recorded Deployment."""
        name = namespace_of(cell)
        await self.namespace(name)
        spec: dict[str, Any] = {}
        if "secret" in cell:
            await self.secret(name, "s", {"right": "user:pass", "wrong": "user:no"}[cell["secret"]])
            spec["imagePullSecrets"] = [{"name": "s"}]
        container = {"name": "app", "image": self.ref(cell), "imagePullPolicy": cell["policy"]}
        await self.deploy(name, {**spec, "containers": [container]})

    async def deploy(self, namespace: str, spec: Object) -> None:
        """A Deployment `app` of one replica."""
        labels = {"app": "app"}
        template = {"metadata": {"labels": labels}, "spec": spec}
        body = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
        await self.lab.api.create(resources.DEPLOYMENTS, namespace, {"metadata": {"name": "app"}, "spec": body})

    async def get(self, path: str, accept: str = "application/json") -> aiohttp.ClientResponse:
        headers = {"Authorization": f"Bearer {self.lab.access.token}", "Accept": accept}
        return await self.http.get(f"{self.lab.server}{path}", headers=headers, ssl=False)


def namespace_of(cell: Object) -> str:
    return f"c-{cell['cell']}"


@asynccontextmanager
async def world(flavour: Flavour) -> AsyncIterator[World]:
    clock, caches = ManualClock(), list[ImageService]()

    def capture(service: ImageService) -> ImageService:
        caches.append(service)
        return service

    locked, gone, refusing = Stranger(), Stranger(), Refusing()
    config = LabConfig(clock=clock, seams=Seams(images=capture), runtime=flavour)
    async with AsyncExitStack() as stack:
        for each in (locked, gone, refusing):
            await each.start()
            stack.push_async_callback(each.go)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        lab = await stack.enter_async_context(assembly.running(config))
        yield World(lab, clock, caches[0], http, locked, gone, refusing)


class Watch:
    """The STATUS column of `kubectl get pods -A -w` and the events of pods and workloads, by namespaces."""

    def __init__(self, world: World) -> None:
        self.seen: defaultdict[str, Seen] = defaultdict(Seen)
        self._changed = asyncio.Queue[None]()
        self._world = world
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        start = (await self._world.lab.api.list(resources.PODS, None)).resource_version
        self._tasks = [asyncio.create_task(watch(start)) for watch in (self._statuses, self._events)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    async def _statuses(self, start: str) -> None:
        async with await self._world.get(f"/api/v1/pods?watch=true&resourceVersion={start}", _TABLE) as answer:
            columns: list[str] = []
            async for line in answer.content:
                table = json.loads(line)["object"]
                columns = [column["name"] for column in table["columnDefinitions"] or ()] or columns
                (row,) = table["rows"]
                self.seen[row["object"]["metadata"]["namespace"]].words.append(row["cells"][columns.index("Status")])
                self._changed.put_nowait(None)

    async def _events(self, start: str) -> None:
        async for event in self._world.lab.api.watch(resources.EVENTS, None, resource_version=start):
            if event.type != "BOOKMARK" and event.object["involvedObject"]["kind"] != "Node":
                self.seen[event.object["metadata"]["namespace"]].events.append(event.object)
                self._changed.put_nowait(None)

    async def news(self) -> bool:
        """Wait for the next change; whether one came while it could be waited for."""
        try:
            await asyncio.wait_for(self._changed.get(), _PATIENCE)
        except TimeoutError:
            return False
        return True


async def replayed(runtime: str) -> dict[str, Seen]:
    """What was seen of every cell, by its name, with the hosts of this run as the recordings mark them."""
    wanted = cells(runtime)
    async with world(flavours.OPTIONS[runtime]) as here:
        for cell in wanted.values():
            await here.arrange(cell)
        here.locked.locked = True
        await here.gone.go()
        async with Watch(here) as watch:
            for cell in wanted.values():
                await here.apply(cell)
            await _until(watch, here, lambda cell, seen: len(seen.events) >= len(first_look(cell)), wanted)
            here.clock.advance(_LONGEST_RESYNC)
            await _until(watch, here, lambda cell, seen: words(cell)[-1] in seen.words, wanted)
            for cell in wanted.values():
                await _last_look(here, cell, watch.seen[namespace_of(cell)])
            return {name: _marked(here, cell, watch.seen[namespace_of(cell)]) for name, cell in wanted.items()}


Enough = Callable[[Object, Seen], bool]


async def _until(watch: Watch, here: World, enough: Enough, wanted: Mapping[str, Object]) -> None:
    """Watch until it is enough for every cell; time passes only when nothing else happens."""
    while not all(enough(cell, watch.seen[namespace_of(cell)]) for cell in wanted.values()):
        if not await watch.news():
            here.clock.advance(here.clock.next_wake() or 0)


async def _last_look(here: World, cell: Object, seen: Seen) -> None:
    name = namespace_of(cell)
    (pod,) = (await here.lab.api.list(resources.PODS, name)).items
    seen.container = pod["status"]["containerStatuses"][0]
    async with await here.get(f"/api/v1/namespaces/{name}/pods/{pod['metadata']['name']}/log") as answer:
        text = await answer.text()
    if answer.status == 200:
        seen.logs = text.rstrip("\n")
    else:
        told = json.loads(text)
        seen.logs = f"Error from server ({told['reason']}): {told['message']}"


def words(cell: Object) -> list[str]:
    """The recorded STATUS values, each once, up to the one that the first resync shows."""
    return [word for word, _ in groupby(word for _, word in cell["status"])][:4]


def first_look(cell: Object) -> list[Object]:
    """The recorded events before the first resync."""
    return [{key: value for key, value in event.items() if key != "at"} for event in cell["events"] if event["at"] < 5]


def _marked(here: World, cell: Object, seen: Seen) -> Seen:
    """The same, with what depends on the day replaced by the marks of the recordings."""

    def marked(value: Any) -> Any:
        return json.loads(masked(json.dumps(value), here.host_of(cell), cell["cell"]))

    return Seen(
        seen.words, [marked(printed(event)) for event in seen.events], marked(seen.container), marked(seen.logs)
    )


def masked(text: str, host: str, cell: str) -> str:
    for pattern, mark in (
        (re.escape(f"c-{cell}/"), "NAMESPACE/"),
        (re.escape(host), "REGISTRY"),
        (re.escape(cell), "CELL"),
        (r"app-[0-9a-z]+-[0-9a-z]{5}", "POD"),
        (r"app-[0-9a-z]+", "RS"),
        (r"sha256:[0-9a-f]{64}", "DIGEST"),
        (r"in \d\S* \(\S+ including waiting\)", "in DURATION (DURATION including waiting)"),
        (r"Image size: \d+", "Image size: SIZE"),
    ):
        text = re.sub(pattern, mark, text)
    return text


def printed(event: Object) -> Object:
    """An event as the recordings keep it."""
    return {
        "type": event["type"],
        "reason": event["reason"],
        "count": event.get("count"),
        "source": (event.get("source") or {}).get("component"),
        "kind": event["involvedObject"]["kind"],
        "field": event["involvedObject"].get("fieldPath"),
        "message": event["message"],
    }
