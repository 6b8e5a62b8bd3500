"""A word of the toolbox as something that runs, beside programs in the sandbox: in the event loop, without a thread."""

import asyncio
from collections.abc import Sequence

from pullscope.runtime import exits
from pullscope.runtime.exits import Exit
from pullscope.runtime.toolbox import shell
from pullscope.runtime.toolbox.context import Context

_BROKEN_PIPE = 128 + 13  # SIGPIPE


class Process:
    """A word that was started. `exited` tells when and how it ended."""

    def __init__(self, word: str, context: Context, arguments: Sequence[str]) -> None:
        self.stdin = context.stdin
        self.exited: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()
        self._task = asyncio.ensure_future(shell.run(word, context, arguments))
        self._task.add_done_callback(self._ended)

    def stop(self) -> None:
        """End it wherever it is; it may have ended by itself."""
        self._task.cancel()

    def _ended(self, task: "asyncio.Task[int]") -> None:
        if task.cancelled():
            self.exited.set_result(exits.stopped())
            return
        error = task.exception()
        if error is None:
            self.exited.set_result(Exit(task.result()))
        elif isinstance(error, OSError):
            self.exited.set_result(Exit(_BROKEN_PIPE, f"writing: {error.strerror}"))
        else:
            self.exited.set_result(Exit(1, f"the toolbox failed: {error!r}"))
