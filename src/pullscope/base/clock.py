"""The only reader of time. Everything that waits or stamps asks a `Clock`, so that tests never wait.

Nothing else in Pullscope calls `time.*`, `datetime.now` or `asyncio.sleep` (a ruff rule and a test hold that).
"""

import asyncio
import contextlib
import heapq
import itertools
import time
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Protocol

_TICK = 1e-3  # the least step of a clock that is advanced, seconds
_MOMENT = 0.01  # in which a lab does what is due, seconds
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """The wall time, UTC, with microseconds."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary start; never goes back."""

    async def sleep(self, seconds: float) -> None:
        """Return when `seconds` have passed on this clock; at once when not positive."""


def nanoseconds(clock: Clock) -> int:
    """The wall time in nanoseconds since the epoch, as CRI and WASI have it."""
    return (clock.now() - _EPOCH) // timedelta(microseconds=1) * 1000


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class FastClock:
    """A clock that runs `speed` times as fast as the machine's, from its time at the start on."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._now = datetime.now(UTC)
        self._monotonic = time.monotonic()

    def now(self) -> datetime:
        return self._now + timedelta(seconds=self.monotonic() - self._monotonic)

    def monotonic(self) -> float:
        return self._monotonic + (time.monotonic() - self._monotonic) * self.speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / self.speed)


class ManualClock:
    """A clock that stands still until told to advance: for tests, and for a lab whose time the user drives."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._start = start
        self._elapsed = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    def leap(self, seconds: float) -> None:
        """Move the wall time alone, as when a machine wakes up or its clock is set: nobody who sleeps is woken by it."""
        self._start += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), woken))
        try:
            await woken
        except asyncio.CancelledError:  # on a clock that stands still nobody else would clear away who left
            self._sleepers = [sleeper for sleeper in self._sleepers if not sleeper[2].done()]
            heapq.heapify(self._sleepers)
            raise

    def next_wake(self) -> float | None:
        """Seconds until the next sleeper is due, or None when nobody sleeps."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] - self._elapsed if self._sleepers else None

    def advance(self, seconds: float) -> None:
        """Move the time by `seconds` and wake, in order, everyone whose time has come."""
        self._elapsed += seconds
        while self._sleepers and self._sleepers[0][0] <= self._elapsed:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)


class _Worker:
    """Somebody whom a held clock waits for, unless he waits for the clock himself (`asleep`) or for too long (`stuck`)."""

    def __init__(self) -> None:
        self.asleep = 0
        self.stuck = False


_AT_WORK: ContextVar[_Worker | None] = ContextVar("_AT_WORK", default=None)


class HeldClock(ManualClock):
    """A manual clock for a lab that lives: short pauses, between tries or turns, end by the machine's time as well."""

    SHORT = 1.0
    """Seconds; who sleeps for less does not wait for `advance`."""
    PATIENCE = 2.0
    """Seconds of the machine's time that one piece of work may hold up the clock; a registry may never answer."""

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))
        self._workers: set[_Worker] = set()

    async def sleep(self, seconds: float) -> None:
        if seconds < self.SHORT:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await super().sleep(seconds)
            return
        worker = _AT_WORK.get() or _Worker()
        worker.asleep += 1
        try:
            await super().sleep(seconds)
        finally:
            worker.asleep -= 1

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Time that is passed by waits for what is done inside, by this task or by those that it makes."""
        worker = _Worker()
        self._workers.add(worker)
        token = _AT_WORK.set(worker)
        try:
            yield
        finally:
            _AT_WORK.reset(token)
            self._workers.discard(worker)

    async def pass_by(self, seconds: float) -> None:
        """Let `seconds` pass, from one sleeper to the next, each with the machine's time for what it does then."""
        end = self.monotonic() + seconds
        await self._settled()
        while (left := end - self.monotonic()) > 0:
            due = self.next_wake()
            self.advance(min(left, max(due, _TICK)) if due is not None else left)
            await self._settled()

    async def _settled(self) -> None:
        """A moment, and until nobody is at work."""
        waited = _MOMENT
        await asyncio.sleep(_MOMENT)
        while working := [worker for worker in self._workers if not (worker.asleep or worker.stuck)]:
            if waited >= self.PATIENCE:
                for worker in working:
                    worker.stuck = True
            await asyncio.sleep(_MOMENT)
            waited += _MOMENT


def at_work(clock: Clock) -> contextlib.AbstractContextManager[None]:
    """For work that is done again and again, with the clock's sleep in between: a held clock waits for what is inside."""
    return clock.at_work() if isinstance(clock, HeldClock) else contextlib.nullcontext()
