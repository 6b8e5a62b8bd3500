import asyncio
from datetime import timedelta

import pytest

from pullscope.base import tasks
from pullscope.base.clock import FastClock, HeldClock, ManualClock, SystemClock, at_work


async def test_a_manual_clock_wakes_sleepers_in_order_and_only_when_due() -> None:
    clock = ManualClock()
    woken: list[str] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(name)

    async with asyncio.TaskGroup() as tasks:
        for name, seconds in (("late", 20), ("early", 5), ("last", 30)):
            tasks.create_task(sleeper(name, seconds))
        while clock.next_wake() is None:
            await clock.sleep(0)
        clock.advance(4.9)
        await clock.sleep(0)
        assert woken == []
        clock.advance(16)
        await clock.sleep(0)
        assert woken == ["early", "late"]
        clock.advance(100)
    assert woken == ["early", "late", "last"]


async def test_a_manual_clock_forgets_cancelled_sleepers() -> None:
    clock = ManualClock()
    task = asyncio.create_task(clock.sleep(5))
    await clock.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert clock.next_wake() is None


def test_both_clocks_agree_on_what_time_is() -> None:
    clock = ManualClock()
    before = clock.now(), clock.monotonic()
    clock.advance(1.5)
    assert (clock.now() - before[0]).total_seconds() == clock.monotonic() - before[1] == 1.5
    assert SystemClock().now().tzinfo is not None


async def test_a_leap_moves_the_wall_time_and_wakes_nobody() -> None:
    clock = ManualClock()
    start = clock.now()
    sleeping = asyncio.ensure_future(clock.sleep(60))
    await clock.sleep(0)
    clock.leap(8 * 3600)
    await clock.sleep(0)
    assert (clock.now() - start, clock.monotonic(), sleeping.done()) == (timedelta(hours=8), 0.0, False)
    clock.advance(60)
    await sleeping


async def test_a_fast_clock_passes_its_time_sooner() -> None:
    clock, machine = FastClock(1000), SystemClock()
    start, begun, here = clock.now(), clock.monotonic(), machine.monotonic()
    await clock.sleep(20)
    took = machine.monotonic() - here
    assert clock.monotonic() - begun >= 20
    assert (clock.now() - start).total_seconds() == pytest.approx(took * 1000, rel=0.5)


async def test_a_held_clock_stands_still_but_for_short_pauses() -> None:
    clock = HeldClock()
    before = clock.monotonic()
    await clock.sleep(0.001)  # returns by itself
    woken: list[float] = []

    async def every_minute() -> None:
        while True:
            await clock.sleep(60)
            woken.append(clock.monotonic() - before)

    sleeping = asyncio.create_task(every_minute())
    while clock.next_wake() is None:
        await clock.sleep(0)
    await clock.pass_by(150)
    sleeping.cancel()
    assert woken == [60, 120]
    assert clock.monotonic() - before == 150


async def test_time_that_passes_wakes_who_pauses_too() -> None:
    """The rest of a wait is often a short one: it must not take the machine's time while hours pass on the clock."""
    clock = HeldClock()
    pausing = asyncio.create_task(clock.sleep(0.9))
    await clock.sleep(0)
    await clock.pass_by(2)
    assert pausing.done()


async def test_who_leaves_a_clock_that_stands_still_is_forgotten() -> None:
    clock = HeldClock()
    for _ in range(3):
        await clock.sleep(0.001)
    assert not clock._sleepers


async def test_a_held_clock_waits_for_who_is_at_work() -> None:
    """Or slow machines would see fewer rounds of whatever works and sleeps in turns, a kubelet's syncs above all."""
    clock, machine, rounds = HeldClock(), SystemClock(), 0

    async def working() -> None:
        nonlocal rounds
        while True:
            await clock.sleep(10)
            with at_work(clock):
                await asyncio.create_task(machine.sleep(0.03))
            rounds += 1

    async def ticking() -> None:
        while True:
            await clock.sleep(1)

    running = [asyncio.create_task(working()), asyncio.create_task(ticking())]
    while clock.next_wake() is None:
        await clock.sleep(0)
    await clock.pass_by(30.5)
    await tasks.end(*running)
    assert rounds == 3


async def test_a_held_clock_goes_on_for_who_sleeps_at_work_or_takes_too_long() -> None:
    clock, forever = HeldClock(), asyncio.Event()

    async def asleep() -> None:
        with at_work(clock):
            await asyncio.create_task(clock.sleep(30))

    async def stuck() -> None:
        with at_work(clock):
            await forever.wait()

    clock.PATIENCE = 0.02
    sleeping, waiting = asyncio.create_task(asleep()), asyncio.create_task(stuck())
    await clock.pass_by(40)
    assert (sleeping.done(), waiting.done()) == (True, False)
    await tasks.end(waiting)
    with at_work(SystemClock()):
        pass  # other clocks wait for nobody
