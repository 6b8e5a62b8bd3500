"""The terminal of a process: typed bytes in, its output out, and who is to know of signals and sizes."""

import contextlib
from collections.abc import Callable

from pullscope.runtime.program import STDOUT
from pullscope.runtime.toolbox import discipline
from pullscope.runtime.toolbox.discipline import Echo, Read, Signal
from pullscope.runtime.toolbox.stdin import Stdin


class Terminal:
    """One terminal. `on_signal` is told the exit code that a signal means, `on_resize` of another size: both belong to
    whoever is in the foreground. Without a client `columns` and `lines` are 0.
    """

    def __init__(self, write: Callable[[int, bytes], None], stdin: Stdin) -> None:
        """`write` takes what is shown, all of it as `STDOUT`, and may raise OSError; only `write` of ours passes it on."""
        self.on_signal: Callable[[int], object] = _ignore
        self.on_resize: Callable[[], object] = _nothing
        self.columns = 0
        self.lines = 0
        self.typed = b""
        self._write = write
        self._stdin = stdin

    def type(self, data: bytes) -> None:
        """Somebody types."""
        taken = discipline.take(self.typed, data)
        self.typed = taken.line
        for effect in taken.effects:
            match effect:
                case Echo(shown):
                    self._show(shown)
                case Read(b""):
                    self._stdin.end()
                case Read(line):
                    self._read(line)
                case Signal(code):
                    self._stdin.flush()
                    self.on_signal(code)

    def _read(self, line: bytes) -> None:
        """Let a line through; a terminal does not wait until there is room for it."""
        if self._stdin.full:
            self._show(b"\a")
        else:
            self._stdin.feed(line)

    def write(self, _stream: int, data: bytes) -> None:
        """The process writes. Raises OSError."""
        self._write(STDOUT, discipline.shown(data))

    def resize(self, columns: int, lines: int) -> None:
        """The terminal has that size now."""
        if (columns, lines) != (self.columns, self.lines):
            self.columns, self.lines = columns, lines
            with contextlib.suppress(OSError):  # as below
                self.on_resize()

    def _show(self, data: bytes) -> None:
        with contextlib.suppress(OSError):  # what cannot be shown was typed all the same
            self._write(STDOUT, data)


def _ignore(_code: int) -> None:
    """Nobody is in the foreground."""


def _nothing() -> None:
    """Nobody draws."""
