"""Work queues: which objects are to be looked at again, each at most once at a time.

Upstream: k8s.io/client-go v0.36 util/workqueue. A key that is added while it is being worked on is handed out again
afterwards; one that failed comes back after 5 ms, doubling up to 1000 s, until `forget`.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from pullscope.base import clock as clocks
from pullscope.base.clock import Clock
from pullscope.kube.status import ApiError

logger = logging.getLogger(__name__)

K = TypeVar("K", bound=Hashable)

BASE_DELAY = 0.005
MAX_DELAY = 1000.0
REST = 0.05


def briefly(_key: Hashable) -> float:
    """The rest of a key whose controller writes a status: upstream's client lets it do so 20 times a second."""
    return REST


class WorkQueue(Generic[K]):
    """Keys waiting for a worker. Used as: `get`, work, then `done`.

    A key that was worked on with success rests before it is handed out again, for so many seconds as `rest` says, so that
    changes that come in masses are looked at together.
    """

    def __init__(self, clock: Clock, *, rest: Callable[[K], float] | None = None) -> None:
        self.clock = clock
        self._rest = rest
        self._ready: deque[K] = deque()
        self._dirty: set[K] = set()
        self._busy: set[K] = set()
        self._failures: dict[K, int] = {}
        self._timers: dict[K, tuple[float, asyncio.Task[None]]] = {}
        self._resting: dict[K, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()

    def add(self, key: K) -> None:
        if key in self._dirty:
            return
        self._dirty.add(key)
        if key not in self._busy:
            self._ready.append(key)
            self._wake.set()

    def add_after(self, key: K, seconds: float) -> None:
        """Add `key` after that time; of several such calls the earliest counts."""
        due = self.clock.monotonic() + seconds
        if key in self._timers:
            if self._timers[key][0] <= due:
                return
            self._timers.pop(key)[1].cancel()
        self._timers[key] = (due, asyncio.create_task(self._fire(key, seconds)))

    async def _fire(self, key: K, seconds: float) -> None:
        await self.clock.sleep(seconds)
        del self._timers[key]
        self.add(key)

    def retry(self, key: K) -> None:
        """Add a key that failed, later with every failure."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        self.add_after(key, min(BASE_DELAY * 2 ** min(failures, 20), MAX_DELAY))

    def forget(self, key: K) -> None:
        """The key succeeded: its next failure is its first."""
        self._failures.pop(key, None)

    async def get(self) -> K:
        """The next key; it is not handed out again before `done`."""
        while not self._ready:
            self._wake.clear()
            await self._wake.wait()
        key = self._ready.popleft()
        self._dirty.discard(key)
        self._busy.add(key)
        return key

    def done(self, key: K) -> None:
        """The work on `key` has ended."""
        if self._rest is not None and key not in self._failures:
            self._resting[key] = asyncio.create_task(self._end_rest(key, self._rest(key)))
        else:
            self._release(key)

    async def _end_rest(self, key: K, seconds: float) -> None:
        await self.clock.sleep(seconds)
        del self._resting[key]
        self._release(key)

    def _release(self, key: K) -> None:
        self._busy.discard(key)
        if key in self._dirty:
            self._ready.append(key)
            self._wake.set()

    def close(self) -> None:
        """Drop what waits for its time."""
        for timer in (*(timer for _, timer in self._timers.values()), *self._resting.values()):
            timer.cancel()
        self._timers.clear()
        self._resting.clear()


Reconcile = Callable[[K], Awaitable[float | None]]
"""Brings one object a step on. Returns seconds after which it is to be looked at again, None for not by time."""


async def work(queue: WorkQueue[K], reconcile: Reconcile[K], *, workers: int = 1) -> None:
    """Hand every key of `queue` to `reconcile`, `workers` at a time, until cancelled."""
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(_worker(queue, reconcile))
    finally:
        queue.close()


async def _worker(queue: WorkQueue[K], reconcile: Reconcile[K]) -> None:
    while True:
        key = await queue.get()
        with clocks.at_work(queue.clock):
            await _look(queue, reconcile, key)


async def _look(queue: WorkQueue[K], reconcile: Reconcile[K], key: K) -> None:
    try:
        again = await reconcile(key)
    except ApiError as error:
        # A conflict or a vanished object is the common case: the next look sees the newer state.
        logger.debug("%s: %s", key, error)
        queue.retry(key)
    except Exception:
        logger.exception("%s: the controller failed; it will try again", key)
        queue.retry(key)
    else:
        queue.forget(key)
        if again is not None:
            queue.add_after(key, again)
    finally:
        queue.done(key)
