"""Exponential back-off by key: image pulls (key pod UID and image) and crashing containers alike.

Upstream: k8s.io/client-go v0.36 util/flowcontrol/backoff.go without jitter, by default with the kubelet's numbers
(pkg/kubelet/kubelet.go: imageBackOffPeriod, MaxImageBackOff, and the same for containers): 10 s, doubled by each failure up
to 300 s, forgotten when nothing failed for twice 300 s.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

INITIAL = timedelta(seconds=10)
MAXIMUM = timedelta(seconds=300)


@dataclass(frozen=True)
class _Entry:
    window: timedelta
    updated: datetime

    def expired(self, at: datetime, maximum: timedelta) -> bool:
        return abs(at - self.updated) > 2 * maximum


class Backoff:
    """The open windows. Every method takes the moment it is about; nothing here reads a clock.

    A wall clock that is set back ends them, as one that leaps ahead does (upstream's clock cannot be set).
    """

    def __init__(self, initial: timedelta = INITIAL, maximum: timedelta = MAXIMUM) -> None:
        self._initial = initial
        self._maximum = maximum
        self._entries: dict[str, _Entry] = {}

    def next(self, key: str, event: datetime, now: datetime) -> None:
        """A failure that happened at `event`: open a window from `now` on, twice as long as the last one."""
        entry = self._entries.get(key)
        if entry is None or entry.expired(event, self._maximum):
            window = self._initial
        else:
            window = min(2 * entry.window, self._maximum)
        self._entries[key] = _Entry(window, now)

    def waiting_since_update(self, key: str, now: datetime) -> bool:
        """Whether the window that the last failure opened is still open (IsInBackOffSinceUpdate: image pulls)."""
        entry = self._entries.get(key)
        return entry is not None and not entry.expired(now, self._maximum) and abs(now - entry.updated) < entry.window

    def waiting_since(self, key: str, event: datetime, now: datetime) -> bool:
        """Whether less than a window has passed since `event` (IsInBackOffSince: containers, by their end)."""
        entry = self._entries.get(key)
        return entry is not None and not entry.expired(event, self._maximum) and abs(now - event) < entry.window

    def window(self, key: str) -> timedelta:
        """The length of the current window; zero when there is none."""
        entry = self._entries.get(key)
        return entry.window if entry else timedelta()

    def forget_expired(self, now: datetime) -> None:
        """Drop what nothing failed for long enough (upstream: GC)."""
        self._entries = {key: entry for key, entry in self._entries.items() if not entry.expired(now, self._maximum)}
