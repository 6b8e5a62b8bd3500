"""The streams of an exec or attach (`cri.api.Session`)."""

import asyncio
from collections.abc import AsyncIterator

from pullscope.base.clock import Clock
from pullscope.cri.api import CriError
from pullscope.cri.embedded.launch import RunWord
from pullscope.cri.embedded.logs import Log
from pullscope.runtime.exits import Exit
from pullscope.runtime.toolbox.context import Stdin
from pullscope.runtime.toolbox.process import Process

_AHEAD = 64  # pieces of output that may wait for the reader before the writer waits
_TOO_SLOW = 4096  # pieces, where the writer does not wait: the reader is cut off

Piece = tuple[int, bytes]


class _Output:
    """Pieces of output on their way to the reader. `put` is called in the event loop."""

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[Piece | None] = asyncio.Queue()
        self._room = asyncio.Event()

    def put(self, stream: int, data: bytes) -> None:
        self._pieces.put_nowait((stream, data))

    def end(self, *_: object) -> None:
        """No more will come."""
        self._pieces.put_nowait(None)
        self._room.set()

    @property
    def waiting(self) -> int:
        """How many pieces the reader has not taken yet."""
        return self._pieces.qsize()

    async def room(self) -> None:
        """Return when the reader keeps up."""
        while self.waiting > _AHEAD:
            self._room.clear()
            await self._room.wait()

    async def read(self) -> AsyncIterator[Piece]:
        while (piece := await self._pieces.get()) is not None:
            self._room.set()
            yield piece


class ExecSession:
    """A toolbox word that runs for somebody."""

    def __init__(self, launch: RunWord, clock: Clock, *, stdin: bool) -> None:
        self._output = _Output()
        self._process = Process(launch.word, launch.context(clock, self._output.put, self._output.room), launch.args)
        self._process.exited.add_done_callback(self._output.end)
        if not stdin:
            self._process.stdin.close()

    def output(self) -> AsyncIterator[Piece]:
        return self._output.read()

    async def write(self, data: bytes) -> None:
        self._process.stdin.feed(data)

    async def close_stdin(self) -> None:
        self._process.stdin.close()

    async def wait(self) -> int:
        return (await asyncio.shield(self._process.exited)).code

    async def close(self) -> None:
        self._process.stop()
        await asyncio.wait((self._process.exited,))


class AttachSession:
    """Somebody who watches a container, and may write to the toolbox word that runs in it."""

    def __init__(self, log: Log, exited: "asyncio.Future[Exit]", stdin: Stdin | None) -> None:
        self._output = _Output()
        self._log = log
        self._exited = exited
        self._stdin = stdin
        self._loop = asyncio.get_running_loop()
        log.listen(self._heard)
        exited.add_done_callback(self._output.end)

    def _heard(self, stream: int, data: bytes) -> None:
        """On the program's thread."""
        self._loop.call_soon_threadsafe(self._take, stream, data)

    def _take(self, stream: int, data: bytes) -> None:
        if self._output.waiting < _TOO_SLOW:
            self._output.put(stream, data)
        else:
            self._leave()  # the program does not wait for who watches it

    def output(self) -> AsyncIterator[Piece]:
        return self._output.read()

    async def write(self, data: bytes) -> None:
        if self._stdin is None:
            raise CriError("attached without stdin")
        self._stdin.feed(data)

    async def close_stdin(self) -> None:
        if self._stdin is not None:
            self._stdin.close()

    async def wait(self) -> int:
        return (await asyncio.shield(self._exited)).code

    async def close(self) -> None:
        self._leave()

    def _leave(self) -> None:
        self._log.leave(self._heard)
        self._exited.remove_done_callback(self._output.end)
        self._output.end()
