"""Answers without a known end: watches and followed logs."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from aiohttp import web

from pullscope.apiserver import errors
from pullscope.apiserver.endpoints import Endpoint
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.http.site import Site
from pullscope.base import tasks
from pullscope.base.clock import Clock

Send = Callable[[bytes], Awaitable[None]]
Work = Callable[[Send], Coroutine[Any, Any, None]]

_HEADERS = {"Cache-Control": "no-cache, private"}
STALLED_SECONDS = 60.0
"""How long a client may leave what was sent to it unread."""


async def stream(
    site: Site, request: web.Request, work: Work, *, content_type: str, seconds: float | None = None
) -> web.StreamResponse:
    """Answer 200 and send what `work` sends, until it returns, `seconds` have passed or the server stops.

    What goes wrong in between is logged, and the connection broken off: the answer has begun and cannot become another.
    A client that goes cancels it (the runner's `handler_cancellation`); one that reads slowly holds up only itself, and
    one that reads nothing for a minute is cut off.
    """
    response = web.StreamResponse(headers={**_HEADERS, "Content-Type": content_type})
    response.enable_chunked_encoding()
    await response.prepare(request)
    sender = _Sender(response)
    fault = await within(site, work(sender.send), _given_up(site.clock, sender, seconds))
    if fault is not None:
        errors.report(fault, request)
    if sender.sending or fault is not None:
        if request.transport is not None:
            request.transport.abort()  # one that does not read might take for ever to be told of the end
        return response
    await response.write_eof()
    return response


class _Sender:
    """Writes pieces; `sending` while one waits for the client to read, `sent` counts those that went out."""

    def __init__(self, response: web.StreamResponse) -> None:
        self._response = response
        self.sending = False
        self.sent = 0

    async def send(self, piece: bytes) -> None:
        self.sending = True
        await self._response.write(piece)
        self.sending = False
        self.sent += 1


async def _given_up(clock: Clock, sender: _Sender, seconds: float | None) -> None:
    """Return when `seconds` have passed, or when one piece has waited for the client for STALLED_SECONDS."""
    end = clock.monotonic() + (math.inf if seconds is None else seconds)
    while (now := clock.monotonic()) < end:
        waiting, sent = sender.sending, sender.sent
        await clock.sleep(min(STALLED_SECONDS, end - now))
        if waiting and sender.sending and sender.sent == sent:
            return


async def within(
    site: Site, work: Coroutine[Any, Any, None], limit: Coroutine[Any, Any, None] | None = None
) -> Exception | None:
    """Run `work` until `limit` returns or the server stops. Returns what went wrong; ending is not wrong."""
    working = asyncio.ensure_future(work)
    both: list[asyncio.Future[None]] = [working]
    if limit is not None:
        both.append(asyncio.ensure_future(limit))
    site.streams.add(working)
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        site.streams.discard(working)
        await tasks.end(*both)
    error = None if working.cancelled() else working.exception()
    return error if isinstance(error, Exception) else None


async def answer(site: Site, request: web.Request, endpoint: Endpoint, context: Context) -> web.StreamResponse:
    """A log. Its first piece is awaited, so that a container without one is answered with its Status."""
    pieces = await site.requests.stream(endpoint, context)
    if pieces is None:
        return web.Response(status=204, headers=_HEADERS)
    first = await anext(pieces, b"")

    async def work(send: Send) -> None:
        if first:
            await send(first)
        async for piece in pieces:
            await send(piece)

    return await stream(site, request, work, content_type="text/plain")
