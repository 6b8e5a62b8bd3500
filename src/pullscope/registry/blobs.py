"""Pull and delete blobs."""

import asyncio

from aiohttp import web

from pullscope.content import streams
from pullscope.oci import errors, media
from pullscope.oci.digest import Digest
from pullscope.registry import calls, ranges
from pullscope.registry.calls import Call

_YEAR = 31536000  # seconds; content under a digest never changes


async def get(call: Call) -> web.StreamResponse:
    """`GET` and `HEAD /v2/<name>/blobs/<digest>`, also a range of it."""
    digest = calls.digest(call.route.reference)
    size = call.registry.blob_size(call.route.repository, digest)
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": f"max-age={_YEAR}",
        "Content-Type": media.OCTET_STREAM,
        "Docker-Content-Digest": str(digest),
        "ETag": f'"{digest}"',
    }
    if call.request.headers.get("If-None-Match", "").strip('"') == str(digest):
        return web.Response(status=304, headers=headers)
    try:
        wanted = _wanted(call.request, digest, size)
    except ranges.UnsatisfiableError as error:
        failed = calls.failure(errors.RANGE_INVALID.error(str(error)))
        failed.headers["Content-Range"] = f"bytes */{size}"
        return failed
    if wanted is None:
        return await _send(call, digest, range(size), web.StreamResponse(headers=headers))
    headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{size}"
    return await _send(call, digest, wanted, web.StreamResponse(status=206, headers=headers))


async def delete(call: Call) -> web.Response:
    """`DELETE /v2/<name>/blobs/<digest>`."""
    digest = calls.digest(call.route.reference)
    await asyncio.to_thread(call.registry.delete_blob, call.route.repository, digest)
    return web.Response(status=202, headers={"Docker-Content-Digest": str(digest)})


def _wanted(request: web.Request, digest: Digest, size: int) -> range | None:
    header = request.headers.get("Range", "")
    condition = request.headers.get("If-Range", "")
    if not header or (condition and condition.strip('"') != str(digest)):
        return None
    return ranges.requested(header, size)


async def _send(call: Call, digest: Digest, wanted: range, response: web.StreamResponse) -> web.StreamResponse:
    response.content_length = len(wanted)
    if call.request.method == "HEAD":
        await response.prepare(call.request)
        return response

    async def write(data: streams.Piece) -> None:
        await response.write(data)
        call.sent += len(data)

    async def send(data: streams.Piece) -> None:
        await call.sending(data, write)

    with call.registry.open_blob(digest) as reader:
        await response.prepare(call.request)
        await streams.send(reader, wanted, send)
    return response
