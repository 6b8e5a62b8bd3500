"""What a client and a session say to each other over a WebSocket, from the upgrade of the connection to its end.

Upstream: k8s.io/apiserver v0.36 pkg/util/proxy/{streamtranslator,websocket}.go. As there, what the node refuses is told in the
conversation, since the connection is upgraded by then; and the server waits for the client to close, so that a slow one
reads everything.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any, Literal

from aiohttp import WSMsgType, web

from pullscope.apiserver.handlers import Connection
from pullscope.apiserver.http import channels
from pullscope.apiserver.http.channels import Subprotocol
from pullscope.base import tasks
from pullscope.base.clock import Clock
from pullscope.kube import status
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError
from pullscope.kube.streams import Session, StreamError, StreamOptions

_PING_SECONDS = 30.0
_SILENT_SECONDS = 120.0  # kubectl gives a server 61 s


class Conversation:
    """One client and one session."""

    def __init__(
        self,
        socket: "web.WebSocketResponse[Literal[False]]",
        protocol: Subprotocol,
        wanted: StreamOptions,
        clock: Clock,
    ) -> None:
        self._socket = socket
        self._protocol = protocol
        self._wanted = wanted
        self._clock = clock
        self._heard: float | None = clock.monotonic()

    async def run(self, connection: Connection) -> None:
        """To its end, whoever ends it. A client that goes ends it at any time."""
        with contextlib.suppress(ConnectionError):
            await self._begin()
            ending = await self._converse(connection)
            if ending is not None:
                await self._end(ending)

    async def _begin(self) -> None:
        """Upstream: an empty message on the first channel to the client says that the connection stands."""
        first = channels.STDOUT if self._wanted.stdout else channels.STDERR if self._wanted.stderr else channels.ERROR
        await self._send(channels.encode(self._protocol, first, b""))

    async def _end(self, ending: Object) -> None:
        message = channels.end(self._protocol, ending)
        if message is not None:
            await self._send(message)
        await self._socket.close()

    async def _converse(self, connection: Connection) -> Object | None:
        """The Status that is to be told at the end; None when the client has left."""
        try:
            session = await connection.open()
        except ApiError as error:
            return error.status()
        telling = asyncio.ensure_future(self._tell(session, connection))
        working = (telling, asyncio.ensure_future(self._listen(session)), asyncio.ensure_future(self._guard()))
        try:
            await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _stop(working, session)
        for task in working:
            if not task.cancelled():
                task.result()  # raises what went wrong
        return None if telling.cancelled() else telling.result()

    async def _tell(self, session: Session, connection: Connection) -> Object:
        """Hand on what the program writes, at the client's pace; then how it ended."""
        wanted = {channels.STDOUT: self._wanted.stdout, channels.STDERR: self._wanted.stderr}
        try:
            async for stream, data in session.output():
                if wanted[stream]:
                    await self._send(channels.encode(self._protocol, stream, data))
        except StreamError as error:
            return status.internal(str(error)).status()
        return channels.exited(self._protocol, await session.wait() if connection.exit_codes else 0)

    async def _listen(self, session: Session) -> None:
        """Hand on what the client says, at the program's pace, until it says no more."""
        while True:
            self._heard = self._clock.monotonic()
            message = await self._socket.receive()
            self._heard = None  # while the program is slow, the client need not be heard
            match message.type:
                case WSMsgType.BINARY | WSMsgType.TEXT:
                    if not await self._deliver(session, channels.decode(self._protocol, message.data)):
                        return
                case WSMsgType.PING:
                    await self._socket.pong(message.data)
                case WSMsgType.PONG:
                    pass
                case _:  # closed, in whatever way
                    return

    async def _deliver(self, session: Session, message: channels.Message) -> bool:
        """Do what the message says; whether to listen on."""
        match message:
            case channels.Input(data) if self._wanted.stdin:
                await session.write(data)
            case channels.InputEnd() if self._wanted.stdin:
                await session.close_stdin()
            case channels.Size(columns, lines):
                session.resize(columns, lines)
            case channels.Malformed():
                return False
        return True

    async def _send(self, message: bytes) -> None:
        if self._protocol.text:
            await self._socket.send_str(message.decode())
        else:
            await self._socket.send_bytes(message)

    async def _guard(self) -> None:
        """Return when there is no client to be heard any more: it is silent for too long, or broke the rules and stayed."""
        while not self._socket.closed:
            if self._heard is not None and self._clock.monotonic() - self._heard > _SILENT_SECONDS:
                return
            await self._socket.ping()
            await self._clock.sleep(_PING_SECONDS)


async def _stop(working: Iterable[asyncio.Future[Any]], session: Session) -> None:
    try:
        await tasks.end(*working)
    finally:
        await session.close()
