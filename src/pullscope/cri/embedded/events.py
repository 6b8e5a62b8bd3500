"""Tells everyone who listens what happens to containers and sandboxes (CRI's GetContainerEvents)."""

import asyncio
from collections.abc import AsyncIterator

from pullscope.cri.api import ContainerEvent, ContainerEventType, PodSandbox


class Events:
    """One queue for each listener; `close` ends them all."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[ContainerEvent | None]] = set()
        self._closed = False

    def tell(self, container_id: str, kind: ContainerEventType, sandbox: PodSandbox) -> None:
        """Something happened; a sandbox is told of by its own id."""
        event = ContainerEvent(container_id, kind, sandbox.id, sandbox.config.uid)
        for queue in self._listeners:
            queue.put_nowait(event)

    def listen(self) -> AsyncIterator[ContainerEvent]:
        """Every event from this call on."""
        queue: asyncio.Queue[ContainerEvent | None] = asyncio.Queue()
        self._listeners.add(queue)
        if self._closed:
            queue.put_nowait(None)
        return self._read(queue)

    async def _read(self, queue: asyncio.Queue[ContainerEvent | None]) -> AsyncIterator[ContainerEvent]:
        try:
            while (event := await queue.get()) is not None:
                yield event
        finally:
            self._listeners.discard(queue)

    def close(self) -> None:
        """Nothing will happen any more."""
        self._closed = True
        for queue in self._listeners:
            queue.put_nowait(None)
