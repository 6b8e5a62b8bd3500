"""Connections that never get as far as a request are closed: a protocol factory before another.

An HTTP server waits for the head of a request for as long as it takes; whoever opens connections and says nothing, or one
byte a minute, keeps them all. Upstream's API server gives a head 32 seconds (k8s.io/apiserver v0.36
pkg/server/secure_serving.go, ReadHeaderTimeout).
"""

import asyncio
from collections.abc import Callable
from typing import cast

from pullscope.base.clock import Clock

HEAD_SECONDS = 32.0
_END_OF_HEAD = b"\r\n\r\n"


def impatient(
    factory: Callable[[], asyncio.Protocol], clock: Clock, seconds: float = HEAD_SECONDS
) -> Callable[[], asyncio.Protocol]:
    """`factory`, whose protocols lose a connection on which no request's head has come within `seconds`."""
    return lambda: _Waiting(factory(), clock, seconds)


class _Waiting(asyncio.Protocol):
    """Stands before a protocol until the first head is complete, then steps aside for good."""

    def __init__(self, protocol: asyncio.Protocol, clock: Clock, seconds: float) -> None:
        self._protocol = protocol
        self._clock = clock
        self._seconds = seconds
        self._tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._deadline = asyncio.ensure_future(self._expire())
        self._protocol.connection_made(transport)

    async def _expire(self) -> None:
        await self._clock.sleep(self._seconds)
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._tail = self._tail[1 - len(_END_OF_HEAD) :] + data
        if _END_OF_HEAD in self._tail:
            self._deadline.cancel()
            self._transport.set_protocol(self._protocol)
        self._protocol.data_received(data)

    def eof_received(self) -> bool | None:
        return self._protocol.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.cancel()
        self._protocol.connection_lost(exc)

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()
