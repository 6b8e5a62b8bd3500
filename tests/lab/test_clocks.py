"""The clock of a lab: which one is wanted, and time that passes by hand while a lab lives."""

import asyncio
import contextlib
from typing import Any

import pytest

from pullscope.base.clock import Clock, FastClock, HeldClock, SystemClock
from pullscope.base.errors import UsageError
from pullscope.kube import meta, resources
from pullscope.lab import assembly, clocks
from pullscope.lab.config import LabConfig


@pytest.mark.parametrize(
    ("speed", "clock", "wanted"),
    [(None, None, None), ("60", None, "60"), ("1.50", None, "1.5"), (None, "manual", "manual")],
)
def test_options_name_a_clock(speed: str | None, clock: str | None, wanted: str | None) -> None:
    assert clocks.wanted(speed, clock) == wanted
    assert clocks.name(clocks.make(wanted)) == (wanted or "system")


@pytest.mark.parametrize(
    ("speed", "clock", "text"),
    [
        ("0", None, "'0' is no speed"),
        ("nan", None, "'nan' is no speed"),
        ("fast", None, "'fast' is no speed"),
        ("60", "manual", "a clock that stands still has no speed"),
        (None, "sundial", "there is no clock 'sundial'"),
    ],
)
def test_options_that_make_no_sense(speed: str | None, clock: str | None, text: str) -> None:
    with pytest.raises(UsageError) as refused:
        clocks.wanted(speed, clock)
    assert refused.value.message == text


async def say(clock: Clock, command: str, **arguments: Any) -> dict[str, Any]:
    async with contextlib.aclosing(clocks.of(clock)[command](arguments)) as answers:
        (answer,) = [part async for part in answers]
        return answer


async def test_only_a_clock_that_stands_still_is_advanced() -> None:
    with pytest.raises(UsageError, match="this lab's clock goes by itself"):
        await say(SystemClock(), "advance", seconds=1.0)
    with pytest.raises(UsageError, match="this lab's clock goes by itself"):
        await say(FastClock(60), "advance", seconds=1.0)
    clock = HeldClock()
    with pytest.raises(UsageError, match="cannot be advanced by -1 seconds"):
        await say(clock, "advance", seconds=-1.0)
    before = (await say(clock, "clock"))["now"]
    assert (await say(clock, "advance", seconds=3600.0))["now"] > before


async def test_time_that_takes_long_to_pass_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "_OFTEN", 0.001)
    clock = HeldClock()
    async with contextlib.aclosing(clocks.of(clock)["advance"]({"seconds": 150.0})) as answers:
        *parts, last = [part async for part in answers]
    assert parts
    assert all(0 <= part["left"] <= 150 for part in parts)
    assert last == {"now": meta.timestamp(clock.now())}


async def test_who_is_not_waited_for_any_more_lets_no_more_time_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "_OFTEN", 0.001)
    async with contextlib.aclosing(clocks.of(HeldClock())["advance"]({"seconds": 150.0})) as answers:
        await anext(answers)
        assert len(asyncio.all_tasks()) == 2
    assert len(asyncio.all_tasks()) == 1


async def test_five_minutes_of_back_off_pass_at_once() -> None:
    """As recorded in 200 seconds of a real kubelet: tries after 10, 20, 40, 80 and 160 seconds and what its syncs add."""
    clock = HeldClock()
    async with assembly.running(LabConfig(clock=clock)) as lab:
        container = {"name": "app", "image": f"{lab.registry}/no/such:v1"}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [container]}}
        await lab.api.create(resources.PODS, "default", pod)
        await clock.pass_by(200.0)
        events = (await lab.api.list(resources.EVENTS, "default")).items
        tries = {event["reason"]: event["count"] for event in events if event["reason"] in ("Pulling", "BackOff")}
        assert 4 <= tries["Pulling"] <= 5
        assert 9 <= tries["BackOff"] <= 18
        seen = await lab.api.get(resources.PODS, "default", "p")
        assert seen["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] in (
            "ErrImagePull",
            "ImagePullBackOff",
        )
