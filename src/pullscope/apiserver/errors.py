"""How errors become HTTP answers: the only place that does.

An ApiError is its Status. Anything else is a fault of ours: it is logged with its traceback, and the client gets a Status
500 without one. A client that has gone is nobody's fault.
"""

import logging

from aiohttp import web

from pullscope.apiserver.rendering import encode
from pullscope.kube import status
from pullscope.kube.status import ApiError

LOG = logging.getLogger(__name__)
_HEADERS = {"Cache-Control": "no-cache, private"}


def answer(error: ApiError) -> web.Response:
    """The Status as a response."""
    headers = dict(_HEADERS)
    if (seconds := (error.details or {}).get("retryAfterSeconds")) is not None:
        headers["Retry-After"] = str(seconds)
    return web.Response(
        status=error.code, body=encode(error.status()), headers=headers, content_type="application/json"
    )


def report(error: Exception, request: web.Request) -> None:
    """Write a fault of ours to the log; a client that has gone is none."""
    if not isinstance(error, ConnectionError):
        LOG.error("%s %s failed", request.method, request.path, exc_info=error)


def unexpected(error: Exception, request: web.Request) -> web.Response:
    """500 for a fault of ours."""
    report(error, request)
    return answer(status.internal(f"{type(error).__name__} in {request.method} {request.path}: see the server's log"))


def not_served() -> web.Response:
    """A path that no one knows, as Go's mux answers it."""
    return web.Response(status=404, text="404 page not found\n")


def wrong_method() -> ApiError:
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", message, {})
