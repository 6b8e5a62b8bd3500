"""Pieces through threads: all of them, in order, and no thread left behind with an open file."""

import asyncio
import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from pullscope.content import api, streams
from pullscope.content.memory import MemoryStore
from pullscope.oci.digest import Digest

DATA = bytes(range(256)) * 20_000  # 5 MB


def source(data: bytes, size: int, *, fails: bool = False) -> "asyncio.Queue[bytes | Exception]":
    queue: asyncio.Queue[bytes | Exception] = asyncio.Queue()
    for begin in range(0, len(data), size):
        queue.put_nowait(data[begin : begin + size])
    queue.put_nowait(ConnectionResetError() if fails else b"")
    return queue


async def read(queue: "asyncio.Queue[bytes | Exception]") -> bytes:
    item = await queue.get()
    if isinstance(item, Exception):
        raise item
    return item


@pytest.mark.parametrize("size", [1000, 65_536, 1 << 20, 3_000_000])
async def test_what_is_read_is_written(size: int) -> None:
    store, queue = MemoryStore(), source(DATA, size)
    writer = store.writer()
    await streams.receive(lambda: read(queue), writer)
    writer.commit(Digest.of(DATA))
    assert api.get(store, Digest.of(DATA)) == DATA


async def test_what_came_before_a_break_is_kept() -> None:
    store, queue = MemoryStore(), source(DATA, 700_000, fails=True)
    writer = store.writer()
    with pytest.raises(ConnectionResetError):
        await streams.receive(lambda: read(queue), writer)
    assert writer.size == len(DATA)


class Raw(io.RawIOBase):
    """A file of a kind that nobody knows whether it waits. Raw files may give less than they are asked for."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(min(size, 400_000))


@pytest.fixture(params=["memory", "file", "other"])
def reader(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BinaryIO]:
    (tmp_path / "blob").write_bytes(DATA)
    kinds: dict[str, Callable[[], Any]] = {
        "memory": lambda: io.BytesIO(DATA),
        "file": lambda: (tmp_path / "blob").open("rb", buffering=0),
        "other": lambda: Raw(DATA),
    }
    with kinds[request.param]() as made:
        yield made


@pytest.mark.parametrize(
    "wanted", [range(0), range(10), range(5_000_000, 5_120_000), range(len(DATA)), range(7, 3_000_000)]
)
async def test_the_wanted_bytes_are_sent(reader: BinaryIO, wanted: range) -> None:
    sent = bytearray()

    async def write(data: streams.Piece) -> None:
        assert len(data) <= streams.PIECE
        sent.extend(data)

    await streams.send(reader, wanted, write)
    assert bytes(sent) == DATA[wanted.start : wanted.stop]


async def test_a_file_that_is_too_short_is_not_a_blob_that_ends(reader: BinaryIO) -> None:
    async def write(_data: streams.Piece) -> None:
        pass

    with pytest.raises(EOFError):
        await streams.send(reader, range(len(DATA) - 5, len(DATA) + 5), write)


async def test_who_is_cancelled_waits_for_the_thread() -> None:
    begun, may_end = asyncio.Event(), threading.Event()
    loop, done = asyncio.get_running_loop(), []

    def work() -> None:
        loop.call_soon_threadsafe(begun.set)
        may_end.wait()
        done.append("the work")

    async def call() -> None:
        try:
            await streams.in_thread(work)
        finally:
            done.append("the caller")

    task = asyncio.create_task(call())
    await begun.wait()
    for _ in range(3):
        task.cancel()
        await asyncio.wait([task], timeout=0.01)
    assert not task.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == ["the work", "the caller"]
