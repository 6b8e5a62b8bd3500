"""Answers that list: repositories, tags, referrers. All in pages, `n` at a time, with a `Link` to the next."""

from aiohttp import web

from pullscope.oci import media
from pullscope.oci.documents import Index
from pullscope.registry import calls
from pullscope.registry.calls import Call


async def base(_call: Call) -> web.Response:
    """`GET /v2/`: this is a registry, and the caller may use it."""
    return calls.as_json({})


async def catalog(call: Call) -> web.Response:
    """`GET /v2/_catalog`: not in the spec, but every registry's clients know it."""
    page = call.registry.listing(last=call.request.query.get("last", ""), limit=calls.page_size(call.request))
    headers = calls.link(call.request, page)
    return calls.as_json({"repositories": page.items}, headers=headers)


async def tags(call: Call) -> web.Response:
    """`GET /v2/<name>/tags/list`."""
    page = call.registry.tags(
        call.route.repository, last=call.request.query.get("last", ""), limit=calls.page_size(call.request)
    )
    headers = calls.link(call.request, page)
    return calls.as_json({"name": call.route.repository, "tags": page.items}, headers=headers)


async def referrers(call: Call) -> web.Response:
    """`GET /v2/<name>/referrers/<digest>`: an index of what refers to that digest, which need not be there itself."""
    query = call.request.query
    artifact_type = query.get("artifactType", "")
    page = call.registry.referrers(
        call.route.repository,
        calls.digest(call.route.reference),
        artifact_type,
        last=query.get("last", ""),
        limit=calls.page_size(call.request),
    )
    headers = calls.link(call.request, page, lambda each: str(each.digest))
    if artifact_type:
        headers["OCI-Filters-Applied"] = "artifactType"
    return web.Response(body=Index.of(page.items).raw, content_type=media.OCI_INDEX, headers=headers)
