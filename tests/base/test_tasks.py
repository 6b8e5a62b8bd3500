"""Tasks that are ended are over, and work that takes too long is cut."""

import asyncio

import pytest

from pullscope.base import tasks
from pullscope.base.clock import ManualClock


async def settle() -> None:
    for _ in range(10):
        await ManualClock().sleep(0)


class Stubborn:
    """Work that never ends by itself, and takes its time to clean up."""

    over = False

    async def run(self) -> bool:
        try:
            return await asyncio.Event().wait()
        finally:
            await settle()
            self.over = True


async def test_what_is_ended_is_over() -> None:
    work = Stubborn()
    task = asyncio.create_task(work.run())
    await settle()
    await tasks.end(task)
    assert work.over


async def test_what_it_raised_is_not_told() -> None:
    async def fail() -> None:
        raise ValueError

    task = asyncio.create_task(fail())
    await settle()
    await tasks.end(task)
    assert isinstance(task.exception(), ValueError)


async def test_within_time() -> None:
    async def quick() -> str:
        return "done"

    clock = ManualClock()
    assert await tasks.within(clock, 5, quick()) == "done"
    assert clock.next_wake() is None


async def test_an_error_within_time() -> None:
    async def fail() -> None:
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        await tasks.within(ManualClock(), 5, fail())


@pytest.mark.parametrize("cancelled", [False, True])
async def test_cut_work_is_over_afterwards(*, cancelled: bool) -> None:
    clock, work = ManualClock(), Stubborn()
    waiting = asyncio.create_task(tasks.within(clock, 5, work.run()))
    await settle()
    if cancelled:
        waiting.cancel()
        await asyncio.wait({waiting})
        assert waiting.cancelled()
    else:
        clock.advance(5)
        assert await waiting is None
    assert work.over
    assert clock.next_wake() is None
