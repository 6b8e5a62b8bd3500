"""Pull, push and delete manifests and indexes."""

import asyncio

from aiohttp import web

from pullscope.oci import errors, media, platform
from pullscope.oci.documents import Index
from pullscope.oci.platform import Platform
from pullscope.registry import accept
from pullscope.registry.calls import Call
from pullscope.registry.catalog import Entry
from pullscope.registry.store import MAX_MANIFEST

# The image that docker's registry shows to clients that know no manifest lists.
_ONE_IMAGE = Platform("linux", "amd64")


async def get(call: Call) -> web.Response:
    """`GET` and `HEAD /v2/<name>/manifests/<reference>`."""
    entry = _shown(call)
    headers = {"Docker-Content-Digest": str(entry.digest), "ETag": f'"{entry.digest}"'}
    if call.request.headers.get("If-None-Match", "").strip('"') == str(entry.digest):
        return web.Response(status=304, headers=headers)
    return web.Response(body=entry.content, content_type=entry.media_type, headers=headers)


async def put(call: Call) -> web.Response:
    """`PUT /v2/<name>/manifests/<reference>`."""
    raw = await _body(call.request)
    content_type = call.request.headers.get("Content-Type", "")
    route = call.route
    entry = await asyncio.to_thread(
        call.registry.put_manifest, route.repository, route.reference, raw, media.base(content_type)
    )
    headers = {
        "Location": f"/v2/{route.repository}/manifests/{entry.digest}",
        "Docker-Content-Digest": str(entry.digest),
        **({"OCI-Subject": str(entry.subject)} if entry.subject else {}),
    }
    return web.Response(status=201, headers=headers)


async def delete(call: Call) -> web.Response:
    """`DELETE /v2/<name>/manifests/<reference>`: a digest with all its tags, or one tag alone."""
    digest = await asyncio.to_thread(call.registry.delete_manifest, call.route.repository, call.route.reference)
    return web.Response(status=202, headers={"Docker-Content-Digest": str(digest)})


def _shown(call: Call) -> Entry:
    """The manifest for what this client accepts."""
    route = call.route
    accepted = accept.media_types(call.request.headers.getall("Accept", ()))
    entry = call.registry.manifest(route.repository, route.reference)
    if why := accept.refusal(entry.media_type, accepted):
        raise errors.MANIFEST_UNKNOWN.error(message=why)
    if accept.wants_one_image(entry.media_type, accepted, by_tag=":" not in route.reference):
        chosen = platform.choose(Index.parse(entry.content), [_ONE_IMAGE])
        if chosen is None:
            raise errors.MANIFEST_UNKNOWN.error({"tag": route.reference})
        return call.registry.manifest(route.repository, str(chosen.digest))
    return entry


async def _body(request: web.Request) -> bytes:
    """The whole body, refused as soon as it is longer than a manifest may be."""
    body = bytearray()
    too_large = (request.content_length or 0) > MAX_MANIFEST
    while not too_large and (data := await request.content.readany()):
        body += data
        too_large = len(body) > MAX_MANIFEST
    if too_large:
        raise errors.MANIFEST_TOO_LARGE.error(f"manifests are limited to {MAX_MANIFEST} bytes")
    return bytes(body)
