"""The pulls under way on a node: who waits for which, what they share, how far each one is, and that something has changed.

Identical pulls are one, as with CRI-O (server/image_pull.go, pullOperationsInProgress): when the last one that waits for it
leaves, it is cut. Of different ones, a blob that several lack is fetched by one of them.
"""

import asyncio
import contextlib
import functools
import weakref
from collections.abc import Callable, Coroutine, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pullscope.base.clock import Clock
from pullscope.cri.api import CriError
from pullscope.oci.digest import Digest
from pullscope.remote.downloads import Downloads

Phase = Literal["Resolving", "Downloading", "Unpacking", "Pulled", "Failed"]


class Bell:
    """Tells those who listen that something has changed; what, they look up. So nobody has to be waited for."""

    def __init__(self) -> None:
        self._listeners: list[asyncio.Event] = []

    def ring(self) -> None:
        for listener in self._listeners:
            listener.set()

    @contextlib.contextmanager
    def heard(self, listener: asyncio.Event) -> Iterator[None]:
        """Inside, each ring sets `listener`."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)


@dataclass(eq=False)
class PullUnderWay:
    """One pull. Whoever has it in hand sees how it ended; nobody else keeps it."""

    image: str
    clock: Clock
    downloads: Downloads
    error: str = ""
    _began: float = field(init=False)
    _ended: float | None = None

    def __post_init__(self) -> None:
        self._began = self.clock.monotonic()

    def end(self, error: str = "") -> None:
        """It is over; `error` says why it failed."""
        self._ended, self.error = self.clock.monotonic(), error

    @property
    def seconds(self) -> float:
        """How long it takes, or took, by the lab's clock."""
        return (self.clock.monotonic() if self._ended is None else self._ended) - self._began

    @property
    def phase(self) -> Phase:
        downloads = self.downloads
        if self._ended is not None:
            return "Failed" if self.error else "Pulled"
        if downloads.layers is None:
            return "Resolving"
        return "Downloading" if downloads.done < downloads.total else "Unpacking"


Work = Callable[[PullUnderWay], Coroutine[Any, Any, str]]
"""Pulls; returns the image's id."""


@dataclass
class _Shared:
    """A pull under way, and how many wait for it."""

    task: asyncio.Task[str]
    pull: PullUnderWay
    waiting: int = 0


class UnderWay:
    """Those of one node. `bell` rings when one begins or ends; `brought` are the blobs that they have fetched.

    `idle` is called when the last one has ended.
    """

    def __init__(self, clock: Clock, idle: Callable[[], None]) -> None:
        self.clock = clock
        self.bell = Bell()
        self.brought: set[Digest] = set()
        self._idle = idle
        self._joined: dict[Hashable, _Shared] = {}
        self._all: dict[asyncio.Task[str], PullUnderWay] = {}
        self._turns: weakref.WeakValueDictionary[Digest, asyncio.Lock] = weakref.WeakValueDictionary()

    def __bool__(self) -> bool:
        return bool(self._all)

    @property
    def pulls(self) -> Sequence[PullUnderWay]:
        """Those under way, in the order in which they began."""
        return list(self._all.values())

    async def join(self, key: Hashable, image: str, work: Work) -> str:
        """Do the work for the image, or wait for whoever does that of the same `key` already. Raises what it raises."""
        shared = self._joined.get(key)
        if shared is None:
            shared = self._joined[key] = self._begin(image, work)
            shared.task.add_done_callback(functools.partial(self._ended, key))
        shared.waiting += 1
        try:
            return await asyncio.shield(shared.task)
        finally:
            shared.waiting -= 1
            if not shared.waiting and not shared.task.done():  # nobody wants it any more
                del self._joined[key]
                shared.task.cancel()

    def _begin(self, image: str, work: Work) -> _Shared:
        pull = PullUnderWay(image, self.clock, Downloads(self._turn))
        task = asyncio.ensure_future(work(pull))
        self._all[task] = pull
        self.bell.ring()
        return _Shared(task, pull)

    def _turn(self, digest: Digest) -> asyncio.Lock:
        return self._turns.setdefault(digest, asyncio.Lock())

    def _ended(self, key: Hashable, task: asyncio.Task[str]) -> None:
        pull = self._all.pop(task)
        shared = self._joined.get(key)
        if shared is not None and shared.task is task:
            del self._joined[key]
        # Whoever waited has the error; when all left in the same moment, nobody misses it.
        error = asyncio.CancelledError("cancelled") if task.cancelled() else task.exception()
        pull.end(error.message if isinstance(error, CriError) else str(error or ""))
        if not self._all:
            self.brought.clear()
            self._idle()
        self.bell.ring()

    async def close(self) -> None:
        """Cut them all."""
        for task in self._all:
            task.cancel()
        if self._all:
            await asyncio.wait(list(self._all))
