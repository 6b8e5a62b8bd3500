"""Clients of registries: one for each registry and login, each registry with connections of its own and its own pace."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from pullscope.base.clock import Clock
from pullscope.oci.reference import Reference
from pullscope.remote import sessions
from pullscope.remote.client import RegistryClient
from pullscope.remote.registries import Login
from pullscope.remote.sessions import Way
from pullscope.why.collect.pacing import Pace


@dataclass(frozen=True)
class Manners:
    """How registries are asked: `rate` requests a second each, `patience` seconds for a connection or a byte.

    `longest` seconds are what one reference may cost in all. `insecure` registries (their names) need no certificate and no
    TLS; `ca` is a file with an authority to trust besides the system's.
    """

    rate: float = 250.0
    patience: float = 5.0
    longest: float = 20.0
    insecure: frozenset[str] = frozenset()
    ca: Path | None = None


@contextlib.asynccontextmanager
async def reach(manners: Manners, clock: Clock) -> AsyncIterator["Reach"]:
    """The way to all registries, as long as the block."""
    async with contextlib.AsyncExitStack() as stack:
        yield Reach(manners, clock, stack)


class Reach:
    """Makes what is needed for a registry when it is first asked for."""

    def __init__(self, manners: Manners, clock: Clock, stack: contextlib.AsyncExitStack) -> None:
        self._manners = manners
        self._clock = clock
        self._stack = stack
        self._paces: dict[str, Pace] = {}
        self._sessions: dict[str, aiohttp.ClientSession] = {}
        self._clients: dict[tuple[str, Login | None], RegistryClient] = {}

    def pace(self, name: Reference) -> Pace:
        """The pace at which the registry of that name is asked."""
        return self._paces.setdefault(name.registry, Pace(self._clock, self._manners.rate))

    async def client(self, name: Reference, login: Login | None) -> RegistryClient:
        """A client of the registry that `name` is in. Raises UnreachedError for an insecure one that is not there."""
        key = (name.registry, login)
        if key not in self._clients:
            way = Way(insecure=name.registry in self._manners.insecure, ca=self._manners.ca)
            session = self._sessions.get(name.registry)
            if session is None:
                session = await self._stack.enter_async_context(sessions.opened(way, name.registry))
                self._sessions[name.registry] = session
            made = RegistryClient(session, name.registry, auth=login, patience=self._manners.patience)
            if way.insecure:
                async with self.pace(name).turn():
                    made = await sessions.client(session, name, way, login)
            self._clients[key] = made
        return self._clients[key]
