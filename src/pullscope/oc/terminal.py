"""The user's side of `exec` and `attach`: their terminal or their pipe, joined to a stream until that ends.

At a terminal every key goes through as it is (raw mode); where Python has no such mode (Windows), whole lines do, and the
program at the other end has no terminal. Standard input is read by a thread: only that can read anything anywhere.
"""

import asyncio
import contextlib
import io
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO

from pullscope.clusters.streams import STDERR, Stream
from pullscope.oc.console import Console

if sys.platform != "win32":
    import termios
    from tty import setraw

_PIECE = 2**16


def is_terminal(console: Console) -> bool:
    """Whether the user types, at a terminal whose keys can be handed on."""
    return sys.platform != "win32" and console.input.isatty()


async def join(stream: Stream, console: Console, *, stdin: bool, tty: bool) -> int:
    """Carry input and output until the stream ends; its exit code. Raises ApiError, StreamError.

    `tty`: the program has a terminal, and so `console` is one (`is_terminal`).
    """
    with contextlib.ExitStack() as stack:
        work: list[asyncio.Task[None]] = []
        if stdin and tty:
            stack.enter_context(_raw(console.input))
            work.append(asyncio.create_task(_follow_size(stream, console.input)))
        if stdin:
            work.append(asyncio.create_task(_feed(stream, console.input)))
        try:
            async for channel, data in stream.output():
                (console.complain if channel == STDERR else console.write)(data)
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
    return stream.code


async def _feed(stream: Stream, source: BinaryIO) -> None:
    async for data in _read(source):
        await stream.write(data)
    await stream.close_stdin()


async def _read(source: BinaryIO) -> AsyncIterator[bytes]:
    """What comes, piece by piece, no more than one ahead. The thread is left behind when nobody wants more."""
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[bytes](1)

    def read() -> None:
        with contextlib.suppress(RuntimeError, OSError, ValueError):  # the loop, or the source, has been closed
            while True:
                data = _piece(source)
                asyncio.run_coroutine_threadsafe(queue.put(data), loop).result()
                if not data:
                    return

    threading.Thread(target=read, name="pullscope-stdin", daemon=True).start()
    while data := await queue.get():
        yield data


def _piece(source: BinaryIO) -> bytes:
    """What is there, at least one byte; nothing at the end.

    Past Python's buffer, whose lock a thread that still waits for input would hold while the process ends.
    """
    try:
        number = source.fileno()
    except io.UnsupportedOperation:
        return source.read(_PIECE)
    return os.read(number, _PIECE)


async def _follow_size(stream: Stream, source: BinaryIO) -> None:
    """Tell the size of the terminal, now and whenever it changes."""
    loop, changed = asyncio.get_running_loop(), asyncio.Event()
    changed.set()
    if sys.platform != "win32":
        loop.add_signal_handler(signal.SIGWINCH, changed.set)
    try:
        while await changed.wait():
            changed.clear()
            with contextlib.suppress(OSError):
                await stream.resize(*os.get_terminal_size(source.fileno()))
    finally:
        if sys.platform != "win32":
            loop.remove_signal_handler(signal.SIGWINCH)


@contextlib.contextmanager
def _raw(source: BinaryIO) -> Iterator[None]:
    """Every key as it is typed, none of it shown here."""
    if sys.platform == "win32":
        yield
        return
    before = termios.tcgetattr(source)
    setraw(source.fileno())
    try:
        yield
    finally:
        termios.tcsetattr(source, termios.TCSADRAIN, before)
