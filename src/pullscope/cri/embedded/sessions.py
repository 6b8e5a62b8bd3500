"""The streams of an exec or attach (`kube.streams.Session`), and what is on its way through them, which is bounded."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from pullscope.cri.embedded.logs import Log
from pullscope.kube.streams import StreamError
from pullscope.runtime import exits
from pullscope.runtime.exits import Exit
from pullscope.runtime.toolbox.process import Process

_AHEAD = 2**18  # bytes of output that may wait for the reader before the writer waits
_TOO_SLOW = 2**22  # bytes, where the writer does not wait: the reader is cut off

Piece = tuple[int, bytes]


class Output:
    """Pieces of output on their way to the reader. Everything is called in the event loop."""

    def __init__(self) -> None:
        self.waiting = 0
        """Bytes that the reader has not taken yet."""
        self._pieces: deque[Piece] = deque()
        self._ended = False
        self._come = asyncio.Event()
        self._room = asyncio.Event()

    def put(self, stream: int, data: bytes) -> None:
        self._pieces.append((stream, data))
        self.waiting += len(data)
        self._come.set()

    def end(self, *_: object) -> None:
        """No more will come."""
        self._ended = True
        self._come.set()
        self._room.set()

    async def room(self) -> None:
        """Return when the reader keeps up, or there is no more to come."""
        while self.waiting > _AHEAD and not self._ended:
            self._room.clear()
            await self._room.wait()

    async def read(self) -> AsyncIterator[Piece]:
        while True:
            while self._pieces:
                stream, data = self._pieces.popleft()
                self.waiting -= len(data)
                self._room.set()
                yield stream, data
            if self._ended:
                return
            self._come.clear()
            await self._come.wait()


class ExecSession:
    """A process that runs for somebody, in a container: it is killed when that ends (`container`)."""

    def __init__(self, process: Process, output: Output, container: "asyncio.Future[Exit]") -> None:
        self._output = output
        self._process = process
        self._container = container
        process.exited.add_done_callback(self._ended)
        container.add_done_callback(self._kill)

    def _kill(self, _: object) -> None:
        self._process.stop(exits.killed())

    def _ended(self, _: object) -> None:
        self._container.remove_done_callback(self._kill)
        self._output.end()

    def output(self) -> AsyncIterator[Piece]:
        return self._output.read()

    async def write(self, data: bytes) -> None:
        await self._process.write(data)
        await self._output.room()  # a terminal echoes

    async def close_stdin(self) -> None:
        self._process.close_stdin()

    def resize(self, columns: int, lines: int) -> None:
        self._process.resize(columns, lines)

    async def wait(self) -> int:
        return (await asyncio.shield(self._process.exited)).code

    async def close(self) -> None:
        self._process.stop()
        await asyncio.wait((self._process.exited,))


class AttachSession:
    """Somebody who watches a container, and may write to the toolbox word that runs in it."""

    def __init__(self, log: Log, exited: "asyncio.Future[Exit]") -> None:
        self._output = Output()
        self._too_slow = False
        self._log = log
        self._exited = exited
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
            self._too_slow = True
            self.leave()  # the program does not wait for who watches it

    async def output(self) -> AsyncIterator[Piece]:
        """As the protocol says. Raises StreamError when the reader was too slow."""
        async for piece in self._output.read():
            yield piece
        if self._too_slow:
            raise StreamError("the client reads more slowly than the container writes")

    async def write(self, data: bytes) -> None:
        """Nobody in the container reads: as upstream, the input is dropped."""

    async def close_stdin(self) -> None:
        """See `write`."""

    def resize(self, columns: int, lines: int) -> None:
        """See `write`."""

    async def wait(self) -> int:
        return (await asyncio.shield(self._exited)).code

    async def close(self) -> None:
        self.leave()

    def leave(self) -> None:
        """End the output; the container runs on."""
        self._log.leave(self._heard)
        self._exited.remove_done_callback(self._output.end)
        self._output.end()


class InputSession(AttachSession):
    """An attach that has the container's stdin. With `once` the container's stdin ends with it.

    Upstream: CRI-O 1.37 internal/oci/runtime_oci.go (AttachContainer) and conmon's --leave-stdin-open.
    """

    def __init__(self, log: Log, process: Process, *, once: bool, tty: bool) -> None:
        super().__init__(log, process.exited)
        self._process = process
        self._once = once
        self._tty = tty

    async def write(self, data: bytes) -> None:
        await self._process.write(data)
        await self._output.room()

    async def close_stdin(self) -> None:
        if self._once:
            self._process.close_stdin()
        elif not self._tty:
            self.leave()

    def resize(self, columns: int, lines: int) -> None:
        self._process.resize(columns, lines)

    async def close(self) -> None:
        self.leave()
        if self._once:
            self._process.hang_up()
