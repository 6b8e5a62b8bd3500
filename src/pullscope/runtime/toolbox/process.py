"""A word of the toolbox as something that runs, beside programs in the sandbox: in the event loop, without a thread."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from pullscope.runtime import exits
from pullscope.runtime.exits import Exit
from pullscope.runtime.toolbox.context import Context

_BROKEN_PIPE = 128 + 13  # SIGPIPE


class Process:
    """Work that was started in a context; it returns an exit code. `exited` tells when and how it ended."""

    def __init__(self, context: Context, work: Coroutine[Any, Any, int]) -> None:
        self.exited: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()
        self._stdin = context.stdin
        self._terminal = context.terminal
        self._ending = exits.stopped()
        if self._terminal is not None:
            self._terminal.on_signal = lambda code: self.stop(Exit(code))
        self._task = asyncio.ensure_future(work)
        self._task.add_done_callback(self._ended)

    def stop(self, ending: Exit | None = None) -> None:
        """End it wherever it is, as `ending` (SIGTERM's when None); it may have ended by itself."""
        self._ending = ending or self._ending
        self._task.cancel()

    async def write(self, data: bytes) -> None:
        """Give it input, typed at its terminal when it has one; returns when there is room for more."""
        if self._terminal is None:
            self._stdin.feed(data)
            await self._stdin.room()
        elif not self.exited.done():
            self._terminal.type(data)

    def close_stdin(self) -> None:
        """No more input comes. A terminal has no such end: ^D says it."""
        if self._terminal is None:
            self._stdin.close()

    def hang_up(self) -> None:
        """Whoever gave input has gone, and nobody is at the terminal any more."""
        self._stdin.break_off()

    def resize(self, columns: int, lines: int) -> None:
        """The terminal has another size."""
        if self._terminal is not None:
            self._terminal.resize(columns, lines)

    def _ended(self, task: "asyncio.Task[int]") -> None:
        self._stdin.abandon()
        if task.cancelled():
            self.exited.set_result(self._ending)
            return
        error = task.exception()
        if error is None:
            self.exited.set_result(Exit(task.result()))
        elif isinstance(error, OSError):
            self.exited.set_result(Exit(_BROKEN_PIPE, f"writing: {error.strerror}"))
        else:
            self.exited.set_result(Exit(1, f"the toolbox failed: {error!r}"))
