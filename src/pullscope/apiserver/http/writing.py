"""POST, PUT, PATCH and DELETE: bodies become objects, and writes that were begun are finished."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, TypeVar

from aiohttp import web

from pullscope.apiserver import applying, bodies, decoding, negotiation, options, paging, patching
from pullscope.apiserver.endpoints import Endpoint
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.http import reading, receiving
from pullscope.apiserver.http.site import Site
from pullscope.apiserver.rendering import encode
from pullscope.kube import causes
from pullscope.kube.api import DeleteOptions, Object

T = TypeVar("T")
# At most so many characters over all of one answer (k8s.io/apiserver v0.36 pkg/endpoints/filters/warning.go), and so many
# headers: some clients take no more than a hundred.
_WARNINGS_MAX, _WARNINGS_COUNT = 4096, 50
# pkg/registry/batch/job/storage/storage.go
_ORPHANED = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set "
    "propagationPolicy=Orphan to suppress this warning"
)


def _showing(site: Site, request: web.Request, endpoint: Endpoint, context: Context) -> reading.Show:
    """How the result is to be shown; asked before anything is done. Raises ApiError 400 or 406."""
    return reading.showing(site, endpoint, context, negotiation.form(request.headers.get("Accept")))


async def _answer(show: reading.Show, write: Coroutine[Any, Any, Object], code: int = 200) -> web.Response:
    """Do the write, also when the client goes meanwhile, and show what came of it."""
    return reading.response(encode(show(await _finished(write))), code)


async def _finished(write: Coroutine[Any, Any, T]) -> T:
    """What a write that was begun comes to; it goes on when nobody waits for it any more."""
    writing = asyncio.ensure_future(write)
    try:
        return await asyncio.shield(writing)
    except asyncio.CancelledError:
        writing.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody is left to be told
        raise


def _read(request: web.Request, body: bytes, endpoint: Endpoint, context: Context) -> bodies.Body:
    media, kind = request.headers.get("Content-Type"), options.NAMES[request.method]
    return bodies.read(body, media, endpoint.body, context.parameters, kind=kind)


async def create(site: Site, request: web.Request, endpoint: Endpoint, context: Context) -> web.Response:
    show, body = _showing(site, request, endpoint, context), await receiving.body(site, request)
    read = _read(request, body, endpoint, context)
    write = site.requests.create(endpoint, context, read.obj)
    return warned(await _answer(show, write, 201), read.warnings)


async def update(site: Site, request: web.Request, endpoint: Endpoint, context: Context) -> web.Response:
    show, body = _showing(site, request, endpoint, context), await receiving.body(site, request)
    read = _read(request, body, endpoint, context)
    write = site.requests.replace(endpoint, context, read.fresh)
    return warned(await _answer(show, write), read.warnings)


async def patch(site: Site, request: web.Request, endpoint: Endpoint, context: Context) -> web.Response:
    show, body = _showing(site, request, endpoint, context), await receiving.body(site, request)
    content_type = request.headers.get("Content-Type")
    if decoding.media_type(content_type) == applying.MEDIA_TYPE:
        return await _apply(site, endpoint, context, show, body)
    change = patching.read(body, content_type, endpoint.body, context.parameters)
    write = site.requests.update(endpoint, context, change, verb="patch")
    return warned(await _answer(show, write), change.warnings)


async def _apply(site: Site, endpoint: Endpoint, context: Context, show: reading.Show, body: bytes) -> web.Response:
    """Server-side apply, which makes what is not there."""
    change = applying.read(body, endpoint, context, site.clock.now())
    target = endpoint if endpoint.whole else site.endpoints.of(endpoint.resource)
    obj, is_new = await _finished(site.requests.apply(target, context, change))
    return warned(reading.response(encode(show(change.shown(obj))), 201 if is_new else 200), change.warnings)


async def delete(site: Site, request: web.Request, endpoint: Endpoint, context: Context) -> web.Response:
    show = _showing(site, request, endpoint, context)
    context, asked = await _deletion(site, request, context)
    answer = await _answer(show, site.requests.delete(endpoint, context, asked))
    orphaned = endpoint.kind.orphans and asked.propagation_policy is None
    return warned(answer, [_ORPHANED] if orphaned else [])


async def delete_collection(site: Site, request: web.Request, endpoint: Endpoint, context: Context) -> web.Response:
    """Delete all that the selectors select; answers with the list as it was."""
    form = negotiation.form(request.headers.get("Accept"))
    render = reading.renderer(site, endpoint, context, form)
    context, asked = await _deletion(site, request, context)
    wanted, page = reading.selected(endpoint, context), paging.asked(context.parameters)
    write = site.requests.delete_collection(endpoint, context, wanted, page, asked)
    return reading.response(b"".join(render.listing(await _finished(write))))


async def _deletion(site: Site, request: web.Request, context: Context) -> tuple[Context, DeleteOptions]:
    body = await receiving.body(site, request)
    given = bodies.delete_options(body, request.headers.get("Content-Type"))
    dry_run = options.dry_run(context.parameters, "DeleteOptions", given)
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
