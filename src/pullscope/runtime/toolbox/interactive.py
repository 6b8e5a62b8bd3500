"""The shell at a terminal: a prompt, one line after the other, ^C for what runs.

As busybox ash without line editing: the terminal itself corrects lines (`discipline`).
"""

import asyncio
from collections.abc import Collection, Coroutine, Mapping
from typing import Any, Protocol, TypeVar

from pullscope.runtime.program import STDOUT
from pullscope.runtime.toolbox import discipline
from pullscope.runtime.toolbox.context import Context
from pullscope.runtime.toolbox.terminal import Terminal

T = TypeVar("T")

_CLEAR = b"\x1b[J"  # to the end of the screen


class Shell(Protocol):
    """What is needed of the shell."""

    context: Context
    status: int

    async def execute(self, text: str) -> int:
        """Run commands; returns the last one's exit code, which `status` is too."""

    def assign(self, values: Mapping[str, str]) -> None:
        """Set variables."""


class _IdleError(Exception):
    """Nobody typed a line in time."""


class _SignalledError(Exception):
    """A signal ended what was in the foreground, with this exit code."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code


async def run(shell: Shell, terminal: Terminal) -> int:
    """Execute what is typed until it ends; returns the last command's exit code."""
    context = shell.context
    while True:
        try:
            line = await _typed(context, terminal)
            if not line:
                context.say("\n")
                return shell.status
            if terminal.columns:
                shell.assign({"COLUMNS": str(terminal.columns), "LINES": str(terminal.lines)})
            work = shell.execute(line.decode(errors="surrogateescape"))
            await _in_foreground(terminal, work, (discipline.INTERRUPTED, discipline.QUIT))
        except _IdleError:
            context.say("\atimed out waiting for input: auto-logout\n")
            return shell.status
        except _SignalledError as signalled:
            context.say("\n")
            shell.status = signalled.code


async def _typed(context: Context, terminal: Terminal) -> bytes:
    """A line, asked for by a prompt that is drawn again when the terminal has another size."""
    prompt = context.env.get("PS1", _prompt(context)).encode(errors="surrogateescape")

    def draw() -> None:
        context.write(STDOUT, b"\r" + prompt + terminal.typed + _CLEAR)

    context.write(STDOUT, prompt)
    terminal.on_resize = draw
    try:  # a shell that waits for a line does not mind SIGQUIT
        return await _in_foreground(terminal, _line(context), (discipline.INTERRUPTED,))
    finally:
        terminal.on_resize = _nothing


async def _line(context: Context) -> bytes:
    """A line, unless that takes longer than the seconds that TMOUT says, as in bash. Raises _IdleError."""
    limit = context.env.get("TMOUT", "")
    if not limit.isdecimal() or not int(limit):
        return await context.stdin.line()
    line = asyncio.ensure_future(context.stdin.line())
    late = asyncio.ensure_future(context.clock.sleep(int(limit)))
    try:
        await asyncio.wait((line, late), return_when=asyncio.FIRST_COMPLETED)
        if not line.done():
            raise _IdleError
        return line.result()
    finally:
        line.cancel()
        late.cancel()
        await asyncio.gather(line, late, return_exceptions=True)


def _prompt(context: Context) -> str:
    """The prompt where PS1 says nothing else."""
    sign = "#" if context.user.partition(":")[0] in ("", "0", "root") else "$"
    return f"{context.directory} {sign} "


def _nothing() -> None:
    """While a command runs, nothing of the shell is drawn."""


async def _in_foreground(terminal: Terminal, work: Coroutine[Any, Any, T], heeded: Collection[int]) -> T:
    """Do the work; a signal of those that are heeded ends it and raises _SignalledError."""
    task = asyncio.ensure_future(work)
    heard: list[int] = []

    def on_signal(code: int) -> None:
        if code in heeded:
            heard.append(code)
            task.cancel()

    before, terminal.on_signal = terminal.on_signal, on_signal
    try:
        return await task
    except asyncio.CancelledError:
        current = asyncio.current_task()
        if not heard or (current is not None and current.cancelling()):
            raise
        raise _SignalledError(heard[0]) from None
    finally:
        terminal.on_signal = before
