"""One alarm for each key, on one sleeping task: what upstream's pod workers keep in their work queue."""

import asyncio
import heapq
from collections.abc import Callable

from pullscope.base import tasks
from pullscope.base.clock import Clock

_SLACK = 64


class Timers:
    """Calls `ring(key)` when the key's time has come. Setting a key again forgets its former time."""

    def __init__(self, clock: Clock, ring: Callable[[str], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._due: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []
        self._changed = asyncio.Event()

    def set(self, key: str, seconds: float) -> None:
        """Ring `seconds` from now."""
        due = self._clock.monotonic() + seconds
        self._due[key] = due
        if len(self._heap) > 2 * len(self._due) + _SLACK:  # mostly alarms that were set anew or cancelled
            self._heap = [(due, key) for key, due in self._due.items()]
            heapq.heapify(self._heap)
        else:
            heapq.heappush(self._heap, (due, key))
        if self._heap[0] == (due, key):
            self._changed.set()

    def cancel(self, key: str) -> None:
        """Do not ring for this key."""
        self._due.pop(key, None)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._ring_due()
            self._changed.clear()
            seconds = self._heap[0][0] - self._clock.monotonic() if self._heap else None
            changed = self._changed.wait()
            await (changed if seconds is None else tasks.within(self._clock, seconds, changed))

    def _ring_due(self) -> None:
        now = self._clock.monotonic()
        while self._heap and (self._heap[0][0] <= now or self._due.get(self._heap[0][1]) != self._heap[0][0]):
            due, key = heapq.heappop(self._heap)
            if self._due.get(key) == due:
                del self._due[key]
                self._ring(key)
