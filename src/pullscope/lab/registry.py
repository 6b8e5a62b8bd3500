"""The lab's registry: one store with two faces, and what goes wrong with it on demand."""

import asyncio
import logging
import socket
from collections.abc import Callable, Collection
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import web

from pullscope.base import tasks
from pullscope.base.clock import Clock
from pullscope.base.errors import UsageError
from pullscope.kube.api import Api
from pullscope.lab import ports, serving
from pullscope.lab.places import ADDRESS
from pullscope.lab.serving import Door
from pullscope.registry import app, faulty
from pullscope.registry.app import Handler
from pullscope.registry.faults import Active, Fault, Faults
from pullscope.registry.openshift import app as openshift
from pullscope.registry.store import Registry
from pullscope.remote.registries import Registries

logger = logging.getLogger(__name__)

_AGAIN = 1.0  # seconds until a port that somebody took meanwhile is asked for again


class RegistryFaults:
    """What goes wrong, and the doors that have to be shut for it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._faults = Faults(clock)
        self._doors: list[Door] = []
        self._changed = asyncio.Event()
        self._moving = asyncio.Lock()

    def around(self, handler: Handler) -> Handler:
        """A handler with what goes wrong."""
        return faulty.around(handler, self._faults, self._clock)

    def shuts(self, door: Door) -> None:
        """Shut that door too when connections are to be refused."""
        self._doors.append(door)

    def active(self) -> list[Active]:
        """What goes wrong now."""
        return self._faults.active()

    async def add(self, fault: Fault) -> Active:
        """Let it go wrong from now on. Raises UsageError."""
        added = self._faults.add(fault)
        await self._move()
        self._changed.set()
        return added

    async def clear(self, ids: Collection[int] = ()) -> list[Active]:
        """Let it be right again: those, or all. Raises UsageError."""
        gone = self._faults.clear(ids)
        await self._move()
        return gone

    async def run(self) -> None:
        """Open the doors when the time of a refusal is over."""
        while True:
            ends = [each.until for each in self.active() if each.fault.refuse and each.until is not None]
            waiting = self._changed.wait()
            await (tasks.within(self._clock, min(ends) - self._clock.monotonic(), waiting) if ends else waiting)
            self._changed.clear()
            while not await self._moved():
                await self._clock.sleep(_AGAIN)

    async def _moved(self) -> bool:
        try:
            await self._move()
        except UsageError as error:
            logger.warning("the registry cannot listen again: %s", error.message)
            return False
        return True

    async def _move(self) -> None:
        """Open or shut the doors, as the faults say."""
        async with self._moving:
            refusing = any(each.fault.refuse for each in self.active())
            for door in self._doors:
                if refusing:
                    door.shut()
                else:
                    await door.open()


class LabRegistry:
    """Served from `serve` and `serve_internal` on, until the stack closes. `run` has to run beside it."""

    address: str
    internal_address: str

    def __init__(self, stack: AsyncExitStack, root: Path | None, clock: Clock) -> None:
        self._stack = stack
        self._clock = clock
        self._store = Registry.open(root)
        stack.callback(self._store.close)
        self.faults = RegistryFaults(clock)
        self.run = self.faults.run

    async def serve(self, listening: socket.socket, wrap: Callable[[web.Application], web.Application]) -> None:
        """The plain face: open to this machine. `wrap` puts something around its application."""
        self.address = await self._serve(app.answer, listening, wrap)

    async def serve_internal(self, listening: socket.socket, api: Api, registries: Registries) -> None:
        """OpenShift's face: it asks `api` about users and streams."""
        self.internal_address = await self._serve(openshift.face(self._store, api, registries), listening)

    async def _serve(
        self,
        handler: Handler,
        listening: socket.socket,
        wrap: Callable[[web.Application], web.Application] = lambda application: application,
    ) -> str:
        address = f"{ADDRESS}:{ports.number_of(listening)}"
        application = app.create(self._store, clock=self._clock, handler=self.faults.around(handler))
        self.faults.shuts(await serving.serve(self._stack, app.runner(wrap(application)), listening))
        return address
