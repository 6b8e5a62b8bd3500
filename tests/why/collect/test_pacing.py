"""How a registry is asked, on a clock that stands still."""

import asyncio

import pytest

from pullscope.base.clock import ManualClock
from pullscope.remote.errors import LostError, RefusedError, StatusError, TimedOutError
from pullscope.why.collect.pacing import AT_ONCE, Pace


async def settle() -> None:
    for _ in range(20):
        await ManualClock().sleep(0)


async def test_so_many_a_second() -> None:
    clock, done = ManualClock(), []
    pace = Pace(clock, rate=8)

    async def ask(number: int) -> None:
        async with pace.turn():
            done.append(number)

    tasks = [asyncio.create_task(ask(number)) for number in range(4)]
    counts = []
    for _ in range(4):
        await settle()
        counts.append(len(done))
        clock.advance(0.125)
    await asyncio.gather(*tasks)
    assert counts == [1, 2, 3, 4]


async def test_so_many_at_once() -> None:
    pace, inside, release = Pace(ManualClock(), rate=1e9), 0, asyncio.Event()

    async def ask() -> None:
        nonlocal inside
        async with pace.turn():
            inside += 1
            await release.wait()

    tasks = [asyncio.create_task(ask()) for _ in range(AT_ONCE * 2)]
    await settle()
    assert inside == AT_ONCE
    release.set()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize(
    "error", [RefusedError("r", "connection refused"), StatusError("r", "reading", status=429, wait="30")]
)
async def test_a_registry_that_has_said_enough_is_not_asked_again(error: Exception) -> None:
    pace = Pace(ManualClock(), rate=1e9)
    with pytest.raises(type(error)):
        async with pace.turn():
            raise error
    with pytest.raises(type(error)):
        async with pace.turn():
            pytest.fail("it was asked")


@pytest.mark.parametrize("error", [LostError("r", "unexpected EOF"), StatusError("r", "reading", status=404)])
async def test_one_failure_says_nothing_of_the_next(error: Exception) -> None:
    pace = Pace(ManualClock(), rate=1e9)
    with pytest.raises(type(error)):
        async with pace.turn():
            raise error
    async with pace.turn():
        pass


async def test_one_that_is_too_slow_is_given_up() -> None:
    pace = Pace(ManualClock(), rate=1e9)
    pace.give_up(TimedOutError("r", "i/o timeout"))
    with pytest.raises(TimedOutError):
        async with pace.turn():
            pytest.fail("it was asked")
