"""A container's output: into its log file in CRI's format, and to those who are attached.

A line of the file is `2016-10-06T00:17:09.669794202Z stdout F content`; `P` marks what was written without a newline at its
end (k8s.io/design-proposals kubelet-cri-logging.md; CRI-O's conmon writes the same). Called from programs' threads.
"""

import os
import threading
from collections.abc import Callable
from pathlib import Path

from pullscope.base.clock import Clock
from pullscope.runtime.program import STDERR, STDOUT

_NAMES = {STDOUT: b"stdout", STDERR: b"stderr"}
_LONGEST = 16 * 1024  # bytes of content in one entry

Listener = Callable[[int, bytes], None]
"""Gets (stream, data) on the writing thread."""


class Log:
    """Takes what the program writes. Without a path it is only handed to listeners."""

    def __init__(self, path: Path | None, clock: Clock) -> None:
        """Raises OSError when the file cannot be made. A file that is there is appended to."""
        self._clock = clock
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []
        self._path = path
        if path is not None:
            os.makedirs(path.parent, exist_ok=True)  # noqa: PTH103 (which takes half the time of Path's, at every start)
            path.touch()

    def write(self, stream: int, data: bytes) -> None:
        """Append. Raises OSError (no space); then nothing of `data` is in the file."""
        with self._lock:
            if self._path is not None:
                _append(self._path, _entries(self._clock, stream, data))
            for listener in self._listeners:
                listener(stream, data)

    def listen(self, listener: Listener) -> None:
        """Hand over what is written from now on."""
        with self._lock:
            self._listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        """Stop handing over; it may have stopped before."""
        with self._lock:
            self._listeners = [other for other in self._listeners if other != listener]


def _append(path: Path, data: bytes) -> None:
    """Opened for each write: thousands of containers that are asleep would else hold a descriptor each."""
    with path.open("ab", buffering=0) as file:
        before = file.tell()
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[file.write(rest) :]
        except OSError:
            file.truncate(before)
            raise


def _entries(clock: Clock, stream: int, data: bytes) -> bytes:
    moment = clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f000Z").encode()
    head = b"%s %s " % (moment, _NAMES[stream])
    *lines, rest = data.split(b"\n")
    entries = [entry for line in lines for entry in _entry(head, line, b"F")]
    if rest:
        entries += _entry(head, rest, b"P")
    return b"".join(entries)


def _entry(head: bytes, line: bytes, tag: bytes) -> list[bytes]:
    """The entries of one line; all but the last of a long one are partial."""
    pieces = [line[at : at + _LONGEST] for at in range(0, len(line), _LONGEST)] or [b""]
    tags = [b"P"] * (len(pieces) - 1) + [tag]
    return [b"%s%s %s\n" % (head, tag, piece) for tag, piece in zip(tags, pieces, strict=True)]
