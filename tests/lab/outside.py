"""Registries outside a lab: one that can be locked with a password or go away, one that answers nothing but errors."""

import base64
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from aiohttp import web

from pullscope.base.clock import ManualClock
from pullscope.registry import app as registry_http
from pullscope.registry.store import Registry

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PASSWORD = "user:pass"
_REQUIRED = "authentication required"


def _error(status: int, code: str, message: str, headers: Mapping[str, str] = MappingProxyType({})) -> web.Response:
    body = {"errors": [{"code": code, "message": message, "detail": None}]}
    return web.json_response(body, status=status, headers=dict(headers))


class _Served:
    """An application on a port of its own."""

    def __init__(self, application: web.Application) -> None:
        self._runner = registry_http.runner(application)
        self.host = ""

    async def start(self) -> None:
        await self._runner.setup()
        self._site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await self._site.start()
        self.host = "{}:{}".format(*self._runner.addresses[0][:2])

    async def sleep(self) -> None:
        """Close the port and all connections, until `wake`."""
        await self._site.stop()
        assert self._runner.server is not None
        for connection in self._runner.server.connections:
            connection.force_close()

    async def wake(self) -> None:
        self._site = web.TCPSite(self._runner, "127.0.0.1", int(self.host.rpartition(":")[2]))
        await self._site.start()

    async def go(self) -> None:
        await self._runner.cleanup()


class Stranger(_Served):
    """A registry. When it is `locked`, it wants `PASSWORD` (Basic); when it goes, connections are refused."""

    def __init__(self) -> None:
        self.locked = False
        application = registry_http.create(Registry.open(None), clock=ManualClock())
        application.middlewares.append(self._guard)
        super().__init__(application)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").removeprefix("Basic ")
        if not self.locked or base64.b64decode(given).decode() == PASSWORD:
            return await handler(request)
        return _error(401, "UNAUTHORIZED", _REQUIRED, {"WWW-Authenticate": 'Basic realm="registry"'})


class Refusing(_Served):
    """It wants a token (Bearer); the first part of a repository's name says what becomes of it."""

    def __init__(self) -> None:
        application = web.Application()
        application.router.add_get("/token", self._token)
        application.router.add_route("*", "/v2/{path:.*}", self._answer)
        super().__init__(application)

    async def _token(self, request: web.Request) -> web.Response:
        if "repository:a/" in request.query.get("scope", ""):
            return _error(401, "UNAUTHORIZED", "unauthorized")
        return web.json_response({"token": "t", "access_token": "t"})

    async def _answer(self, request: web.Request) -> web.Response:
        challenge = {"WWW-Authenticate": f'Bearer realm="http://{self.host}/token",service="it"'}
        name = request.match_info["path"].partition("/")[0]
        scoped = f',scope="repository:{name}/x:pull"' if name else ""
        if "Authorization" not in request.headers:
            challenge["WWW-Authenticate"] += scoped
            return _error(401, "UNAUTHORIZED", _REQUIRED, challenge)
        match name:
            case "b":
                challenge["WWW-Authenticate"] += ',error="insufficient_scope"'
                return _error(401, "UNAUTHORIZED", _REQUIRED, challenge)
            case "c":
                return _error(403, "DENIED", "requested access to the resource is denied")
            case "d":
                return web.Response(status=500)
            case "e":
                return _error(429, "TOOMANYREQUESTS", "too many requests")
            case "f":
                return web.Response(status=503)
            case _:
                return _error(404, "NAME_UNKNOWN", "repository name not known to registry")
