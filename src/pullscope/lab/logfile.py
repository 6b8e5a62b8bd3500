"""Read the log of a lab's process: its last lines, and what is written meanwhile."""

from collections.abc import AsyncIterator
from typing import TextIO

from pullscope.base.clock import Clock
from pullscope.lab.state import StateDirectory

_LOOK_SECONDS = 0.2
_CHUNK = 1 << 16


async def read(state: StateDirectory, clock: Clock, *, lines: int | None, follow: bool) -> AsyncIterator[str]:
    """The text of the log in pieces: all of it or the last `lines`; with `follow` until the lab has stopped."""
    with state.log.open(encoding="utf-8", errors="replace", newline="") as log:
        if lines is not None:
            log.seek(_start_of_last(log, lines))
        while True:
            running = state.is_running  # before reading: what is written last is read too
            while text := log.read(_CHUNK):
                yield text
            if not (follow and running):
                return
            await clock.sleep(_LOOK_SECONDS)


def _start_of_last(log: TextIO, lines: int) -> int:
    """Where the last `lines` lines begin."""
    starts = [0]
    while log.readline():
        starts.append(log.tell())
    return starts[max(0, len(starts) - 1 - lines)]
