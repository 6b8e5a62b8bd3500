"""Texts that `policy` does not make: durations, versions, logs."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.pull import reasons


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(), "0s"),
        (timedelta(microseconds=999), "0s"),
        (timedelta(milliseconds=157), "157ms"),
        (timedelta(seconds=1), "1s"),
        (timedelta(seconds=1.234), "1.234s"),
        (timedelta(seconds=10.5), "10.5s"),
        (timedelta(seconds=62.5), "1m2.5s"),
        (timedelta(minutes=1), "1m0s"),
        (timedelta(hours=1), "1h0m0s"),
        (timedelta(hours=26, seconds=3.05), "26h0m3.05s"),
    ],
)
def test_durations_read_as_go_prints_them(span: timedelta, text: str) -> None:
    assert reasons.go_duration(span) == text


@given(st.integers(min_value=1000, max_value=10**9))
def test_a_duration_can_be_read_back(milliseconds: int) -> None:
    text = reasons.go_duration(timedelta(milliseconds=milliseconds)).removesuffix("s")
    hours, _, rest = text.rpartition("h")
    minutes, _, seconds = rest.rpartition("m")
    total = int(hours or 0) * 3600_000 + int(minutes or 0) * 60_000 + round(float(seconds) * 1000)
    assert total == milliseconds


@pytest.mark.parametrize(
    ("version", "texts"),
    [
        ((1, 34), ("Created container: app", "Started container app")),
        ((1, 35), ("Container created", "Container started")),
    ],
)
def test_container_events_before_and_after_135(version: reasons.Version, texts: tuple[str, str]) -> None:
    assert (reasons.created("app", version).message, reasons.started("app", version).message) == texts


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("ErrImagePull", "image can't be pulled"),
        ("ImagePullBackOff", "trying and failing to pull image"),
        ("RegistryUnavailable", "RegistryUnavailable"),
        ("ContainerCreating", "ContainerCreating"),
    ],
)
def test_what_a_log_request_is_told(reason: str, said: str) -> None:
    assert reasons.log_while_waiting("app", "p", reason) == f'container "app" in pod "p" is waiting to start: {said}'


def test_missing_pull_secrets_are_listed() -> None:
    assert reasons.secrets_not_found(["a", "b"]).message == (
        "Unable to retrieve some image pull secrets (a, b); attempting to pull the image may not succeed."
    )
