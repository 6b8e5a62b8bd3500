"""HTTP applications on sockets, for as long as an exit stack is open."""

import asyncio.sslproto
import socket
import ssl
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import web

from pullscope.base import connections
from pullscope.base.clock import SystemClock
from pullscope.lab import ports
from pullscope.lab.places import Port

SHUTDOWN_SECONDS = 1.0
"""How long requests under way may go on when the lab stops."""

# asyncio gives every TLS connection a buffer of 256 KiB; records are never longer than 16 KiB. A thousand watches: 220 MB.
_TLS_BUFFER = 32 * 1024
# Clients that come at once: a thousand watches, say. What does not fit waits a second and more for its next attempt.
_BACKLOG = 1024
# Sockets live in the machine's time, whatever clock the lab has.
_CLOCK = SystemClock()


class Door:
    """A port at which an application answers. While it is shut, connections are refused as where nobody ever listened."""

    def __init__(self, runner: web.AppRunner, port: int, tls: ssl.SSLContext | None) -> None:
        self._runner = runner
        self._port = port
        self._tls = tls
        self._server: asyncio.Server | None = None

    async def open(self, listening: socket.socket | None = None) -> None:
        """Answer, on that socket or on a new one at the same port. Raises UsageError when somebody else took the port."""
        if self._server is not None:
            return
        sock = listening or ports.listen(Port(self._port, exact=True), "registry", "--registry-port")
        assert self._runner.server is not None, "it has been set up"
        factory = connections.impatient(self._runner.server, _CLOCK)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(factory, sock=sock, ssl=self._tls, backlog=_BACKLOG)

    def shut(self) -> None:
        """Refuse connections; those that are there end."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        assert self._runner.server is not None, "it has been set up"
        for connection in self._runner.server.connections:
            if connection.transport is not None:
                connection.transport.close()

    def close(self) -> None:
        """Take no more connections; those that are there may end what they do."""
        if self._server is not None:
            self._server.close()


async def serve(
    stack: AsyncExitStack, runner: web.AppRunner, listening: socket.socket, tls: ssl.SSLContext | None = None
) -> Door:
    """Answer on `listening` until the stack closes. Who opens connections and says nothing loses them."""
    stack.push_async_callback(runner.cleanup)
    await runner.setup()
    door = Door(runner, ports.number_of(listening), tls)
    await door.open(listening)
    stack.callback(door.close)
    return door


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """The server's side of TLS, and small buffers for all of this process."""
    asyncio.sslproto.SSLProtocol.max_size = _TLS_BUFFER
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context
