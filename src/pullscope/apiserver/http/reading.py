"""GET of one object and of many."""

import itertools
from collections.abc import Callable

from aiohttp import web

from pullscope.apiserver import paging, selection
from pullscope.apiserver.endpoints import Endpoint
from pullscope.apiserver.handlers import Context, ListAnswerer
from pullscope.apiserver.http import streaming
from pullscope.apiserver.http.site import Site
from pullscope.apiserver.negotiation import Form
from pullscope.apiserver.rendering import Renderer, encode
from pullscope.kube import causes, status
from pullscope.kube.api import Object

_HEADERS = {"Cache-Control": "no-cache, private"}
_INCLUDED = ("Metadata", "None", "Object")

Show = Callable[[Object], Object]
"""From an object to what the client sees of it."""


def response(body: bytes, code: int = 200) -> web.Response:
    """A JSON answer."""
    return web.Response(status=code, body=body, content_type="application/json", headers=_HEADERS)


async def one(site: Site, endpoint: Endpoint, context: Context, form: Form) -> web.Response:
    show = showing(site, endpoint, context, form)
    return response(encode(show(await site.requests.get(endpoint, context))))


async def proxied(site: Site, endpoint: Endpoint, context: Context, path: str) -> web.Response:
    """What stands behind a proxy, as it is."""
    content_type, body = await site.requests.proxy(endpoint, context, path)
    return web.Response(body=body, headers={**_HEADERS, "Content-Type": content_type})


def showing(site: Site, endpoint: Endpoint, context: Context, form: Form) -> Show:
    """How objects are shown in the form that was asked for; Scales and Statuses have only their own."""
    render = renderer(site, endpoint, context, form)

    def show(obj: Object) -> Object:
        return render.one(obj) if endpoint.whole and obj.get("kind") == endpoint.resource.kind else obj

    return show


def renderer(site: Site, endpoint: Endpoint, context: Context, form: Form) -> Renderer:
    include = context.parameters.get("includeObject") or "Metadata"
    if include not in _INCLUDED:
        raise status.bad_request(f"unrecognized includeObject value: {causes.quote(include)}")
    return Renderer(endpoint.kind, form, site.clock.now(), include=include)


async def many(
    site: Site, request: web.Request, endpoint: Endpoint, context: Context, form: Form
) -> web.StreamResponse:
    """A list, or the part of it that is asked for. One that is long is sent piece by piece."""
    if isinstance(endpoint.handler, ListAnswerer):
        return response(encode(await endpoint.handler.answer_list(context)))
    wanted, page = selected(endpoint, context), paging.asked(context.parameters)
    render = renderer(site, endpoint, context, form)
    pieces = render.listing(await site.requests.list(endpoint, context, wanted, page))
    begin = [*itertools.islice(pieces, 2)]
    if len(begin) == 1:
        return response(begin[0])

    async def work(send: streaming.Send) -> None:
        for piece in itertools.chain(begin, pieces):
            await send(piece)

    return await streaming.stream(site, request, work, content_type="application/json")


def selected(endpoint: Endpoint, context: Context) -> selection.Selection:
    """The request's selectors; a name in the path of a watch is one."""
    parameters = context.parameters
    named = f"metadata.name={context.name}" if context.name else ""
    fields = ",".join(text for text in (parameters.get("fieldSelector", ""), named) if text)
    return selection.parse(parameters.get("labelSelector", ""), fields, endpoint.kind.selectable)
