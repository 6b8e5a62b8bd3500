"""The registry as an aiohttp application: routing, error bodies, the access log. It opens no port.

Serve it with `runner`, whose settings belong to it: bodies are stored as they were sent, never decompressed.
"""

import asyncio
import errno
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from pullscope.base.clock import Clock, SystemClock
from pullscope.oci import errors
from pullscope.oci.errors import RegistryError
from pullscope.registry import accesslog, blobs, calls, lists, manifests, routes, sessions, uploads
from pullscope.registry.accesslog import AccessLog, Record
from pullscope.registry.calls import Call
from pullscope.registry.routes import Route
from pullscope.registry.sessions import Sessions
from pullscope.registry.store import Registry

# The application's access log, for callers in the same process.
LOG = web.AppKey("LOG", AccessLog)

_GRACE = 2.0  # seconds that transfers get to end when the server stops
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

Handler = Callable[[Call], Awaitable[web.StreamResponse]]
_HANDLERS: Mapping[routes.Kind, Mapping[str, Handler]] = {
    "base": {"GET": lists.base, "HEAD": lists.base},
    "catalog": {"GET": lists.catalog},
    "tags": {"GET": lists.tags},
    "referrers": {"GET": lists.referrers},
    "manifest": {"GET": manifests.get, "HEAD": manifests.get, "PUT": manifests.put, "DELETE": manifests.delete},
    "blob": {"GET": blobs.get, "HEAD": blobs.get, "DELETE": blobs.delete},
    "uploads": {"POST": uploads.start},
    "upload": {
        "PATCH": uploads.append,
        "PUT": uploads.finish,
        "GET": uploads.status,
        "DELETE": uploads.cancel,
    },
}


def create(registry: Registry, *, clock: Clock | None = None, handler: Handler | None = None) -> web.Application:
    """An application that serves `registry`, which the caller closes afterwards.

    `handler` answers in place of `answer`, and may have that do what it lets pass.
    """
    server = _Server(registry, clock or SystemClock(), handler or answer)
    app = web.Application()
    app[LOG] = server.log
    app.router.add_get(accesslog.PATH, server.requests)
    app.router.add_get("/v2", _to_base)
    app.router.add_route("*", "/{path:.*}", server.handle)
    app.on_response_prepare.append(_name_version)
    app.on_startup.append(server.start)
    app.on_cleanup.append(server.stop)
    return app


def runner(app: web.Application) -> web.AppRunner:
    """What serves the application on a site of the caller's choice."""
    return web.AppRunner(app, access_log=None, auto_decompress=False, shutdown_timeout=_GRACE)


class _Server:
    def __init__(self, registry: Registry, clock: Clock, handler: Handler) -> None:
        self.log = AccessLog()
        self._handler = handler
        self._registry = registry
        self._clock = clock
        self._sessions = Sessions(registry.blobs, clock)

    async def start(self, _app: web.Application) -> None:
        await asyncio.to_thread(self._registry.purge_uploads, self._clock.now() - sessions.PATIENCE)

    async def stop(self, _app: web.Application) -> None:
        self._sessions.close()

    async def requests(self, request: web.Request) -> web.Response:
        """The access log, for `repository=` and `since=`."""
        since = request.query.get("since", "0")
        if not (since.isascii() and since.isdigit()):
            raise web.HTTPBadRequest(text="since is not the number of a record\n")
        return calls.as_json(self.log.as_json(repository=request.query.get("repository", ""), since=int(since[:18])))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any other request."""
        asked = routes.parse(request.path)  # a handler may look for something else in its place
        call = Call(self._registry, self._sessions, request, asked)
        try:
            response = await _careful(self._handler, call)
        except (ConnectionError, asyncio.CancelledError):
            self._record(call, asked, accesslog.CLIENT_CLOSED_REQUEST)
            raise
        except BaseException:
            self._record(call, asked, 500)
            raise
        self._record(call, asked, response.status, response)
        return response

    def _record(self, call: Call, route: Route, status: int, response: web.StreamResponse | None = None) -> None:
        request = call.request
        self.log.add(
            Record(
                time=self._clock.now(),
                method=request.method[: accesslog.LONGEST],
                path=request.path[: accesslog.LONGEST],
                kind=route.kind,
                repository=route.repository[: accesslog.LONGEST],
                reference=route.reference[: accesslog.LONGEST],
                digest=response.headers.get("Docker-Content-Digest", "") if response is not None else "",
                status=status,
                bytes=_body_size(call, response),
                user_agent=request.headers.get("User-Agent", "")[: accesslog.LONGEST],
                remote=request.remote or "",
            )
        )


async def answer(call: Call) -> web.StreamResponse:
    """What the distribution spec says. Raises RegistryError."""
    handlers = _HANDLERS.get(call.route.kind)
    if handlers is None:
        return web.Response(status=404, text="404 page not found\n")
    handler = handlers.get(call.request.method)
    if handler is None:
        refused = calls.failure(errors.UNSUPPORTED.error())
        refused.headers["Allow"] = ", ".join(handlers)
        return refused
    return await handler(call)


async def _careful(handler: Handler, call: Call) -> web.StreamResponse:
    """The handler's answer, or its refusal as one."""
    try:
        return await handler(call)
    except RegistryError as error:
        return calls.failure(error)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        return calls.failure(RegistryError(507, "UNAVAILABLE", "no space left on the registry's disk"))


def _body_size(call: Call, response: web.StreamResponse | None) -> int:
    if isinstance(response, web.Response) and call.request.method != "HEAD":
        return len(response.body) if isinstance(response.body, bytes) else 0
    return call.sent


async def _name_version(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Docker-Distribution-API-Version"] = "registry/2.0"


async def _to_base(_request: web.Request) -> web.Response:
    raise web.HTTPMovedPermanently(routes.PREFIX)
