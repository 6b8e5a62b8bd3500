"""The token bucket before pulls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.pull.limits import Bucket


def test_a_burst_and_then_so_many_in_a_second() -> None:
    bucket = Bucket(5, 10)
    assert [bucket.take(100.0) for _ in range(12)] == [True] * 10 + [False] * 2
    assert [bucket.take(100.1), bucket.take(100.2), bucket.take(100.2)] == [False, True, False]
    assert [bucket.take(1000.0) for _ in range(11)] == [True] * 10 + [False]


def test_no_limit() -> None:
    bucket = Bucket(0, 1)
    assert all(bucket.take(1.0) for _ in range(1000))


@given(st.lists(st.floats(0, 2), max_size=60), st.integers(1, 10), st.integers(1, 5))
def test_never_more_than_burst_and_rate_allow(gaps: list[float], burst: int, qps: int) -> None:
    bucket, now, taken = Bucket(qps, burst), 0.0, 0
    for gap in gaps:
        now += gap
        taken += bucket.take(now)
    assert taken <= burst + qps * now + 1e-6


@pytest.mark.parametrize("qps", [1, 50])
def test_who_comes_seldom_always_gets_one(qps: int) -> None:
    bucket = Bucket(qps, 1)
    assert all(bucket.take(second) for second in range(20))
