"""A registry on a real socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from aiohttp import web
from yarl import URL

from pullscope.base.clock import Clock, SystemClock
from pullscope.registry import app as registry_app
from pullscope.registry.accesslog import AccessLog
from pullscope.registry.store import Registry


@dataclass
class Served:
    """A running registry and a session to talk to it. Paths go out exactly as they are written."""

    registry: Registry
    log: AccessLog
    address: str
    session: aiohttp.ClientSession

    def request(self, method: str, path: str, **options: object) -> "aiohttp.client._RequestContextManager":
        url = URL(path, encoded=True) if path.startswith("http") else URL(f"http://{self.address}{path}", encoded=True)
        return self.session.request(method, url, allow_redirects=False, **options)  # type: ignore[arg-type]  # the test's own options


@asynccontextmanager
async def serving(
    root: Path | None, clock: Clock | None = None, *, handler: registry_app.Handler | None = None
) -> AsyncIterator[Served]:
    registry = Registry.open(root)
    application = registry_app.create(registry, clock=clock or SystemClock(), handler=handler)
    runner = registry_app.runner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with aiohttp.ClientSession(auto_decompress=False, skip_auto_headers=["Content-Type"]) as session:
            host, port = runner.addresses[0][:2]
            yield Served(registry, application[registry_app.LOG], f"{host}:{port}", session)
    finally:
        await runner.cleanup()
        registry.close()
