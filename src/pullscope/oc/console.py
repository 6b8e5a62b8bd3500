"""Where a command reads and writes: three byte streams, which tests replace."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True)
class Console:
    """Standard output, standard error and standard input."""

    output: BinaryIO
    errors: BinaryIO
    input: BinaryIO

    def out(self, text: str) -> None:
        """Write a line to standard output."""
        self.write(f"{text}\n".encode())

    def err(self, text: str) -> None:
        """Write a line to standard error."""
        self.complain(f"{text}\n".encode())

    def write(self, data: bytes) -> None:
        """Write to standard output as it is, now."""
        self.output.write(data)
        self.output.flush()

    def complain(self, data: bytes) -> None:
        """Write to standard error as it is, now."""
        self.errors.write(data)
        self.errors.flush()


def standard() -> Console:
    """The process's own."""
    return Console(sys.stdout.buffer, sys.stderr.buffer, sys.stdin.buffer)


def handing(out: Callable[[bytes], object], err: Callable[[bytes], object]) -> Console:
    """One that hands on what is written, and in which nobody types."""
    return Console(_Handing(out), _Handing(err), io.BytesIO())


class _Handing(io.BytesIO):
    def __init__(self, take: Callable[[bytes], object]) -> None:
        super().__init__()
        self._take = take

    def write(self, data: bytes) -> int:  # type: ignore[override] # a console writes bytes and nothing else
        self._take(data)
        return len(data)
