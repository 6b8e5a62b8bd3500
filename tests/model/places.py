"""Where the lives of `test_pulls` are lived: a registry on a socket with a doorkeeper and faults, and a loop."""

import asyncio
import base64
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

import aiohttp
from aiohttp import web
from tests.registry.serving import Served, serving

from pullscope.base.clock import ManualClock
from pullscope.content.memory import MemoryStore
from pullscope.images import build, layers, probe
from pullscope.oci import errors
from pullscope.oci.documents import Descriptor
from pullscope.oci.platform import WASI
from pullscope.registry import app, calls, faulty
from pullscope.registry.calls import Call
from pullscope.registry.faults import Fault, Faults

T = TypeVar("T")

WARS = ("red.war", "green.war", "blue.war")
OWNER = {"X-Owner": "yes"}
"""Whoever says so meets no doorkeeper and no fault."""

FAULTS = {
    "401": Fault(status=401),
    "403": Fault(status=403),
    "404": Fault(status=404),
    "429": Fault(status=429),
    "500": Fault(status=500),
    "no repository": Fault(no_repository=True),
    "reset": Fault(reset=True),
    "wrong digest": Fault(wrong_digest=True),
    "cut": Fault(cut_after=0),
}
"""By the words of the model. `pullscope registry fault` takes them as they print."""


class Bell(ManualClock):
    """Rings when somebody begins to wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self.rung = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.rung.set()
        await super().sleep(seconds)

    async def passing(self, work: Awaitable[T]) -> T:
        """What comes of the work, which need not wait for any time: it passes when somebody waits for it."""
        doing = asyncio.ensure_future(work)
        while not doing.done():
            ringing = asyncio.ensure_future(self.rung.wait())
            await asyncio.wait((doing, ringing), return_when=asyncio.FIRST_COMPLETED)
            ringing.cancel()
            self.rung.clear()
            self.advance(self.next_wake() or 0)
        return doing.result()


class Doorkeeper:
    """Asks for the passwords in `locks`, by repository, and lets go wrong what `faults` say. `hold` holds whoever comes."""

    def __init__(self, clock: Bell) -> None:
        self.locks: dict[str, str] = {}
        self.faults = Faults(clock)
        self.hold: asyncio.Event | None = None
        self.came = asyncio.Event()
        self._faulty = faulty.around(self._locked, self.faults, clock)

    async def __call__(self, call: Call) -> web.StreamResponse:
        if call.request.headers.get("X-Owner"):
            return await app.answer(call)
        if self.hold is not None:
            self.came.set()
            await self.hold.wait()
        return await self._faulty(call)

    async def _locked(self, call: Call) -> web.StreamResponse:
        password = self.locks.get(call.route.repository)
        if password is None or call.request.headers.get("Authorization") == f"Basic {login(password)}":
            return await app.answer(call)
        refused = calls.failure(errors.UNAUTHORIZED.error())
        refused.headers["WWW-Authenticate"] = 'Basic realm="x"'
        return refused


def _image(store: MemoryStore, war: str) -> Descriptor:
    """An image that has nothing but that archive and a program that nobody runs, with an index."""
    files = {f"{probe.DEPLOYMENTS}/{war}": probe.archive(war), "program": b""}
    layer = layers.write(store, [layers.Entry(path, data, 0o555) for path, data in files.items()])
    return build.index(store, [build.image(store, WASI, {"Entrypoint": ["/program"]}, [layer])])


def login(password: str) -> str:
    """Everybody is called `me`."""
    return base64.b64encode(f"me:{password}".encode()).decode()


class Place:
    """What all lives share: a loop, a registry. Each has repositories and a node of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.clock = Bell()
        self.doorkeeper = Doorkeeper(self.clock)
        self._serving = serving(None, self.clock, handler=self.doorkeeper)
        self.served: Served = self.run(self._serving.__aenter__())
        self.http: aiohttp.ClientSession = self.run(self._session())
        self.owner: aiohttp.ClientSession = self.run(self._session(OWNER))
        self.store = MemoryStore()
        self.images: dict[str, Descriptor] = {war: _image(self.store, war) for war in WARS}
        self.lives = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    async def _session(self, headers: dict[str, str] | None = None) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(headers=headers)

    def close(self) -> None:
        self.run(self.http.close())
        self.run(self.owner.close())
        self.run(self._serving.__aexit__(None, None, None))
        self.loop.close()
