"""A client that lists and watches, as k9s and every controller do (client-go's reflector), against a moving server.

Whatever happens to its connection, and however far it falls behind, its copy comes to be what the server has.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import orjson
import pytest
from tests.apiserver.support import Http

from pullscope.apiserver.server import ApiServer
from pullscope.kube import resources
from pullscope.kube.api import Api, Object

PATH = "/api/v1/configmaps"
OBJECTS = 1200
INITIAL_END = "k8s.io/initial-events-end"


@dataclass
class Informer:
    """A copy of all ConfigMaps. `streaming`: the first state comes over the watch too, not as pages of a list."""

    wire: Http
    streaming: bool
    copy: dict[str, Object] = field(default_factory=dict)
    version: str = ""
    synced: asyncio.Event = field(default_factory=asyncio.Event)
    response: aiohttp.ClientResponse | None = None
    relists: int = 0
    bookmarks: int = 0

    async def run(self) -> None:
        while True:
            if not self.version:
                self.relists += 1
                self.copy = {}
                if not self.streaming:
                    await self._list()
            async for event in self._events(self._query()):
                if not self._take(event):
                    break

    def drop(self) -> None:
        """Lose the connection."""
        if self.response is not None:
            self.response.close()

    async def _list(self) -> None:
        token = ""
        while True:
            page = await self.wire.send("GET", f"{PATH}?limit=500&continue={token}")
            assert len(page.body["items"]) <= 500
            self.copy |= {item["metadata"]["name"]: item for item in page.body["items"]}
            token = page.body["metadata"].get("continue", "")
            if not token:
                self.version = page.body["metadata"]["resourceVersion"]
                self.synced.set()
                return

    def _query(self) -> str:
        query = "watch=true&allowWatchBookmarks=true&timeoutSeconds=300"
        if self.version:
            return f"{query}&resourceVersion={self.version}"
        return f"{query}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"

    async def _events(self, query: str) -> AsyncIterator[Object]:
        async with self.wire.request("GET", f"{PATH}?{query}") as self.response:
            assert self.response is not None
            try:
                async for line in self.response.content:
                    yield orjson.loads(line)
            except aiohttp.ClientConnectionError:
                return

    def _take(self, event: Object) -> bool:
        """Take in one event; False when the watch is over for good and the list has to be made anew."""
        obj = event["object"]
        match event["type"]:
            case "ERROR":
                assert (obj["code"], obj["reason"]) == (410, "Expired")
                self.version = ""
                return False
            case "BOOKMARK":
                self.bookmarks += 1
                if obj["metadata"].get("annotations", {}).get(INITIAL_END) == "true":
                    self.synced.set()
            case "DELETED":
                del self.copy[obj["metadata"]["name"]]
            case "ADDED":
                assert obj["metadata"]["name"] not in self.copy
                self.copy[obj["metadata"]["name"]] = obj
            case "MODIFIED":
                assert obj["metadata"]["name"] in self.copy
                self.copy[obj["metadata"]["name"]] = obj
        if self.synced.is_set():  # before, there is no version from which a watch could go on
            self.version = obj["metadata"]["resourceVersion"]
        return True


async def write(api: Api, name: str, step: int) -> None:
    """A change at random: of the object, of all of it, or of none."""
    match random.randrange(4):
        case 0:
            await api.delete(resources.CONFIG_MAPS, "demo", name)
            await api.create(resources.CONFIG_MAPS, "demo", {"metadata": {"name": name}, "data": {"new": str(step)}})
        case 1:
            await api.create(resources.CONFIG_MAPS, "demo", {"metadata": {"name": f"more-{step}"}})
        case _:
            await api.patch(resources.CONFIG_MAPS, "demo", name, {"data": {"n": str(step)}})


@pytest.mark.parametrize("streaming", [False, True], ids=["lists in pages", "streams its list"])
async def test_the_copy_comes_to_be_what_there_is(server: ApiServer, wire: Http, api: Api, *, streaming: bool) -> None:
    for number in range(OBJECTS):
        await api.create(resources.CONFIG_MAPS, "demo", {"metadata": {"name": f"c{number:04}"}})
    informer = Informer(wire, streaming)
    running = asyncio.create_task(informer.run())
    await informer.synced.wait()
    assert len(informer.copy) == OBJECTS
    for step in range(300):
        await write(api, f"c{random.randrange(OBJECTS):04}", step)
        if step % 40 == 39:
            informer.drop()
    server._services.store.send_bookmarks()
    last = await api.create(resources.CONFIG_MAPS, "demo", {"metadata": {"name": "last"}})
    while "last" not in informer.copy:
        assert not running.done(), running
        await api.get(resources.CONFIG_MAPS, "demo", "last")
        await asyncio.wait({running}, timeout=0.01)
    listed = await api.list(resources.CONFIG_MAPS)
    assert informer.copy.keys() == {item["metadata"]["name"] for item in listed.items}
    versions = {item["metadata"]["name"]: item["metadata"]["resourceVersion"] for item in listed.items}
    assert {name: obj["metadata"]["resourceVersion"] for name, obj in informer.copy.items()} == versions
    assert versions["last"] == last["metadata"]["resourceVersion"]
    running.cancel()


async def test_one_that_fell_behind_lists_anew(wire: Http, api: Api, history: int) -> None:
    await api.create(resources.CONFIG_MAPS, "demo", {"metadata": {"name": "a"}})
    informer = Informer(wire, streaming=False, version="1")
    informer.synced.set()
    for number in range(history + 2):
        await api.patch(resources.CONFIG_MAPS, "demo", "a", {"data": {"n": str(number)}})
    running = asyncio.create_task(informer.run())
    while informer.copy.get("a", {}).get("data") != {"n": str(history + 1)}:
        await asyncio.wait({running}, timeout=0.01)
        assert not running.done(), running
    assert informer.relists == 1
    running.cancel()
