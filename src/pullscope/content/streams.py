"""Blobs through a connection: in pieces of a megabyte, hashed and stored beside the event loop.

While a thread writes one piece, the event loop receives the next (and while one is sent, the next is read), so a
transfer uses two cores and holds two pieces, whatever the blob's size. The connection is a callable, so that server and
client share this.
"""

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable
from typing import BinaryIO, ParamSpec, TypeVar

from pullscope.content.api import Writer

PIECE = 1 << 20

_P = ParamSpec("_P")
_T = TypeVar("_T")


async def in_thread(function: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
    """Like asyncio.to_thread, but who is cancelled meanwhile waits for the thread: it still holds the file.

    A file that is closed under a writing thread may give its number to another one, which then gets the bytes.
    """
    call = functools.partial(function, *arguments, **named)
    work = asyncio.get_running_loop().run_in_executor(None, call)
    try:
        return await asyncio.shield(work)
    finally:
        while not work.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([work])


async def receive(read: Callable[[], Awaitable[bytes]], writer: Writer) -> None:
    """Append what `read` returns, until it returns nothing, to an upload.

    When `read` fails or the disk is full, what was written stays: an upload can be resumed.
    """
    pieces: list[bytes] = []
    size = 0
    writing: asyncio.Future[None] | None = None
    try:
        while data := await read():
            pieces.append(data)
            size += len(data)
            if size >= PIECE:
                if writing:
                    await writing
                writing = asyncio.ensure_future(in_thread(_write, writer, pieces))
                pieces, size = [], 0
    finally:
        if writing:
            await writing
        if pieces:
            await in_thread(_write, writer, pieces)


async def send(reader: BinaryIO, wanted: range, write: Callable[[bytes], Awaitable[None]]) -> None:
    """Hand the bytes `wanted` of a file to `write`. Raises EOFError when the file is shorter than that."""
    reader.seek(wanted.start)
    left = len(wanted)
    ahead = asyncio.ensure_future(in_thread(reader.read, min(PIECE, left)))
    try:
        while left:
            data = await ahead
            if not data:
                raise EOFError("the blob ends too early")
            left -= len(data)
            if left:
                ahead = asyncio.ensure_future(in_thread(reader.read, min(PIECE, left)))
            await write(data)
    finally:
        await asyncio.gather(ahead, return_exceptions=True)


def _write(writer: Writer, pieces: list[bytes]) -> None:
    for piece in pieces:
        writer.write(piece)
