"""Registries for `verify` that misbehave: one for a case, in memory, on a port of its own, with a log that is evidence."""

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_urlsafe

import aiohttp
from aiohttp import web

from pullscope.base.clock import Clock
from pullscope.base.errors import UnreachableError
from pullscope.kube import meta
from pullscope.oci.reference import Reference
from pullscope.registry import app, faulty, guarded
from pullscope.registry.accesslog import Record
from pullscope.registry.calls import Call
from pullscope.registry.faults import Fault, Faults
from pullscope.registry.serving import LOOPBACK, Address
from pullscope.registry.store import Registry
from pullscope.remote.client import RegistryClient
from pullscope.remote.registries import Login
from pullscope.verify import case, misbehaving
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
        served = Misbehaving(where, store, _bound(where.host, 0))
        try:
            await served.start()
            yield served
        finally:
            await served.stop()


class Misbehaving:
    """A `misbehaving.Registry` behind a bound socket. Everybody may read it, and only its own `repository` write."""

    def __init__(self, where: Where, store: Registry, bound: socket.socket) -> None:
        password = token_urlsafe()
        self._clock = where.clock
        self._tls = where.tls
        self._faults = Faults(where.clock)
        self._handler = faulty.around(guarded.by(password), self._faults, where.clock)
        self._app = app.create(store, clock=where.clock, handler=self._answer)
        self._runner = app.runner(self._app)
        self._bound = bound
        self._address = Address(where.host, bound.getsockname()[1])
        self._server: asyncio.Server | None = None
        self._answering = asyncio.Event()
        self._waiting: dict[int, Request] = {}
        self._mark = 0
        name = Reference(str(replace(self._address, host=where.name)), REPOSITORY)
        client = RegistryClient(
            *(where.session, name.registry),
            auth=Login(guarded.USER, password),
            address=str(replace(self._address, host=where.here)),
            plain_http=where.tls is None,
        )
        self._repository = Repository(client, name, name)

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
        self._shut()
        self._bound.close()
        await self._runner.cleanup()

    async def misbehave(self, how: case.Registry) -> Step:
        self._mark = self._app[app.LOG].last
        if how in _FAULTS:
            self._faults.add(_FAULTS[how])
        elif how == "times out":
            self._answering.clear()
        elif how == "refuses":
            self._shut()
        return Step(_DONE.get(how, f"let the registry answer {how}"), "it does from now on")

    async def behave(self) -> Step:
        self._faults.clear()
        self._answering.set()
        await self._listen()
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

    async def _listen(self) -> None:
        if self._server is None:
            factory, loop = self._runner.server, asyncio.get_running_loop()
            assert factory is not None, "it has been set up"
            self._server = await loop.create_server(factory, sock=self._bound, ssl=self._tls)

    def _shut(self) -> None:
        """End all connections and take no new ones. The port stays ours: bound, with nobody who listens."""
        if self._server is None or self._runner.server is None:
            return
        self._server.close()
        self._server = None
        for connection in self._runner.server.connections:
            if connection.transport is not None:
                connection.transport.abort()
        self._bound = _bound(self._address.host, self._address.port)


def _bound(host: str, port: int) -> socket.socket:
    """A socket that is bound and does not listen. Raises UnreachableError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere this would share the port with others
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.setblocking(False)
    except OSError as error:
        bound.close()
        raise UnreachableError(f"cannot listen on {Address(host, port)}: {error.strerror or error}") from error
    return bound
