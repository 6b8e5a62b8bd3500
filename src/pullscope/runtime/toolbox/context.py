"""What a word of the toolbox has at hand: the container's root and environment, its streams, the clock."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from pullscope.base.clock import Clock
from pullscope.runtime.rootfs import Root

STDOUT = 1
STDERR = 2


class Stdin:
    """Bytes that come in as somebody writes them."""

    def __init__(self) -> None:
        self._data = b""
        self._closed = False
        self._changed = asyncio.Event()

    def feed(self, data: bytes) -> None:
        """More has come."""
        self._data += data
        self._changed.set()

    def close(self) -> None:
        """No more will come."""
        self._closed = True
        self._changed.set()

    async def line(self) -> bytes:
        """The next line with its newline; what is left without one at the end; nothing after it."""
        while b"\n" not in self._data and not self._closed:
            self._changed.clear()
            await self._changed.wait()
        head, newline, self._data = self._data.partition(b"\n")
        return head + newline


Flush = Callable[[], Awaitable[None]]


async def at_once() -> None:
    """Nothing to wait for."""


@dataclass
class Context:
    """One process, so to say. `directory` is the working directory, `write` takes a stream and data.

    `write` raises OSError when the other side is full or gone; who writes much awaits `flush` in between.
    """

    root: Root
    env: dict[str, str]
    directory: str
    clock: Clock
    write: Callable[[int, bytes], None]
    flush: Flush = at_once
    hostname: str = ""
    user: str = ""
    stdin: Stdin = field(default_factory=Stdin)

    def say(self, text: str) -> None:
        """Write text to stdout."""
        self.write(STDOUT, text.encode(errors="surrogateescape"))

    def complain(self, text: str) -> None:
        """Write a line to stderr."""
        self.write(STDERR, f"{text}\n".encode(errors="surrogateescape"))
