"""The aiohttp application: who asks, what is meant, and no fault that leaves as anything but a Status."""

import asyncio
import logging
from functools import partial
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from pullscope.apiserver import errors, options, paths
from pullscope.apiserver.authentication import impersonation
from pullscope.apiserver.authorization import Attributes
from pullscope.apiserver.http import documents, login, resources
from pullscope.apiserver.http.site import Site
from pullscope.kube.status import ApiError

_LOG = logging.getLogger(__name__)


def _not_their_fault(record: logging.LogRecord) -> bool:
    """Clients that send no HTTP are answered 400; nobody wants to read about each of them."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError | web.RequestPayloadError | ConnectionError)


_LOG.addFilter(_not_their_fault)

# For `web.AppRunner`: request lines longer than 8 kB are allowed (selectors of `oc` grow long), a thousand watches wait
# behind small read buffers, a watch ends when its client goes, and connections without requests end as upstream's do.
# Bodies are never unpacked: upstream knows no Content-Encoding of requests, and what is packed small may be large.
RUNNER_OPTIONS: dict[str, Any] = {
    "logger": _LOG,
    "auto_decompress": False,
    "keepalive_timeout": 90.0,
    "max_line_size": 64 * 1024,
    "max_field_size": 64 * 1024,
    "read_bufsize": 16 * 1024,
    "access_log": None,
    "handler_cancellation": True,
}
_CLIENT_GONE = 499  # nginx's number; nobody reads it
_READING = ("GET", "HEAD")


def create(site: Site) -> web.Application:
    """The application over `site`. Serve it with `web.AppRunner(app, **RUNNER_OPTIONS)`."""
    app = web.Application()

    async def answer(request: web.Request) -> web.StreamResponse:
        return await _answer(site, request)

    async def stop(_: web.Application) -> None:
        for task in list(site.streams):
            task.cancel()
        await asyncio.gather(*site.streams, return_exceptions=True)

    app.router.add_route("*", "/{path:.*}", answer)
    app.on_shutdown.append(stop)
    app.on_response_prepare.append(partial(resources.warn, site))
    return app


async def _answer(site: Site, request: web.Request) -> web.StreamResponse:
    path = paths.parse(request.path)
    with site.meters.request(request, path) as answered:
        response = await _respond(site, request, path)
        answered.code = response.status
        return response


async def _respond(site: Site, request: web.Request, path: paths.ApiPath | None) -> web.StreamResponse:
    try:
        return await _dispatch(site, request, path)
    except ApiError as error:
        return errors.answer(error)
    except web.HTTPException:
        raise  # a redirection
    except Exception as error:  # noqa: BLE001 (whatever it is, the client gets a Status and the log the traceback)
        if request.transport is None or request.transport.is_closing():
            return web.Response(status=_CLIENT_GONE)
        return errors.unexpected(error, request)


async def _dispatch(site: Site, request: web.Request, path: paths.ApiPath | None) -> web.StreamResponse:
    if request.path.startswith(login.PREFIX):  # nobody is anybody yet
        return await login.answer(site, request)
    user = site.services.authenticator.user(request.headers.get("Authorization"))
    user = impersonation.acting(request.headers, user, site.services.authorizer)
    options.check_timeout(request.query)
    if isinstance(path, paths.ResourcePath):
        return await resources.answer(site, request, user, path)
    verb = request.method.lower()
    site.requests.authorize(Attributes(user, verb, request.path))
    if request.method not in _READING:
        raise errors.wrong_method()
    return documents.answer(site, request, path)
