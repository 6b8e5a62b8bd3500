"""Containers: created, started, stopped, removed, and what is known of each. Those of an earlier process have exited.

A container that sleeps without end costs its record and nothing else: no thread, task or open file.
"""

import asyncio
import contextlib
import functools
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from pullscope.base import clock as clocks
from pullscope.base.clock import Clock
from pullscope.cri.api import ContainerConfig, ContainerEventType, ContainerState, ContainerStatus, CriError, PodSandbox
from pullscope.cri.embedded.events import Events
from pullscope.cri.embedded.images import ImageRecord, ImageStore
from pullscope.cri.embedded.launch import Held, Launch
from pullscope.cri.embedded.logs import Log
from pullscope.cri.embedded.state import State
from pullscope.runtime.exits import Exit

_KIND = "container"
_LOST = 255  # CRI-O's exit code of a container whose end nobody saw
_NOT_STARTED = 128  # as containerd's StartError


class Running(Protocol):
    """What runs in a container."""

    exited: asyncio.Future[Exit]

    def stop(self) -> None:
        """End it; `exited` tells when it has ended."""


Starter = Callable[["Container"], Awaitable[Running]]
"""Starts what is in a container. Raises CriError."""


@dataclass(frozen=True)
class Made:
    """What a container of this process was made with."""

    sandbox: PodSandbox
    image: ImageRecord
    config: ContainerConfig
    launch: Launch
    log: Log


@dataclass
class Container:
    """A container. `made` is None for one of an earlier process; `running` is there from its start to its end.

    `starting` is there while it is being started, which may have to wait for others to end.
    """

    status: ContainerStatus
    made: Made | None = None
    running: Running | None = None
    starting: asyncio.Future[Running] | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Containers:
    """All containers of the node."""

    def __init__(self, state: State, events: Events, clock: Clock, images: ImageStore) -> None:
        self._state = state
        self._images = images
        self._events = events
        self._clock = clock
        found = sorted(map(_decode, state.all(_KIND)), key=lambda status: status.created_at)
        self._containers: dict[str, Container] = {}
        self._of: defaultdict[str, list[str]] = defaultdict(list)
        for status in found:
            self._add(Container(status))
        for container in self._containers.values():
            if container.status.state is not ContainerState.EXITED:
                message = "the runtime that ran this container ended"
                self._change(container, **self._ended(Exit(_LOST, message)))

    def statuses(self) -> list[ContainerStatus]:
        """Every container, in the order of their creation."""
        return [container.status for container in self._containers.values()]

    def get(self, container_id: str) -> Container:
        """The container of that id. Raises CriError (NotFound)."""
        container = self._containers.get(container_id)
        if container is None:
            text = (
                f'could not find container "{container_id}": container with ID starting with {container_id} not found'
            )
            raise CriError(f"{text}: ID does not exist", code="NotFound")
        return container

    def running(self, container_id: str) -> tuple[Made, Running]:
        """A container that is running: what it was made with, and what runs. Raises CriError."""
        container = self.get(container_id)
        if container.running is None or container.made is None:
            raise CriError(f"container is not created or running: container {container_id}")
        return container.made, container.running

    def of(self, sandbox_id: str) -> list[str]:
        """The ids of a sandbox's containers."""
        return list(self._of.get(sandbox_id, ()))

    def _add(self, container: Container) -> None:
        self._containers[container.status.id] = container
        self._of[container.status.pod_sandbox_id].append(container.status.id)

    def _drop(self, container: Container) -> None:
        status = container.status
        del self._containers[status.id]
        self._of[status.pod_sandbox_id].remove(status.id)
        if not self._of[status.pod_sandbox_id]:
            del self._of[status.pod_sandbox_id]

    def create(self, sandbox: PodSandbox, image: ImageRecord, config: ContainerConfig, launch: Launch) -> str:
        """Make a container. Raises CriError (its log cannot be made, the disk is full)."""
        directory = sandbox.config.log_directory
        path = Path(directory, config.log_path) if directory and config.log_path else None
        try:
            log = Log(path, self._clock)
        except OSError as error:
            raise CriError(f"creating the log of container {config.name}: {error}") from error
        status = ContainerStatus(
            id=secrets.token_hex(32),
            pod_sandbox_id=sandbox.id,
            name=config.name,
            attempt=config.attempt,
            state=ContainerState.CREATED,
            **self._images.names(image)._asdict(),
            created_at=clocks.nanoseconds(self._clock),
            labels=dict(config.labels),
            annotations=dict(config.annotations),
            log_path="" if path is None else str(path),
            executed=not isinstance(launch, Held),
        )
        container = Container(status, Made(sandbox, image, config, launch, log))
        self._save(status)
        self._add(container)
        self._tell(container, ContainerEventType.CREATED)
        return status.id

    async def start(self, container_id: str, starter: Starter) -> None:
        """Start what is in it. Raises CriError, also when it is stopped meanwhile; the container has then exited."""
        container = self.get(container_id)
        async with container.turn:
            if container.status.state is not ContainerState.CREATED:
                raise CriError(f"container {container_id} is not in created state: {container.status.state}")
            try:
                running = await self._running(container, starter)
            except CriError as error:
                self._change(container, **self._ended(Exit(_NOT_STARTED, error.message), "StartError"))
                raise
            container.running = running
            self._change(container, state=ContainerState.RUNNING, started_at=clocks.nanoseconds(self._clock))
            self._tell(container, ContainerEventType.STARTED)
            running.exited.add_done_callback(functools.partial(self._exited, container))

    async def _running(self, container: Container, starter: Starter) -> Running:
        starting = container.starting = asyncio.ensure_future(starter(container))
        try:
            await asyncio.wait((starting,))
        except asyncio.CancelledError:
            starting.add_done_callback(_unwanted)
            starting.cancel()
            raise
        finally:
            container.starting = None
        if starting.cancelled():
            raise CriError(f"container {container.status.id} was stopped while it was being started")
        return starting.result()

    async def stop(self, container_id: str) -> None:
        """End what runs in it. Not being there, or having exited, is not an error."""
        container = self._containers.get(container_id)
        if container is None:
            return
        if container.starting is not None:
            container.starting.cancel()
        async with container.turn:
            if container.running is not None:
                exited = container.running.exited
                container.running.stop()
                await asyncio.wait((exited,))
                self._exited(container, exited)
            elif container.status.state is ContainerState.CREATED:
                self._change(container, **self._ended(Exit(_LOST)))

    async def remove(self, container_id: str) -> None:
        """Stop and forget it. Not being there is not an error."""
        await self.stop(container_id)
        container = self._containers.get(container_id)
        if container is not None:
            self._state.delete(_KIND, container_id)
            self._drop(container)
            self._tell(container, ContainerEventType.DELETED)

    async def close(self) -> None:
        """End everything that runs."""
        for container_id in [*self._containers]:
            await self.stop(container_id)

    def _exited(self, container: Container, exited: asyncio.Future[Exit]) -> None:
        if container.running is None:
            return  # `stop` was told first
        container.running = None
        self._change(container, **self._ended(exited.result()))
        self._tell(container, ContainerEventType.STOPPED)

    def _ended(self, ended: Exit, reason: str = "") -> dict[str, Any]:
        """The fields of a status that say how it ended. Upstream: CRI-O server/container_status.go."""
        usual = "OOMKilled" if ended.out_of_memory else ("Error" if ended.code else "Completed")
        return {
            "state": ContainerState.EXITED,
            "finished_at": clocks.nanoseconds(self._clock),
            "exit_code": ended.code,
            "reason": reason or usual,
            "message": ended.message,
        }

    def _change(self, container: Container, **fields: Any) -> None:
        """Change a status. When it cannot be written, little is lost: after a restart the container has exited anyway."""
        container.status = self._images.renamed(replace(container.status, **fields))
        with contextlib.suppress(CriError):
            self._save(container.status)

    def _save(self, status: ContainerStatus) -> None:
        self._state.put(_KIND, {status.id: status})

    def _tell(self, container: Container, kind: ContainerEventType) -> None:
        if container.made is not None:
            self._events.tell(container.status.id, kind, container.made.sandbox)


def _unwanted(starting: asyncio.Future[Running]) -> None:
    """What was started in the moment in which nobody waited for it any more does not run on."""
    if not starting.cancelled() and starting.exception() is None:
        starting.result().stop()


def _decode(value: dict[str, Any]) -> ContainerStatus:
    return ContainerStatus(**{**value, "state": ContainerState(value["state"])})
