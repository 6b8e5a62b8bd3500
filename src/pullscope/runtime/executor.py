"""Run programs: each on a thread of its own while it executes, none while it sleeps without end.

`Executor.start` gives a program to a thread and returns its `Run`. A program that parks (`hostcalls.Parked`) gives thread
and memory back and stays a `Run` that has not exited, so thousands of idle programs cost next to nothing. At most
`LIMIT` programs execute at the same time, finite sleeps included; a further one waits in `start` until one of them ends or
parks.
"""

import asyncio
import errno
import functools
import importlib
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from pullscope.base.clock import Clock
from pullscope.runtime import exits
from pullscope.runtime.exits import Exit
from pullscope.runtime.program import Output, Program
from pullscope.runtime.threads import Threads

if TYPE_CHECKING:
    from pullscope.runtime.cells import Cells
    from pullscope.runtime.sandbox import Execution

LIMIT = 256
_QUIET = 0.1  # seconds that a program may take to say its first word before it counts as started all the same

_SANDBOX = "pullscope.runtime.sandbox"


class Run:
    """A program that was started. `exited` tells when and how it ended; cancel waiting for it, never it."""

    __slots__ = ("_execution", "_stopping", "exited")

    def __init__(self, execution: "Execution", exited: asyncio.Future[Exit]) -> None:
        self.exited = exited
        self._execution: Execution | None = execution
        self._stopping = False

    @property
    def parked(self) -> bool:
        """Whether it is asleep without end."""
        return self._execution is None and not self.exited.done()

    def stop(self) -> None:
        """End the program wherever it is; it may have ended by itself."""
        self._stopping = True
        if self._execution is not None:
            self._execution.stop()
        elif not self.exited.done():
            self.exited.set_result(exits.stopped())

    def finish(self, outcome: Exit | None) -> None:
        """The thread is done with it: it ended, or (None) parked."""
        self._execution = None
        if outcome is None and self._stopping:
            outcome = exits.stopped()
        if outcome is not None and not self.exited.done():
            self.exited.set_result(outcome)


class Executor:
    """Starts programs and keeps their compiled code. Belongs to one event loop."""

    def __init__(self, clock: Clock, modules: Path | None = None) -> None:
        """`modules`: a directory of the user's own that keeps compiled programs; None keeps them in memory only."""
        self._clock = clock
        self._directory = modules
        self._free = asyncio.Semaphore(LIMIT)
        self._executing: dict[Run, asyncio.Future[Exit | None]] = {}
        self._loading: asyncio.Future[ModuleType] | None = None
        self._threads = Threads()

    def warm(self) -> None:
        """Begin to load what executes programs, which takes some 100 ms the first time: one will be started soon."""
        if self._loading is None:
            self._loading = asyncio.ensure_future(asyncio.to_thread(importlib.import_module, _SANDBOX))

    async def start(self, program: Program, output: Output) -> Run:
        """Return when the program is executing, and has said or done something unless it takes long.

        Raises NotExecutableError, OSError; cancelled, nothing runs on.
        """
        self.warm()
        assert self._loading is not None
        sandbox = await asyncio.shield(self._loading)
        loop = asyncio.get_running_loop()
        await self._free.acquire()
        heard = _Heard(output, loop)
        execution: Execution = sandbox.Execution(program, heard, self._clock, loop)
        run = Run(execution, loop.create_future())
        begun: asyncio.Future[None] = loop.create_future()
        done: asyncio.Future[Exit | None] = loop.create_future()
        self._executing[run] = done
        done.add_done_callback(functools.partial(self._finished, run))
        begin = functools.partial(loop.call_soon_threadsafe, begun.set_result, None)

        def end(outcome: Exit | None, error: Exception | None) -> None:
            loop.call_soon_threadsafe(_settle, done, outcome, error)

        work = functools.partial(_execute, execution, self._cells, begin, end)
        try:
            self._threads.run(work)
        except RuntimeError:  # the system's limit of threads
            done.set_exception(OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)))
        try:
            await asyncio.wait((begun, done), return_when=asyncio.FIRST_COMPLETED)
            if not done.done():  # who is told that it runs looks for what it says
                await asyncio.wait((heard.first, done), timeout=_QUIET, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            run.stop()
            raise
        if not begun.done():
            done.result()  # raises what kept it from beginning
        return run

    async def close(self) -> None:
        """Stop what executes. Programs that are parked stay so: there is nothing to stop."""
        if self._loading is not None:
            await asyncio.wait((self._loading,))
        executing = dict(self._executing)
        for run in executing:
            run.stop()
        if executing:
            await asyncio.wait(executing.values())
        await asyncio.to_thread(self._threads.close)

    @functools.cached_property
    def _cells(self) -> "Cells":
        from pullscope.runtime.cells import Cells  # noqa: PLC0415 (loaded by `warm`)
        from pullscope.runtime.modules import ModuleCache  # noqa: PLC0415

        return Cells(ModuleCache(self._directory))

    def _finished(self, run: Run, done: asyncio.Future[Exit | None]) -> None:
        del self._executing[run]
        self._free.release()
        if done.exception() is None:  # else it never began: `start` raised
            run.finish(done.result())


class _Heard:
    """An output that tells when it is used for the first time. Called from the program's thread."""

    def __init__(self, output: Output, loop: asyncio.AbstractEventLoop) -> None:
        self._output = output
        self._loop = loop
        self._silent = True
        self.first: asyncio.Future[None] = loop.create_future()

    def write(self, stream: int, data: bytes) -> None:
        """As `Output`."""
        self._output.write(stream, data)
        if self._silent:
            self._silent = False
            self._loop.call_soon_threadsafe(self.first.set_result, None)


def _execute(
    execution: "Execution",
    cells: "Cells",
    begin: Callable[[], object],
    end: Callable[[Exit | None, Exception | None], object],
) -> None:
    """On a thread: the whole life of a program. Every way out calls `end`, once; None as its outcome means parked."""
    try:
        with cells.taken() as cell:
            execution.prepare(cell)
            begin()
            outcome = execution.run()
    except Exception as error:  # noqa: BLE001 (it is raised where the program was started)
        end(None, error)
    else:
        end(outcome if isinstance(outcome, Exit) else None, None)


def _settle(done: asyncio.Future[Exit | None], outcome: Exit | None, error: Exception | None) -> None:
    if error is not None:
        done.set_exception(error)
    else:
        done.set_result(outcome)
