"""Blobs through a connection: in pieces of a megabyte, hashed and stored beside the event loop.

While a thread hashes and writes one piece, the event loop receives the next; what is sent is read in a thread only if
the disk has to be waited for. A transfer holds two or three pieces, whatever the blob's size. The connection is a
callable, so that server and client share this.
"""

import asyncio
import contextlib
import functools
import io
import os
from collections.abc import Awaitable, Callable
from typing import Any, BinaryIO, ParamSpec, Protocol, TypeVar

PIECE = 1 << 20

Piece = bytes | memoryview

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Sink(Protocol):
    """Where a blob goes: an upload to a store, or a file."""

    def write(self, data: bytes, /) -> Any:
        """Append all of it. Raises OSError when the disk is full."""


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


async def receive(read: Callable[[], Awaitable[bytes]], writer: Sink) -> None:
    """Append what `read` returns, until it returns nothing, to an upload or a file.

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


async def send(reader: BinaryIO, wanted: range, write: Callable[[Piece], Awaitable[None]]) -> None:
    """Hand the bytes `wanted` of a file to `write`. Raises EOFError when the file is shorter than that."""
    reader.seek(wanted.start)
    left = len(wanted)
    while left:
        size = min(PIECE, left)
        data = _at_hand(reader, size)
        if data is None:
            data = await in_thread(reader.read, size)
        if not data:
            raise EOFError("the blob ends too early")
        left -= len(data)
        await write(data)


def _at_hand(reader: BinaryIO, size: int) -> Piece | None:
    """What can be read without waiting for a disk; None when that is not known.

    A copy out of memory costs less than the way to a thread and back. Linux says what it has in its page cache.
    """
    if isinstance(reader, io.BytesIO):
        return reader.read(size)
    if not (hasattr(os, "preadv") and hasattr(os, "RWF_NOWAIT") and isinstance(reader, io.FileIO)):
        return None
    buffer = bytearray(size)
    try:
        got = os.preadv(reader.fileno(), [buffer], reader.tell(), os.RWF_NOWAIT)
    except OSError:  # it would wait, or the file system cannot tell
        return None
    reader.seek(got, os.SEEK_CUR)
    return memoryview(buffer)[:got]


def _write(writer: Sink, pieces: list[bytes]) -> None:
    for piece in pieces:
        writer.write(piece)
