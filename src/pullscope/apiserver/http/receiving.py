"""The body of a request: bounded in size and in time.

Upstream: k8s.io/apiserver v0.36 pkg/endpoints/handlers/rest.go (limitedReadBody), pkg/server/filters/timeout.go.
"""

from aiohttp import web

from pullscope.apiserver import decoding
from pullscope.apiserver.http.site import Site
from pullscope.base import tasks
from pullscope.kube import status

PATIENCE_SECONDS = 60.0
"""How long a request that is no stream may take (upstream: --request-timeout)."""


async def body(site: Site, request: web.Request) -> bytes:
    """The whole body. Raises ApiError 413 when it is too large to be read, 504 when it does not come, 400 when it breaks off."""
    if (request.content_length or 0) > decoding.BODY_MAX:
        raise _too_large()
    try:
        if request.content.is_eof():  # most are here already
            return await _read(request)
        read = await tasks.within(site.clock, PATIENCE_SECONDS, _read(request))
    except web.RequestPayloadError as error:
        raise status.bad_request(f"error reading the body: {' '.join(str(error).split())}") from None
    if read is None:
        raise status.ApiError(504, "Timeout", "Timeout: request did not complete within the allotted timeout", {})
    return read


async def _read(request: web.Request) -> bytes:
    read = bytearray()
    async for piece in request.content.iter_any():
        read += piece
        if len(read) > decoding.BODY_MAX:
            raise _too_large()
    return bytes(read)


def _too_large() -> status.ApiError:
    return status.too_large(f"Request entity too large: limit is {decoding.BODY_MAX}")
