"""How politely one registry is asked: so many requests a second, so many at once, and no more once it has said enough.

A registry that gives no answer, or that says that there were too many requests, is not asked again: whoever comes next is
told the same.
"""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator

from pullscope.base.clock import Clock
from pullscope.remote.errors import LostError, RemoteError, StatusError, TimedOutError, UnreachedError

AT_ONCE = 8
"""Requests to one registry at the same time."""

_BURST = 0.1  # seconds whose requests may come in one go


class Pace:
    """One registry's. `rate` is in requests per second."""

    def __init__(self, clock: Clock, rate: float) -> None:
        self._clock = clock
        self._interval = 1 / rate
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._next = -math.inf
        self._enough: RemoteError | None = None

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One request. Raises what the registry said when it is not to be asked any more."""
        async with self._slots:
            await self._wait()
            if self._enough is not None:
                raise self._enough
            try:
                yield
            except (UnreachedError, StatusError) as error:
                if _ends_it(error):
                    self._enough = error
                raise

    def give_up(self, error: TimedOutError) -> None:
        """It is too slow to be asked again."""
        self._enough = self._enough or error

    async def _wait(self) -> None:
        now = self._clock.monotonic()
        self._next = max(self._next, now - _BURST) + self._interval
        await self._clock.sleep(self._next - self._interval - now)


def _ends_it(error: UnreachedError | StatusError) -> bool:
    if isinstance(error, StatusError):
        return error.status == 429
    return not isinstance(error, LostError)
