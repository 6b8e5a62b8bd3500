"""The API server and the registry alone, in a process to be killed: `python -m tests.killing.child DIRECTORY TOKEN`."""

import asyncio
import contextlib
import json
import sys
from pathlib import Path

from aiohttp import web
from tests.apiserver.support import ADMIN

from pullscope.apiserver.http import app as api_http
from pullscope.apiserver.server import ApiServer
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import SystemClock
from pullscope.kube import resources
from pullscope.kube.status import ApiError
from pullscope.registry import app as registry_http
from pullscope.registry.store import Registry


async def serve(root: Path, token: str) -> None:
    """Answer until killed; say where in one line."""
    server = ApiServer(Store.open(root / "state.sqlite"), SystemClock())
    server.tokens.add(token, ADMIN)
    with contextlib.suppress(ApiError):  # it is there since the first start
        await server.client(ADMIN).create(resources.NAMESPACES, None, {"metadata": {"name": "default"}})
    api = web.AppRunner(server.app(), **api_http.RUNNER_OPTIONS)
    registry = registry_http.runner(registry_http.create(Registry.open(root / "registry")))
    for runner in (api, registry):
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = api.addresses[0][:2]
    told = {"server": f"http://{host}:{port}", "registry": "{}:{}".format(*registry.addresses[0][:2])}
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    await server.run()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2]))
