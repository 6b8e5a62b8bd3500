"""What a word of the toolbox reads: bytes as somebody gives them, at the pace at which they are read."""

import asyncio
from collections import deque

_AHEAD = 2**18  # bytes that may wait for the reader before the writer waits
_PIECES = 2**12  # likewise
_LONGEST = 2**20  # bytes of a line


class LineTooLongError(Exception):
    """More than a line may hold, and still no newline."""


class Stdin:
    """A pipe, or what a terminal lets through. `end` is an end that can be read past (^D), `close` the last one.

    `broken`: whoever gave it went without saying that this was all.
    """

    def __init__(self) -> None:
        self.broken = False
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._closed = False
        self._abandoned = False
        self._come = asyncio.Event()
        self._room = asyncio.Event()

    def feed(self, data: bytes) -> None:
        """More has come; dropped when nobody will read it."""
        if data and not self._abandoned:
            self._put(data)

    def end(self) -> None:
        """Who reads on comes to an end, once."""
        if not self._pieces or self._pieces[-1]:
            self._put(b"")

    def close(self) -> None:
        """No more will come."""
        self._closed = True
        self._come.set()

    def break_off(self) -> None:
        """No more will come, and whether this was all nobody knows, unless it was said before."""
        self.broken = not self._closed
        self.close()

    def abandon(self) -> None:
        """Nobody will read any more."""
        self._abandoned = True
        self.flush()

    def flush(self) -> None:
        """Forget what was not read."""
        self._pieces.clear()
        self._size = 0
        self._room.set()

    @property
    def full(self) -> bool:
        """Whether as much waits to be read as should."""
        return self._size >= _AHEAD or len(self._pieces) >= _PIECES

    async def room(self) -> None:
        """Return when the reader keeps up, or is gone."""
        while self.full:
            self._room.clear()
            await self._room.wait()

    async def read(self) -> bytes:
        """The next piece, in no particular size; nothing at an end."""
        while not self._pieces and not self._closed:
            self._come.clear()
            await self._come.wait()
        piece = self._pieces.popleft() if self._pieces else b""
        self._size -= len(piece)
        self._room.set()
        return piece

    async def line(self) -> bytes:
        """The next line with its newline; what is left without one at an end. Raises LineTooLongError."""
        line = b""
        while piece := await self.read():
            first, *others = piece.split(b"\n")
            if others:
                self._put_back([*(other + b"\n" for other in others[:-1]), others[-1]])
                return line + first + b"\n"
            line += first
            if len(line) > _LONGEST:
                raise LineTooLongError
        return line

    def _put_back(self, pieces: list[bytes]) -> None:
        """Have these read next."""
        self._pieces.extendleft(piece for piece in reversed(pieces) if piece)
        self._size += sum(map(len, pieces))

    def _put(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._size += len(piece)
        self._come.set()
