"""Programs one after the other in the same cell: none is touched by what another did there, and nothing is made twice."""

import asyncio
from pathlib import Path

import pytest
from tests.runtime import programs
from tests.runtime.test_executor import STOPPED, Collected, ended, parked, program

from pullscope.base.clock import ManualClock
from pullscope.runtime.executor import Executor
from pullscope.runtime.exits import Exit
from pullscope.runtime.program import NotExecutableError


async def test_a_cell_is_used_again_whatever_became_of_its_program(tmp_path: Path) -> None:
    executor = Executor(ManualClock())
    hello, unlinked = program(programs.HELLO, tmp_path), programs.program("").replace(b"fd_write", b"fd_wrong")
    assert await ended(executor, hello) == (Exit(0), {1: b"hello\n", 2: b""})
    (cell,) = executor._cells._idle

    spinning = await executor.start(program(programs.SPIN, tmp_path), Collected())
    spinning.stop()
    assert await spinning.exited == STOPPED
    assert await ended(executor, hello) == (Exit(0), {1: b"hello\n", 2: b""})

    with pytest.raises(NotExecutableError, match="fd_wrong"):
        await executor.start(program(unlinked, tmp_path), Collected())
    assert await ended(executor, program(programs.EXIT_3, tmp_path)) == (Exit(3), {1: b"", 2: b"hello\n"})

    forever = await executor.start(program(programs.FOREVER, tmp_path), Collected())
    await parked(forever)
    assert await ended(executor, hello) == (Exit(0), {1: b"hello\n", 2: b""})
    assert executor._cells._idle == [cell]
    forever.stop()
    await executor.close()


async def test_no_more_than_a_few_idle_cells_are_kept(tmp_path: Path) -> None:
    executor = Executor(ManualClock())
    spin = program(programs.SPIN, tmp_path)
    runs = await asyncio.gather(*(executor.start(spin, Collected()) for _ in range(20)))
    assert executor._cells._idle == []
    for run in runs:
        run.stop()
    assert {await run.exited for run in runs} == {STOPPED}
    assert len(executor._cells._idle) == 8
    await executor.close()
