"""What a program waits for, decided without a clock."""

import struct

import pytest

from pullscope.runtime import polling
from pullscope.runtime.polling import (
    CLOCK,
    MONOTONIC,
    NOT_SUPPORTED,
    READ,
    REALTIME,
    STDIN,
    WRITE,
    Decision,
    Ready,
    Sleep,
    SleepWithoutEnd,
    Subscription,
)

NOW = {"realtime": 10**18, "monotonic": 5 * 10**9}
SECOND = 10**9


def event(user: int, kind: int, *, error: int = 0, size: int = 0, flags: int = 0) -> bytes:
    return struct.pack("<QHBxxxxxQHxxxxxx", user, error, kind, size, flags)


@pytest.mark.parametrize(
    ("subscriptions", "expected"),
    [
        ([Subscription(1, CLOCK, MONOTONIC, 2 * SECOND)], Sleep(2.0, event(1, CLOCK))),
        ([Subscription(1, CLOCK, REALTIME, 0)], Sleep(0.0, event(1, CLOCK))),
        ([Subscription(1, CLOCK, REALTIME, 10**18 + SECOND, absolute=True)], Sleep(1.0, event(1, CLOCK))),
        ([Subscription(1, CLOCK, MONOTONIC, 4 * SECOND, absolute=True)], Sleep(0.0, event(1, CLOCK))),
        (
            [Subscription(1, CLOCK, MONOTONIC, 9 * SECOND), Subscription(2, CLOCK, REALTIME, SECOND)],
            Sleep(1.0, event(2, CLOCK)),
        ),
        (
            [Subscription(1, CLOCK, MONOTONIC, SECOND), Subscription(2, CLOCK, REALTIME, SECOND)],
            Sleep(1.0, event(1, CLOCK) + event(2, CLOCK)),
        ),
        ([Subscription(1, CLOCK, MONOTONIC, 2**64 - 1)], SleepWithoutEnd()),
        ([Subscription(1, CLOCK, MONOTONIC, (2**31 - 1) * SECOND)], SleepWithoutEnd()),
        ([Subscription(1, CLOCK, MONOTONIC, (2**31 - 2) * SECOND)], Sleep(2.0**31 - 2, event(1, CLOCK))),
        ([Subscription(1, CLOCK, 2, SECOND)], Ready(event(1, CLOCK, error=NOT_SUPPORTED))),
        ([Subscription(1, WRITE, 1)], Ready(event(1, WRITE, size=1))),
        ([Subscription(1, READ, 4), Subscription(2, CLOCK, MONOTONIC, SECOND)], Ready(event(1, READ, size=1))),
        ([Subscription(1, READ, STDIN)], Ready(event(1, READ, flags=1))),
    ],
)
def test_decisions(subscriptions: list[Subscription], expected: Decision) -> None:
    decision = polling.decide(subscriptions, **NOW)
    assert decision == expected
    if not isinstance(decision, SleepWithoutEnd):
        assert polling.count(decision.events) * 32 == len(decision.events)


def test_subscriptions_are_read_as_the_specification_lays_them_out() -> None:
    clock = struct.pack("<QBxxxxxxxIxxxxQQHxxxxxx", 7, CLOCK, MONOTONIC, 123, 456, 1)
    read = struct.pack("<QBxxxxxxxI28x", 8, READ, 5)
    assert len(clock) == len(read) == polling.SUBSCRIPTION_SIZE == 48
    assert polling.parse(clock + read) == [
        Subscription(7, CLOCK, MONOTONIC, 123, absolute=True),
        Subscription(8, READ, 5),
    ]
