"""Watches: a stream of lines, one for each change, until the client, the timeout or the server ends it."""

import functools
from collections.abc import Iterator
from contextlib import aclosing

from aiohttp import web

from pullscope.apiserver import options, paging
from pullscope.apiserver.changes import Changes
from pullscope.apiserver.endpoints import Endpoint
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.http import reading, streaming
from pullscope.apiserver.http.site import Site
from pullscope.apiserver.negotiation import Form
from pullscope.apiserver.rendering import encode
from pullscope.apiserver.store.records import Bookmark, Event
from pullscope.kube.status import ApiError

_PIECE = 64 * 1024  # bytes
_DEFAULT_SECONDS = 3600  # between upstream's 1,800 and twice as much


async def answer(
    site: Site, request: web.Request, endpoint: Endpoint, context: Context, form: Form
) -> web.StreamResponse:
    """Answer `?watch=true`. A version that is forgotten is told in the stream, as upstream's watch cache does."""
    wanted = reading.selected(endpoint, context)
    start = paging.watch_start(context.parameters)
    seconds = options.integer(context.parameters, "timeoutSeconds") or _DEFAULT_SECONDS
    writer = _Writer(site, endpoint, context, form, initial=start.initial)
    stream = functools.partial(streaming.stream, site, request, content_type="application/json", seconds=seconds)
    try:
        changes = await site.requests.watch(endpoint, context, wanted, since=start.since, initial=start.initial)
    except ApiError as error:
        if error.code != 410:
            raise
        return await stream(functools.partial(_tell, error))
    async with aclosing(changes):
        return await stream(functools.partial(writer.write, changes))


class _Writer:
    """Turns changes into lines. `initial`: what there is comes first, and then a bookmark that ends it."""

    def __init__(self, site: Site, endpoint: Endpoint, context: Context, form: Form, *, initial: bool) -> None:
        self._site = site
        self._renderer = reading.renderer(site, endpoint, context, form)
        self._form: tuple[object, ...] = (form.kind,)
        if form.kind != "object":
            self._form = (form.kind, form.version, context.parameters.get("includeObject"))
        self._bookmarks = options.boolean(context.parameters, "allowWatchBookmarks")
        self._announce = self._bookmarks and options.boolean(context.parameters, "sendInitialEvents")
        self._initial = initial
        resource = endpoint.resource
        self._sent = site.meters.watch_events.cell(resource.group, resource.version, resource.plural)

    async def write(self, changes: Changes, send: streaming.Send) -> None:
        try:
            async for change in changes:
                if piece := b"".join(self._lines(change, changes)):
                    await send(piece)
        except ApiError as error:
            await _tell(error, send)

    def _lines(self, change: Event | Bookmark | None, changes: Changes) -> Iterator[bytes]:
        """The line of a change, and of those that are there already, up to the size of a piece."""
        size = 0
        while change is not None:
            line = self._bookmark(change) if isinstance(change, Bookmark) else self._event(change)
            yield line
            size += len(line)
            change = changes.next_ready() if size < _PIECE else None

    def _event(self, event: Event) -> bytes:
        form = self._form
        if form[0] == "table":  # its cells tell ages, and its first line the columns
            self._renderer.now = now = self._site.clock.now()
            form = (*form, self._renderer.columns, int(now.timestamp()))
        line = self._site.events.line(event, form, self._renderer.one)
        self._renderer.columns = False
        self._sent.number += 1
        return line

    def _bookmark(self, bookmark: Bookmark) -> bytes:
        if self._initial:
            self._initial = False
            return self._renderer.bookmark(bookmark, initial_end=True) if self._announce else b""
        return self._renderer.bookmark(bookmark, initial_end=False) if self._bookmarks else b""


async def _tell(error: ApiError, send: streaming.Send) -> None:
    await send(encode({"type": "ERROR", "object": error.status()}) + b"\n")
