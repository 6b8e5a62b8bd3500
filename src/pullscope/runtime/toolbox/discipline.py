"""What a terminal makes of typed bytes before a program reads them: lines that can be corrected, echo, signals. Pure.

Upstream: Linux drivers/tty/n_tty.c with the settings that a new pseudo-terminal has (ICANON ECHO ECHOE ECHOKE ECHOCTL ISIG
ICRNL IXON ONLCR); erasing goes by characters and their width, as with IUTF8. Left out: literal next (^V), stopping output
(^S, ^Q) and suspending (^Z), whose characters do nothing.
"""

import re
import unicodedata
from dataclasses import dataclass

LONGEST = 4095
"""Bytes of a line; more are not taken, as in n_tty."""

INTERRUPTED = 128 + 2  # ^C: SIGINT
QUIT = 128 + 3  # ^\: SIGQUIT

_INTR, _EOF, _KILL, _REPRINT, _ERASE_WORD, _QUIT = 0x03, 0x04, 0x15, 0x12, 0x17, 0x1C
_ERASE = (0x7F, 0x08)
_NOTHING = (0x11, 0x13, 0x16, 0x1A)
_NEWLINES = b"\r\n"
_LAST_WORD = re.compile(r"\S*\s*\Z")


@dataclass(frozen=True)
class Echo:
    """To be shown."""

    data: bytes


@dataclass(frozen=True)
class Read:
    """To be read by the program: a line with its newline, what ^D let through before one, or nothing, the end."""

    data: bytes


@dataclass(frozen=True)
class Signal:
    """The program in the foreground is to end with this exit code, unless it has another use for the signal."""

    code: int


Effect = Echo | Read | Signal


@dataclass(frozen=True)
class Taken:
    """What became of typed bytes: the line as it is so far, and what is to be done, in order."""

    line: bytes
    effects: tuple[Effect, ...]


def take(line: bytes, typed: bytes) -> Taken:
    """Go on with `line` by what was typed. Taking bytes one by one comes to the same as taking them at once."""
    editor = _Editor(line)
    for byte in typed:
        editor.key(byte)
    return Taken(bytes(editor.line), tuple(editor.effects))


def shown(output: bytes) -> bytes:
    """What a program writes, as a terminal is sent it."""
    return output.replace(b"\n", b"\r\n")


class _Editor:
    def __init__(self, line: bytes) -> None:
        self.line = bytearray(line)
        self.effects: list[Effect] = []

    def key(self, byte: int) -> None:
        if byte in _NEWLINES:
            self._echo(b"\r\n")
            self._finish(b"\n")
        elif byte == _EOF:
            self._finish(b"")
        elif byte in (_INTR, _QUIT):
            self._echo(_caret(byte))
            self.line.clear()
            self.effects.append(Signal(INTERRUPTED if byte == _INTR else QUIT))
        elif byte in _ERASE:
            self._erase(1)
        elif byte == _KILL:
            self._erase(len(_text(self.line)))
        elif byte == _ERASE_WORD:
            last = _LAST_WORD.search(_text(self.line))
            self._erase(len(last[0]) if last else 0)
        elif byte == _REPRINT:
            self._echo(_caret(byte) + b"\r\n" + b"".join(map(_image, self.line)))
        elif byte not in _NOTHING:
            self._add(byte)

    def _add(self, byte: int) -> None:
        if len(self.line) >= LONGEST:
            self._echo(b"\a")
            return
        self.line.append(byte)
        self._echo(_image(byte))

    def _finish(self, end: bytes) -> None:
        self.effects.append(Read(bytes(self.line) + end))
        self.line.clear()

    def _erase(self, count: int) -> None:
        """Take back the last `count` characters."""
        text = _text(self.line)
        kept, gone = text[: len(text) - count], text[len(text) - count :]
        self.line[:] = kept.encode(errors="surrogateescape")
        self._echo(b"\b \b" * sum(map(_width, gone)))

    def _echo(self, data: bytes) -> None:
        if self.effects and isinstance(last := self.effects[-1], Echo):
            self.effects[-1] = Echo(last.data + data)
        elif data:
            self.effects.append(Echo(data))


def _text(line: bytes | bytearray) -> str:
    return line.decode(errors="surrogateescape")


def _caret(byte: int) -> bytes:
    return b"^" + bytes((byte ^ 0x40,))


def _image(byte: int) -> bytes:
    """How a byte is echoed: a tab as a space, so that erasing knows its width; other control characters as ^X."""
    if byte == ord("\t"):
        return b" "
    return _caret(byte) if byte < 0x20 else bytes((byte,))


def _width(character: str) -> int:
    """Columns that a character takes."""
    if character < " " and character != "\t":
        return 2
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
