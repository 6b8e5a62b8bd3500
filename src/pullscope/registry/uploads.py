"""Push blobs: in one request, in two, in chunks, resumed after a break, mounted from another repository."""

import asyncio

from aiohttp import web

from pullscope.content import streams
from pullscope.oci import errors
from pullscope.oci.digest import Digest
from pullscope.registry import calls, ranges
from pullscope.registry.calls import Call
from pullscope.registry.sessions import Upload
from pullscope.registry.store import check_name


async def start(call: Call) -> web.Response:
    """`POST /v2/<name>/blobs/uploads/`: with `digest` the whole push, with `mount` maybe no push at all."""
    query, repository = call.request.query, call.route.repository
    digest = calls.digest(query["digest"]) if "digest" in query else None
    if "mount" in query and "from" in query:
        mounted = calls.digest(query["mount"])
        if await asyncio.to_thread(call.registry.mount, repository, mounted, query["from"]):
            return _created(repository, mounted)
    check_name(repository)
    upload = await call.sessions.start(repository)
    if digest is None:
        return _accepted(repository, upload)
    async with call.sessions.held(repository, upload.id):
        try:
            return await _finish(call, upload, digest)
        finally:
            if not upload.ended:  # nobody was told its id, so nobody could go on
                await _abort(upload)


async def append(call: Call) -> web.Response:
    """`PATCH /v2/<name>/blobs/uploads/<id>`: the next chunk, or all of it in one stream."""
    async with call.sessions.held(call.route.repository, call.route.reference) as upload:
        if refused := await _receive(call, upload):
            return refused
        return _accepted(call.route.repository, upload)


async def finish(call: Call) -> web.Response:
    """`PUT /v2/<name>/blobs/uploads/<id>?digest=`: the last chunk (or none), then the blob's name."""
    text = call.request.query.get("digest")
    if text is None:
        raise errors.DIGEST_INVALID.error(message="the query names no digest")
    digest = calls.digest(text)
    async with call.sessions.held(call.route.repository, call.route.reference) as upload:
        return await _finish(call, upload, digest)


async def status(call: Call) -> web.Response:
    """`GET /v2/<name>/blobs/uploads/<id>`: how much is here, also while another request is sending."""
    repository, id_ = call.route.repository, call.route.reference
    size = call.sessions.size(repository, id_)
    if size is None:
        async with call.sessions.held(repository, id_) as upload:
            size = upload.writer.size
    return web.Response(status=204, headers=_progress(repository, id_, size))


async def cancel(call: Call) -> web.Response:
    """`DELETE /v2/<name>/blobs/uploads/<id>`."""
    async with call.sessions.held(call.route.repository, call.route.reference) as upload:
        await _abort(upload)
    return web.Response(status=204)


async def _finish(call: Call, upload: Upload, digest: Digest) -> web.Response:
    if refused := await _receive(call, upload):
        return refused
    upload.ended = True  # however it ends: what does not match its digest is gone too
    await streams.in_thread(call.registry.add_blob, call.route.repository, upload.writer, digest)
    return _created(call.route.repository, digest)


async def _abort(upload: Upload) -> None:
    upload.ended = True
    await streams.in_thread(upload.writer.abort)


async def _receive(call: Call, upload: Upload) -> web.Response | None:
    """Append the request's body; or the answer that refuses it because it does not join on."""
    request, start = call.request, upload.writer.size
    header = request.headers.get("Content-Range")
    said = ranges.chunk(header) if header is not None else None
    if header is not None:
        if said is None:
            raise errors.BLOB_UPLOAD_INVALID.error({"Content-Range": header})
        if said.start != start:
            return _out_of_order(call, upload)
        if request.content_length not in (None, len(said)):
            raise errors.SIZE_INVALID.error({"Content-Range": header, "Content-Length": request.content_length})
    await streams.receive(request.content.readany, upload.writer)
    received = upload.writer.size - start
    if said is not None and received != len(said):
        raise errors.SIZE_INVALID.error({"Content-Range": header, "received": received})
    return None


def _created(repository: str, digest: Digest) -> web.Response:
    headers = {"Location": f"/v2/{repository}/blobs/{digest}", "Docker-Content-Digest": str(digest)}
    return web.Response(status=201, headers=headers)


def _accepted(repository: str, upload: Upload) -> web.Response:
    return web.Response(status=202, headers=_progress(repository, upload.id, upload.writer.size))


def _out_of_order(call: Call, upload: Upload) -> web.Response:
    """416, with the place where the upload stands, for the client to go on from there."""
    refused = calls.failure(errors.RANGE_INVALID.error({"received": upload.writer.size}))
    refused.headers.update(_progress(call.route.repository, upload.id, upload.writer.size))
    return refused


def _progress(repository: str, id: str, size: int) -> dict[str, str]:  # noqa: A002 (the spec's word)
    return {
        "Location": f"/v2/{repository}/blobs/uploads/{id}",
        "Range": ranges.stored(size),
        "Docker-Upload-UUID": id,
    }
