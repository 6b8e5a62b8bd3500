"""The registry alone on an address of the user's choice: `pullscope registry serve`."""

import asyncio
import contextlib
import errno
import signal
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from pullscope.base.errors import PullscopeError, UsageError
from pullscope.registry import app
from pullscope.registry.app import Handler
from pullscope.registry.store import Registry

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Address:
    """Where to listen. Port 0 means any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """Read `host:port`, `:port` or `port`; without a host only this machine can connect. Raises UsageError."""
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and int(port) < 1 << 16):
        raise UsageError(f"{text!r} is not an address", hint="write host:port, as in 127.0.0.1:5000, or a port alone")
    return Address(host.removeprefix("[").removesuffix("]") or LOOPBACK, int(port))


@contextlib.asynccontextmanager
async def serving(
    registry: Registry, address: Address, *, guard: Handler | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Address]:
    """Serve `registry` while inside; gives the address with its real port. Raises PullscopeError.

    `guard` answers, as those of `guarded`; without it everybody may do everything.
    """
    runner = app.runner(app.create(registry, handler=guard))
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, address.host, address.port, ssl_context=tls).start()
        except OSError as error:
            raise _cannot_listen(address, error) from error
        yield Address(address.host, runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def serve(
    root: Path | None, address: Address, announce: Callable[[Address], None], guard: Handler | None = None
) -> None:
    """Serve the registry in `root` (None: in memory) until the process is told to stop; tell `announce` when ready."""
    with contextlib.closing(await asyncio.to_thread(Registry.open, root)) as registry:
        async with serving(registry, address, guard=guard) as listening:
            announce(listening)
            await _told_to_stop()


async def _told_to_stop() -> None:
    """Return on SIGINT or SIGTERM. Where loops know no signals (Windows), Ctrl-C cancels this instead."""
    stopped = asyncio.Event()
    with contextlib.suppress(NotImplementedError):
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()


def _cannot_listen(address: Address, error: OSError) -> PullscopeError:
    if error.errno == errno.EADDRINUSE:
        hint = "take another port, or port 0 for any free one"
        return PullscopeError(f"cannot listen on {address}: the port is in use", hint=hint)
    if error.errno == errno.EADDRNOTAVAIL:
        hint = "no network interface of this machine has that address; 0.0.0.0 stands for all of them"
        return PullscopeError(f"cannot listen on {address}: it is not an address of this machine", hint=hint)
    return PullscopeError(f"cannot listen on {address}: {error.strerror or error}")
