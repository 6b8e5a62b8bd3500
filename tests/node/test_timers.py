"""Alarms: one per key, in order of time, reset and forgotten."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from pullscope.base.clock import ManualClock
from pullscope.node.timers import Timers


class Bench:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.rung: list[str] = []
        self.timers = Timers(self.clock, self.rung.append)

    async def after(self, seconds: float) -> list[str]:
        """What rings within that time."""
        self.rung.clear()
        for _ in range(10):
            await self.clock.sleep(0)
        self.clock.advance(seconds)
        for _ in range(10):
            await self.clock.sleep(0)
        return list(self.rung)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    running = asyncio.create_task(made.timers.run())
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_alarms_ring_in_their_order(bench: Bench) -> None:
    bench.timers.set("late", 10)
    bench.timers.set("early", 5)
    assert await bench.after(4.9) == []
    assert await bench.after(0.2) == ["early"]
    assert await bench.after(5) == ["late"]
    assert await bench.after(100) == []


async def test_setting_again_forgets_the_former_time(bench: Bench) -> None:
    bench.timers.set("k", 5)
    bench.timers.set("k", 20)
    assert await bench.after(10) == []
    assert await bench.after(10) == ["k"]
    bench.timers.set("k", 20)
    bench.timers.set("k", 5)
    assert await bench.after(6) == ["k"]
    assert await bench.after(20) == []


async def test_a_cancelled_alarm_does_not_ring(bench: Bench) -> None:
    bench.timers.set("a", 5)
    bench.timers.set("b", 6)
    bench.timers.cancel("a")
    bench.timers.cancel("never set")
    assert await bench.after(10) == ["b"]


async def test_an_alarm_that_is_due_rings_at_once(bench: Bench) -> None:
    bench.timers.set("k", 0)
    assert await bench.after(0) == ["k"]


async def test_a_ringing_alarm_may_set_itself_again(bench: Bench) -> None:
    bench.timers._ring = lambda key: (bench.rung.append(key), bench.timers.set(key, 10))  # type: ignore[assignment,func-returns-value]  # two things in one lambda
    bench.timers.set("k", 10)
    assert [await bench.after(10) for _ in range(3)] == [["k"]] * 3


async def test_alarms_that_were_set_anew_take_no_memory(bench: Bench) -> None:
    for turn in range(1000):
        for key in ("a", "b", "c"):
            bench.timers.set(key, 60 + turn)
        bench.timers.set(str(turn), 60)
        bench.timers.cancel(str(turn))
    assert len(bench.timers._heap) < 100
    assert await bench.after(1058) == []
    assert sorted(await bench.after(1)) == ["a", "b", "c"]
