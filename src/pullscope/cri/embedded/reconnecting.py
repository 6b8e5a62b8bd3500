"""Whether a download whose connection broke is taken up again where it broke: as CRI-O decides it, and as containerd does.

Upstream: containers/image docker/body_reader.go (errorIfNotReconnecting) without its jitter, and containerd
core/remotes/docker/httpreadseeker.go.
"""

import math

from pullscope.base.clock import Clock
from pullscope.pull.flavours import Flavour
from pullscope.remote import wire
from pullscope.remote.errors import LostError

_PROGRESS = 1 << 20  # bodyReaderMinimumProgress, bytes
_SINCE = 60.0  # bodyReaderMSSinceLastRetry, seconds
_PAUSE = 1.0  # seconds
_FRUITLESS = 3  # maxRetry


def of(flavour: Flavour, clock: Clock) -> wire.Resume:
    """Who decides it for one blob."""
    return _BodyReader(clock) if flavour == "cri-o" else _ReadSeeker()


class _BodyReader:
    """CRI-O's: once in any case, then when enough has come since, or enough time has passed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.monotonic()
        self._offset = -1
        self._retried = math.nan

    async def __call__(self, offset: int, lost: LostError) -> None:
        now = self._clock.monotonic()
        since = now - self._retried
        if not (math.isnan(since) or offset - self._offset >= _PROGRESS or since >= _SINCE):
            data = f"total {offset} @{_ms(now - self._began)}, last retry {self._offset} @{_ms(since)}"
            told = f"(heuristic tuning data: {data}, last progress @ {_ms(since)}): {lost.why}"
            raise LostError(lost.host, told)
        await self._clock.sleep(_PAUSE)
        self._offset, self._retried = offset, self._clock.monotonic()


class _ReadSeeker:
    """containerd's: as long as something comes, and three times when nothing does."""

    def __init__(self) -> None:
        self._offset = 0
        self._fruitless = 0

    async def __call__(self, offset: int, lost: LostError) -> None:
        self._fruitless = self._fruitless + 1 if offset == self._offset else 1
        self._offset = offset
        if self._fruitless > _FRUITLESS or lost.why != "unexpected EOF":
            raise lost


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.3f} ms"
