"""The windows: 10, 20, 40, 80, 160, 300, 300 … seconds, and when they are forgotten."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.pull.backoff import INITIAL, MAXIMUM, Backoff

START = datetime(2026, 1, 1, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_windows_double_up_to_the_maximum() -> None:
    backoff, now, windows = Backoff(), START, []
    for _ in range(8):
        backoff.next("k", now, now)
        windows.append(backoff.window("k").total_seconds())
        now += backoff.window("k")
    assert windows == [10, 20, 40, 80, 160, 300, 300, 300]


def test_a_window_closes_to_the_instant() -> None:
    backoff = Backoff()
    backoff.next("k", START, START)
    assert backoff.waiting_since_update("k", after(9.999))
    assert not backoff.waiting_since_update("k", after(10))


def test_keys_are_apart() -> None:
    backoff = Backoff()
    backoff.next("pod-1_image", START, START)
    assert not backoff.waiting_since_update("pod-2_image", START)
    assert backoff.window("pod-2_image") == timedelta()


def test_a_long_quiet_time_starts_anew() -> None:
    backoff = Backoff()
    backoff.next("k", START, START)
    backoff.next("k", after(10), after(10))
    backoff.next("k", after(611), after(611))
    assert backoff.window("k") == INITIAL


def test_a_crash_waits_from_its_end() -> None:
    backoff = Backoff()
    assert not backoff.waiting_since("k", START, START)
    backoff.next("k", START, START)
    assert backoff.waiting_since("k", after(100), after(109))
    assert not backoff.waiting_since("k", after(100), after(110))


def test_only_what_is_expired_is_forgotten() -> None:
    backoff = Backoff()
    backoff.next("old", START, START)
    backoff.next("young", after(1), after(1))
    backoff.forget_expired(after(600.5))
    assert (backoff.window("old"), backoff.window("young")) == (timedelta(), INITIAL)


@given(st.lists(st.floats(0, 2000), max_size=30))
def test_windows_stay_in_bounds_and_never_shrink_while_failures_go_on(gaps: list[float]) -> None:
    backoff, now, last = Backoff(), START, timedelta()
    for gap in gaps:
        now += timedelta(seconds=gap)
        backoff.next("k", now, now)
        window = backoff.window("k")
        assert INITIAL <= window <= MAXIMUM
        assert window >= last or gap > 2 * MAXIMUM.total_seconds()
        last = window


@pytest.mark.parametrize("leap", [timedelta(hours=8), -timedelta(hours=8)])
def test_a_clock_that_leaps_ends_the_windows(leap: timedelta) -> None:
    backoff = Backoff()
    backoff.next("k", START, START)
    assert backoff.waiting_since_update("k", START)
    assert not backoff.waiting_since_update("k", START + leap)
    assert not backoff.waiting_since("k", START, START + leap)
    backoff.forget_expired(START + leap)
    assert backoff.window("k") == timedelta()
