"""POST, PUT, PATCH and DELETE: bodies become objects, and writes that were begun are finished."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, TypeVar

from aiohttp import web

from pullscope.apiserver import applying, bodies, decoding, negotiation, options, paging, patching
from pullscope.apiserver.endpoints import Endpoint
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.http import reading
from pullscope.apiserver.http.site import Site
from pullscope.apiserver.rendering import encode
from pullscope.kube import causes, status
from pullscope.kube.api import DeleteOptions, Object

T = TypeVar("T")
# At most so many characters over all of one answer (k8s.io/apiserver v0.36 pkg/endpoints/filters/warning.go), and so many
# headers: some clients take no more than a hundred.
_WARNINGS_MAX, _WARNINGS_COUNT = 4096, 50


async def body_of(request: web.Request) -> bytes:
    """The whole body. Raises ApiError 413 in upstream's words when it is too large to be read."""
    limit = decoding.BODY_MAX
    too_large = status.too_large(f"Request entity too large: limit is {limit}")
    if (request.content_length or 0) > limit:
        raise too_large
    read = bytearray()
    async for piece in request.content.iter_any():
        read += piece
        if len(read) > limit:
            raise too_large
    return bytes(read)


async def _answer(
    site: Site,
    request: web.Request,
    endpoint: Endpoint,
    context: Context,
    write: Coroutine[Any, Any, Object],
    code: int = 200,
) -> web.Response:
    """Do the write, also when the client goes meanwhile, and show what came of it."""
    form = negotiation.form(request.headers.get("Accept"))
    obj = await _finished(write)
    return reading.response(encode(reading.shown(site, endpoint, context, form, obj)), code)


async def _finished(write: Coroutine[Any, Any, T]) -> T:
    """What a write that was begun comes to; it goes on when nobody waits for it any more."""
    writing = asyncio.ensure_future(write)
    try:
        return await asyncio.shield(writing)
    except asyncio.CancelledError:
        writing.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody is left to be told
        raise


async def create(site: Site, request: web.Request, endpoint: Endpoint, context: Context) -> web.Response:
    body = await body_of(request)
    read = bodies.read(body, request.headers.get("Content-Type"), endpoint.body, context.parameters)
    write = site.requests.create(endpoint, context, read.obj)
    answer = await _answer(site, request, endpoint, context, write, 201)
    return warned(answer, read.warnings)


async def update(site: Site, request: web.Request, endpoint: Endpoint, context: Context) -> web.Response:
    body = await body_of(request)
    read = bodies.read(body, request.headers.get("Content-Type"), endpoint.body, context.parameters)
    write = site.requests.replace(endpoint, context, read.fresh)
    return warned(await _answer(site, request, endpoint, context, write), read.warnings)


async def patch(site: Site, request: web.Request, endpoint: Endpoint, context: Context) -> web.Response:
    body, content_type = await body_of(request), request.headers.get("Content-Type")
    if decoding.media_type(content_type) == applying.MEDIA_TYPE:
        return await _apply(site, request, endpoint, context, body)
    change = patching.read(body, content_type, endpoint.body, context.parameters)
    write = site.requests.update(endpoint, context, change, verb="patch")
    return warned(await _answer(site, request, endpoint, context, write), change.warnings)


async def _apply(site: Site, request: web.Request, endpoint: Endpoint, context: Context, body: bytes) -> web.Response:
    """Server-side apply, which makes what is not there."""
    change = applying.read(body, endpoint, context, site.clock.now())
    form = negotiation.form(request.headers.get("Accept"))
    obj, is_new = await _finished(site.requests.apply(endpoint, context, change))
    answer = reading.response(encode(reading.shown(site, endpoint, context, form, obj)), 201 if is_new else 200)
    return warned(answer, change.warnings)


async def delete(site: Site, request: web.Request, endpoint: Endpoint, context: Context) -> web.Response:
    context, asked = await _deletion(request, context)
    return await _answer(site, request, endpoint, context, site.requests.delete(endpoint, context, asked))


async def delete_collection(site: Site, request: web.Request, endpoint: Endpoint, context: Context) -> web.Response:
    """Delete all that the selectors select; answers with the list as it was."""
    context, asked = await _deletion(request, context)
    wanted, page = reading.selected(endpoint, context), paging.asked(context.parameters)
    write = site.requests.delete_collection(endpoint, context, wanted, page, asked)
    listing = await _finished(write)
    form = negotiation.form(request.headers.get("Accept"))
    return reading.response(reading.renderer(site, endpoint, context, form).listing(listing))


async def _deletion(request: web.Request, context: Context) -> tuple[Context, DeleteOptions]:
    body = await body_of(request)
    given = bodies.delete_options(body, request.headers.get("Content-Type"))
    dry_run = options.dry_run(context.parameters, given)
    return replace(context, dry_run=dry_run), options.delete_options(given, context.parameters)


def warned(answer: web.Response, warnings: list[str]) -> web.Response:
    """The answer with a header for each warning, which clients print."""
    left = _WARNINGS_MAX
    for warning in list(dict.fromkeys(warnings))[:_WARNINGS_COUNT]:
        left -= len(warning)
        if left < 0:
            break
        answer.headers.add("Warning", f"299 - {causes.quote(warning)}")
    return answer
