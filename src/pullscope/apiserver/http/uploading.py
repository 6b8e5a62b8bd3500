"""Bodies of any size, handed on as they come: no more than a piece is ever here."""

from collections.abc import AsyncIterator

from aiohttp import web

from pullscope.apiserver.handlers import Context, Receiver
from pullscope.apiserver.http import reading
from pullscope.apiserver.http.site import Site
from pullscope.apiserver.rendering import encode
from pullscope.base import tasks
from pullscope.kube import status

SILENT_SECONDS = 60.0
"""How long a client may send nothing."""


async def answer(site: Site, request: web.Request, handler: Receiver, context: Context) -> web.Response:
    """Hand the body to the handler and answer with what it makes of it."""
    return reading.response(encode(await handler.receive(context, _pieces(site, request))), 201)


async def _pieces(site: Site, request: web.Request) -> AsyncIterator[bytes]:
    """Raises ApiError 400 when the body breaks off, 504 when nothing comes any more."""
    while not request.content.at_eof():
        try:
            piece = await tasks.within(site.clock, SILENT_SECONDS, request.content.readany())
        except (web.RequestPayloadError, ConnectionError) as error:
            why = " ".join(str(error).split()) or type(error).__name__
            raise status.bad_request(f"error reading the body: {why}") from None
        if piece is None:
            why = "Timeout: request did not complete within the allotted timeout"
            raise status.ApiError(504, "Timeout", why, {})
        if piece:
            yield piece
