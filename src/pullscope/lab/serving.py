"""HTTP applications on sockets, for as long as an exit stack is open."""

import asyncio.sslproto
import socket
import ssl
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import web

from pullscope.base import connections
from pullscope.base.clock import SystemClock

SHUTDOWN_SECONDS = 1.0
"""How long requests under way may go on when the lab stops."""

# asyncio gives every TLS connection a buffer of 256 KiB; records are never longer than 16 KiB. A thousand watches: 220 MB.
_TLS_BUFFER = 32 * 1024
# Clients that come at once: a thousand watches, say. What does not fit waits a second and more for its next attempt.
_BACKLOG = 1024
# Sockets live in the machine's time, whatever clock the lab has.
_CLOCK = SystemClock()


async def serve(
    stack: AsyncExitStack, runner: web.AppRunner, listening: socket.socket, tls: ssl.SSLContext | None = None
) -> None:
    """Answer on `listening` until the stack closes. Who opens connections and says nothing loses them."""
    stack.push_async_callback(runner.cleanup)
    await runner.setup()
    assert runner.server is not None, "it has been set up"
    factory = connections.impatient(runner.server, _CLOCK)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(factory, sock=listening, ssl=tls, backlog=_BACKLOG)
    stack.callback(server.close)


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """The server's side of TLS, and small buffers for all of this process."""
    asyncio.sslproto.SSLProtocol.max_size = _TLS_BUFFER
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context
