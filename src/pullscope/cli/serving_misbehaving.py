"""Registries for `verify` that misbehave: one for a case, in memory, on a port of its own, with a log that is evidence."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_urlsafe

import aiohttp
from aiohttp import web

from pullscope.base.clock import Clock
from pullscope.cli.serving_port import ShutPort
from pullscope.content import api as content
from pullscope.kube import meta
from pullscope.oci.reference import Reference
from pullscope.registry import app, faulty, guarded
from pullscope.registry.accesslog import Record
from pullscope.registry.calls import Call
from pullscope.registry.faults import Fault, Faults
from pullscope.registry.serving import LOOPBACK
from pullscope.registry.store import Registry
from pullscope.remote.client import RegistryClient
from pullscope.remote.registries import Login
from pullscope.verify import case, misbehaving, variants
from pullscope.verify.evidence import Step
from pullscope.verify.repository import Repository, Request

REPOSITORY = "pullscope/verify"

_FAULTS: dict[case.Registry, Fault] = {
    "404 repository": Fault(no_repository=True),
    "401": Fault(status=401),
    "403": Fault(status=403),
    "429": Fault(status=429),
    "500": Fault(status=500),
    "wrong digest": Fault(wrong_digest=True),
}
_DONE: dict[case.Registry, str] = {
    "same": "left the registry as it is",
    "404 repository": "let the registry know no such repository",
    "refuses": "closed the registry's port",
    "times out": "let the registry answer nobody",
    "wrong digest": "let the registry send something else under each digest",
}
_DEMANDED = {
    "basic": "let the registry ask whoever reads for a password (Basic)",
    "bearer": "let the registry ask whoever reads for a token (Bearer), which it gives for a password",
}


@dataclass(frozen=True)
class Where:
    """Where they listen: on `host`, which nodes call `name` and we call `here`; with `tls`, that `session` trusts."""

    session: aiohttp.ClientSession
    clock: Clock
    host: str = LOOPBACK
    name: str = LOOPBACK
    here: str = LOOPBACK
    tls: ssl.SSLContext | None = None


def serve(where: Where) -> misbehaving.Serve:
    """Serves registries there."""
    return lambda: _serving(where)


@contextlib.asynccontextmanager
async def _serving(where: Where) -> AsyncIterator[misbehaving.Registry]:
    with contextlib.closing(Registry.open(None)) as store:
        _fill(store)
        served = Misbehaving(where, store, ShutPort(where.host, where.tls))
        try:
            await served.start()
            yield served
        finally:
            await served.stop()


def _fill(store: Registry) -> None:
    """What all images have in common is there from the start: to upload it to each registry would take longer than all else."""
    for data in variants.common().values():
        store.link(REPOSITORY, content.put(store.blobs, data))


class Misbehaving:
    """A `misbehaving.Registry` behind a port. Everybody may read it until asked for more, and only its own `repository` write."""

    def __init__(self, where: Where, store: Registry, port: ShutPort) -> None:
        password = token_urlsafe()
        self._clock = where.clock
        self._faults = Faults(where.clock)
        self._demand: guarded.Demand | None = None
        self._handler = faulty.around(guarded.by(password, lambda: self._demand), self._faults, where.clock)
        self._app = app.create(store, clock=where.clock, handler=self._answer)
        self._runner = app.runner(self._app)
        self._port = port
        self._answering = asyncio.Event()
        self._waiting: dict[int, Request] = {}
        self._mark = 0
        name = Reference(str(replace(port.address, host=where.name)), REPOSITORY)
        client = RegistryClient(
            *(where.session, name.registry),
            auth=Login(guarded.USER, password),
            address=str(replace(port.address, host=where.here)),
            plain_http=where.tls is None,
        )
        self._repository = Repository(client, name, name, known=variants.common())

    @property
    def repository(self) -> Repository:
        return self._repository

    async def start(self) -> None:
        """Listen."""
        await self._runner.setup()
        await self.behave()

    async def stop(self) -> None:
        """Give the port back."""
        self._answering.set()
        self._port.close()
        await self._runner.cleanup()

    def mark(self) -> None:
        self._mark = self._app[app.LOG].last

    async def misbehave(self, how: case.Registry) -> Step:
        self.mark()
        if how in _FAULTS:
            self._faults.add(_FAULTS[how])
        elif how == "times out":
            self._answering.clear()
        elif how == "refuses":
            self._port.shut()
        return Step(_DONE.get(how, f"let the registry answer {how}"), "it does from now on")

    async def demand(self, scheme: case.Scheme, accepted: Mapping[str, str]) -> Step:
        self._demand = guarded.Demand(scheme, dict(accepted))
        return Step(_DEMANDED[scheme], f"it lets {', '.join(sorted(accepted)) or 'nobody'} in from now on")

    async def behave(self) -> Step:
        self._demand = None
        self._faults.clear()
        self._answering.set()
        server = self._runner.server
        assert server is not None, "it has been set up"
        await self._port.listen(server)
        return Step("let the registry behave again", "it does from now on")

    def requests(self, started: datetime) -> tuple[Request, ...]:
        answered = [record.as_json() for record in self._app[app.LOG].records(since=self._mark)]
        return tuple(
            each | {"seconds": round((meta.parse_time(each["time"]) - started).total_seconds(), 3)}
            for each in (*answered, *self._waiting.values())
        )

    async def _answer(self, call: Call) -> web.StreamResponse:
        if not self._answering.is_set():
            self._waiting[id(call)] = self._unanswered(call)
            try:
                await self._answering.wait()
            finally:
                del self._waiting[id(call)]
        return await self._handler(call)

    def _unanswered(self, call: Call) -> Request:
        """As the log will have the request, once it is answered."""
        asked, request = call.route, call.request
        record = Record(
            *(self._clock.now(), request.method, request.path, asked.kind, asked.repository, asked.reference, "", 0, 0),
            user_agent=request.headers.get("User-Agent", ""),
            remote=request.remote or "",
        )
        return record.as_json() | {"status": None}
