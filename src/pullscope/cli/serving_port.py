"""A port that can be shut and opened again, and stays ours all the time: a registry that refuses connections for a while."""

import asyncio
import os
import socket
import ssl

from aiohttp import web

from pullscope.base.errors import UnreachableError
from pullscope.registry.serving import Address


class ShutPort:
    """A free port of `host`: bound, with nobody who listens until `listen`. Raises UnreachableError."""

    def __init__(self, host: str, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        self._bound = _bound(host, 0)
        self.address = Address(host, self._bound.getsockname()[1])
        self._opened: tuple[asyncio.Server, web.Server] | None = None

    async def listen(self, answering: web.Server) -> None:
        """Take connections, if not done already."""
        if self._opened is None:
            loop = asyncio.get_running_loop()
            self._opened = await loop.create_server(answering, sock=self._bound, ssl=self._tls), answering

    def shut(self) -> None:
        """End all connections and take no new ones."""
        if self._opened is None:
            return
        listening, answering = self._opened
        self._opened = None
        listening.close()
        for connection in answering.connections:
            if connection.transport is not None:
                connection.transport.abort()
        self._bound = _bound(self.address.host, self.address.port)

    def close(self) -> None:
        """Give the port back."""
        self.shut()
        self._bound.close()


def _bound(host: str, port: int) -> socket.socket:
    """A socket that is bound and does not listen. Raises UnreachableError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere this would share the port with others
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.setblocking(False)
    except OSError as error:
        bound.close()
        raise UnreachableError(f"cannot listen on {Address(host, port)}: {error.strerror or error}") from error
    return bound
