"""Lengths of time and digests, as sentences have them."""

from datetime import timedelta

import pytest
from tests.why.making import OLD, START

from pullscope.pull.complaints import Cause
from pullscope.why import said


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "0s"), (45, "45s"), (119, "119s"), (120, "2m"), (190, "3m10s"), (3600, "1h"), (7500, "2h5m"), (260000, "3d")],
)
def test_a_length_of_time(seconds: int, text: str) -> None:
    assert said.span(timedelta(seconds=seconds)) == text


def test_digests_and_times() -> None:
    assert said.short(OLD) == "sha256:aaaaaaaaaaaa"
    assert said.at(START) == "2026-11-21T12:00:00Z"


def test_every_complaint_is_said_in_japanese() -> None:
    assert set(said.JAPANESE) == set(Cause)
    assert all(said.JAPANESE[cause] for cause in Cause if cause is not Cause.UNKNOWN)
