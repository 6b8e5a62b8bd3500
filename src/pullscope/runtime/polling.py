"""What a WASI program waits for when it calls `poll_oneoff`, as a decision: pure, no clock is asked here.

Layouts and numbers: WASI preview 1, phases/snapshot/docs.md (`subscription`, `event`, `clockid`, `errno`). Files and streams
are always ready, as with wasmtime's own implementation; so only a call that names nothing but clocks waits.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

CLOCK = 0
READ = 1
WRITE = 2

REALTIME = 0
MONOTONIC = 1

SUCCESS = 0
FAULT = 21
INVALID = 28
NOT_SUPPORTED = 58

STDIN = 0
HANG_UP = 1  # eventrwflags: there will never be more to read

# Nobody waits longer: sleep(INT_MAX), which programs take for "without end", 68 years.
WITHOUT_END = (2**31 - 1) * 10**9

_SUBSCRIPTION = struct.Struct("<QB7xI4xQQH6x")
_EVENT = struct.Struct("<QHB5xQH6x")

SUBSCRIPTION_SIZE = _SUBSCRIPTION.size


@dataclass(frozen=True)
class Subscription:
    """One thing waited for. `of` is a clock's id or a file descriptor; `timeout` in nanoseconds."""

    user: int
    kind: int
    of: int
    timeout: int = 0
    absolute: bool = False


@dataclass(frozen=True)
class Ready:
    """Answer with these events now."""

    events: bytes


@dataclass(frozen=True)
class Sleep:
    """Wait so many seconds, then answer with these events."""

    seconds: float
    events: bytes


@dataclass(frozen=True)
class SleepWithoutEnd:
    """Nothing that is waited for will ever happen."""


Decision = Ready | Sleep | SleepWithoutEnd


def parse(data: bytes) -> list[Subscription]:
    """The subscriptions in the memory at `poll_oneoff`'s first pointer."""
    found = []
    for user, kind, of, timeout, _precision, flags in _SUBSCRIPTION.iter_unpack(data):
        found.append(Subscription(user, kind, of, timeout, absolute=bool(flags & 1)))
    return found


def decide(subscriptions: Sequence[Subscription], *, realtime: int, monotonic: int) -> Decision:
    """What to do about them. `realtime` and `monotonic` are the clocks' values in nanoseconds."""
    now = {REALTIME: realtime, MONOTONIC: monotonic}
    ready = [_event(item) for item in subscriptions if item.kind != CLOCK or item.of not in now]
    if ready:
        return Ready(b"".join(ready))
    left = {item: max(0, item.timeout - now[item.of]) if item.absolute else item.timeout for item in subscriptions}
    shortest = min(left.values())
    if shortest >= WITHOUT_END:
        return SleepWithoutEnd()
    events = b"".join(_event(item) for item, time in left.items() if time == shortest)
    return Sleep(shortest / 1e9, events)


def count(events: bytes) -> int:
    """How many events that is."""
    return len(events) // _EVENT.size


def _event(item: Subscription) -> bytes:
    if item.kind == CLOCK:
        known = item.of in (REALTIME, MONOTONIC)
        return _EVENT.pack(item.user, SUCCESS if known else NOT_SUPPORTED, CLOCK, 0, 0)
    ended = item.kind == READ and item.of == STDIN
    return _EVENT.pack(item.user, SUCCESS, item.kind, 0 if ended else 1, HANG_UP if ended else 0)
