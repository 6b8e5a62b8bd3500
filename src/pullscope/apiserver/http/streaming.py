"""Answers without a known end: watches and followed logs."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from pullscope.apiserver.endpoints import Endpoint
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.http.site import Site

Send = Callable[[bytes], Awaitable[None]]
Work = Callable[[Send], Awaitable[None]]

_HEADERS = {"Cache-Control": "no-cache, private"}


async def stream(
    site: Site, request: web.Request, work: Work, *, content_type: str, seconds: float | None = None
) -> web.StreamResponse:
    """Answer 200 and send what `work` sends, until it returns, `seconds` have passed or the server stops.

    A client that goes cancels it (the runner's `handler_cancellation`); one that reads slowly holds up only itself.
    """
    response = web.StreamResponse(headers={**_HEADERS, "Content-Type": content_type})
    response.enable_chunked_encoding()
    await response.prepare(request)

    async def send(piece: bytes) -> None:
        await response.write(piece)

    working = asyncio.ensure_future(work(send))
    tasks: list[asyncio.Future[None]] = [working]
    if seconds is not None:
        tasks.append(asyncio.ensure_future(site.clock.sleep(seconds)))
    site.streams.add(working)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        site.streams.discard(working)
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    _raise_fault(results[0])
    await response.write_eof()
    return response


def _raise_fault(result: BaseException | None) -> None:
    """The end of a stream is no fault, whoever ended it."""
    if isinstance(result, Exception):
        raise result


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
