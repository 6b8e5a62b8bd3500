"""Work queues: each key once at a time, failures later each time."""

import asyncio
import logging

import pytest

from pullscope.base.clock import ManualClock
from pullscope.controllers import queue
from pullscope.kube import status


async def settle(clock: ManualClock) -> None:
    for _ in range(20):
        await clock.sleep(0)


async def test_a_key_that_waits_is_not_added_twice() -> None:
    keys: queue.WorkQueue[str] = queue.WorkQueue(ManualClock())
    keys.add("a")
    keys.add("a")
    keys.add("b")
    assert [await keys.get(), await keys.get()] == ["a", "b"]


async def test_a_key_added_while_it_is_worked_on_comes_back_when_done() -> None:
    keys: queue.WorkQueue[str] = queue.WorkQueue(ManualClock())
    keys.add("a")
    assert await keys.get() == "a"
    keys.add("a")
    waiting = asyncio.create_task(keys.get())
    await asyncio.wait([waiting], timeout=0.01)
    assert not waiting.done()
    keys.done("a")
    assert await waiting == "a"


async def test_of_several_times_the_earliest_counts() -> None:
    clock = ManualClock()
    keys: queue.WorkQueue[str] = queue.WorkQueue(clock)
    keys.add_after("a", 10)
    keys.add_after("a", 5)
    keys.add_after("a", 20)
    await settle(clock)
    assert clock.next_wake() == 5
    clock.advance(5)
    assert await keys.get() == "a"
    keys.close()


async def test_a_failing_key_comes_back_later_each_time_until_it_succeeds(caplog: pytest.LogCaptureFixture) -> None:
    clock, outcomes, delays = ManualClock(), [status.internal("x"), ValueError("y"), None, status.internal("z")], []

    async def reconcile(_key: str) -> None:
        outcome = outcomes.pop(0)
        if outcome is not None:
            raise outcome

    keys: queue.WorkQueue[str] = queue.WorkQueue(clock)
    with caplog.at_level(logging.CRITICAL):
        working = asyncio.create_task(queue.work(keys, reconcile))
        keys.add("a")
        for _ in range(4):
            await settle(clock)
            delay = clock.next_wake()
            delays.append(delay)
            if delay is None:
                keys.add("a")
            elif outcomes:
                clock.advance(delay + 1e-9)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
    assert delays == [pytest.approx(0.005), pytest.approx(0.01), None, pytest.approx(0.005)]


async def test_workers_do_not_share_a_key() -> None:
    clock, at_work, most = ManualClock(), 0, 0
    release = asyncio.Event()

    async def reconcile(_key: str) -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await release.wait()
        at_work -= 1

    keys: queue.WorkQueue[str] = queue.WorkQueue(clock)
    working = asyncio.create_task(queue.work(keys, reconcile, workers=3))
    for key in ("a", "a", "b"):
        keys.add(key)
    await settle(clock)
    keys.add("a")
    await settle(clock)
    assert most == 2
    release.set()
    await settle(clock)
    assert at_work == 0
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


async def test_a_key_rests_after_success_so_that_many_changes_are_looked_at_together() -> None:
    clock, looks = ManualClock(), 0

    async def reconcile(_key: str) -> None:
        nonlocal looks
        looks += 1

    keys: queue.WorkQueue[str] = queue.WorkQueue(clock, rest=lambda _: 1)
    working = asyncio.create_task(queue.work(keys, reconcile))
    for _ in range(3):
        keys.add("a")
        await settle(clock)
    assert looks == 1
    clock.advance(1)
    await settle(clock)
    assert looks == 2
    clock.advance(1)
    await settle(clock)
    assert looks == 2
    working.cancel()
