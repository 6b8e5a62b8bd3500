"""A registry's API as methods (distribution-spec v1.1). Digests are verified; every failure is one of `errors`."""

import contextlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import aiohttp

from pullscope.content import streams
from pullscope.content.api import DigestMismatchError, Writer
from pullscope.oci import media
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor
from pullscope.remote import errors, wire
from pullscope.remote.auth import Credentials
from pullscope.remote.transport import PATIENCE, Request, Transport

MAX_MANIFEST = 4 << 20  # bytes; what registries accept

_ACCESS_LOG = "/_pullscope/requests"
_NO_QUERY: Mapping[str, str] = {}


class Fetched(NamedTuple):
    """A manifest or index as it came, verified."""

    raw: bytes
    media_type: str
    digest: Digest


class RegistryClient:
    """Talks to the registry at `host` (as it stands in a reference) with `session`, which the caller owns.

    `address` is where it really is, when that is elsewhere. Loopback addresses speak plain HTTP, all others HTTPS, unless
    `plain_http` says so. `auth` is used when asked for.
    `patience` is how many seconds without a connection, or without a byte, are too many. `blocked`, where it is not empty,
    is the rule by which this registry must not be asked: every method raises BlockedError.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        host: str,
        *,
        auth: Credentials | None = None,
        address: str = "",
        plain_http: bool | None = None,
        patience: float = PATIENCE,
        blocked: str = "",
    ) -> None:
        self._transport = Transport(
            *(session, host, auth), address=address, plain_http=plain_http, patience=patience, blocked=blocked
        )
        self.host = host
        self.scheme = self._transport.scheme

    async def ping(self) -> None:
        """Ask whether this is a registry that lets us in (`GET /v2/`)."""
        async with self._transport.send(Request("GET", "/v2/", "", "pinging")):
            pass

    # ---------------------------------------------------------------------------------------------- manifests

    async def get_manifest(self, repository: str, reference: str, accept: Sequence[str] = media.ACCEPT) -> Fetched:
        """The manifest under a tag or digest. Raises ManifestUnknownError, WrongDigestError."""
        async with self._transport.send(_reading("GET", repository, reference, accept)) as response:
            raw = await wire.whole(response, MAX_MANIFEST, self.host)
            promised = wire.promised(reference, response.headers)
        digest = Digest.of(raw, algorithm=promised.algorithm if promised else "sha256")
        if promised and promised != digest:
            raise errors.WrongDigestError(self.host, expected=promised, actual=digest)
        return Fetched(raw, media.base(response.headers.get("Content-Type", "")), digest)

    async def head_manifest(
        self, repository: str, reference: str, accept: Sequence[str] = media.ACCEPT
    ) -> Descriptor | None:
        """What a tag or digest points to; None when it is not there. A registry that names no digest is asked for all."""
        try:
            async with self._transport.send(_reading("HEAD", repository, reference, accept)) as response:
                promised = wire.promised(reference, response.headers)
                size = response.content_length
        except errors.ManifestUnknownError:
            return None
        if promised and size is not None:
            return Descriptor(media.base(response.headers.get("Content-Type", "")), promised, size)
        fetched = await self.get_manifest(repository, reference, accept)
        return Descriptor(fetched.media_type, fetched.digest, len(fetched.raw))

    async def put_manifest(self, repository: str, reference: str, raw: bytes, media_type: str) -> Digest:
        """Push a manifest under a tag or its digest; returns its digest."""
        headers = {"Content-Type": media_type, "Content-Length": str(len(raw))}
        request = Request(
            *("PUT", f"/v2/{repository}/manifests/{reference}", repository, f"writing manifest {reference}", (201,)),
            headers=headers,
            body=wire.body(lambda: io.BytesIO(raw), range(len(raw))),
        )
        async with self._transport.send(request):
            return Digest.parse(reference) if ":" in reference else Digest.of(raw)

    async def delete_manifest(self, repository: str, reference: str) -> None:
        """Delete a tag, or a manifest with all its tags by its digest. Raises ManifestUnknownError."""
        request = Request(
            *(
                "DELETE",
                f"/v2/{repository}/manifests/{reference}",
                repository,
                f"deleting manifest {reference}",
                (202,),
            ),
            missing=errors.ManifestUnknownError,
        )
        async with self._transport.send(request):
            pass

    async def tags(self, repository: str) -> list[str]:
        """All tags of a repository. Raises StatusError (NAME_UNKNOWN) when there is no such repository."""
        return await self._listed(Request("GET", f"/v2/{repository}/tags/list", repository, "reading tags"), "tags")

    async def repositories(self) -> list[str]:
        """All repositories of the registry (`_catalog`), where it tells. Raises StatusError."""
        return await self._listed(Request("GET", "/v2/_catalog", "", "reading the catalog"), "repositories")

    async def _listed(self, request: Request, what: str) -> list[str]:
        """A list in all its pages."""
        found: list[str] = []
        url: str | None = request.url
        seen = set()
        while url and url not in seen:
            seen.add(url)
            async with self._transport.send(replace(request, url=url)) as response:
                found += (await wire.page(response, self.host)).get(what) or []
                url = str(response.links["next"]["url"]) if "next" in response.links else None
        return found

    # ---------------------------------------------------------------------------------------------- blobs

    async def blob_exists(self, repository: str, digest: Digest) -> bool:
        """Whether the repository has that blob."""
        try:
            async with self._transport.send(_blob("HEAD", repository, digest)):
                return True
        except errors.BlobUnknownError:
            return False

    async def get_blob(
        self,
        repository: str,
        digest: Digest,
        writer: Writer,
        *,
        size: int | None = None,
        arrived: wire.Arrived = wire.unwatched,
        resume: wire.Resume = wire.give_up,
    ) -> None:
        """Download a blob into `writer` and commit it; if anything fails, the writer is aborted.

        Takes at most `size` bytes; `arrived` is called with the number of those that came, `resume` when the connection broke
        in the middle. Raises BlobUnknownError, WrongDigestError, ContentError; OSError on a full disk.
        """
        request = _blob("GET", repository, digest)
        try:
            lost = await self._receive(request, writer, size, arrived)
            while lost:
                await resume(writer.size, lost)
                lost = await self._receive_rest(request, writer, size, arrived, lost)
            await streams.in_thread(writer.commit, digest)
        except DigestMismatchError as error:
            raise errors.WrongDigestError(self.host, expected=error.expected, actual=error.actual) from error
        except BaseException:
            writer.abort()
            raise

    async def _receive(
        self, request: Request, writer: Writer, size: int | None, arrived: wire.Arrived
    ) -> errors.LostError | None:
        """Append what a blob has beyond what `writer` has; returns how the connection broke, if it did."""
        begin = writer.size
        async with self._transport.send(request) as response:
            try:
                if response.status == 200:
                    await wire.skip(response, begin)
                await streams.receive(wire.limited(response, size, self.host, arrived, taken=begin), writer)
            except (aiohttp.ClientError, ConnectionError) as error:
                lost = errors.unreached(self.host, error)
                if isinstance(lost, errors.LostError):
                    return lost
                raise
        return None

    async def _receive_rest(
        self, request: Request, writer: Writer, size: int | None, arrived: wire.Arrived, lost: errors.LostError
    ) -> errors.LostError | None:
        """The same after the connection was `lost`: what goes wrong now is told with how it began (as containers/image)."""
        part = replace(request, headers={"Range": f"bytes={writer.size}-"}, expected=(200, 206))
        try:
            return await self._receive(part, writer, size, arrived)
        except errors.UnreachedError as error:
            raise errors.LostError(self.host, f"{lost.why} (while reconnecting: {error.why})") from error
        except errors.StatusError as error:
            raise errors.LostError(
                self.host, f"{lost.why} (after reconnecting, fetching blob: {error.said})"
            ) from error

    async def put_blob(
        self, repository: str, blob: Descriptor, open_blob: wire.Opener, *, mount_from: str = "", chunk: int = 0
    ) -> bool:
        """Upload a blob, whose content `open_blob` opens, in one request or (`chunk` > 0) in chunks of so many bytes.

        With `mount_from`, the registry is first asked to take it from that repository; False when it could.
        """
        mount = {"mount": str(blob.digest), "from": mount_from} if mount_from else _NO_QUERY
        start = Request(
            "POST", f"/v2/{repository}/blobs/uploads/", repository, "starting an upload", (201, 202), query=mount
        )
        async with self._transport.send(start) as response:
            if response.status == 201:
                return False
            location = wire.location(response, self.host)
        left = range(blob.size)
        while chunk and len(left) > chunk:
            location = await self._put(repository, location, open_blob, left[:chunk], None)
            left = left[chunk:]
        await self._put(repository, location, open_blob, left, blob.digest)
        return True

    async def mount_blob(self, repository: str, digest: Digest, mount_from: str) -> bool:
        """Have the registry take a blob from another of its repositories; False when it does not."""
        query = {"mount": str(digest), "from": mount_from}
        start = Request(
            "POST", f"/v2/{repository}/blobs/uploads/", repository, "mounting a blob", (201, 202), query=query
        )
        async with self._transport.send(start) as response:
            if response.status == 201:
                return True
            location = wire.location(response, self.host)
        with contextlib.suppress(errors.StatusError):  # the upload that it began instead; not every registry ends one
            async with self._transport.send(Request("DELETE", location, repository, "ending an upload", (202, 204))):
                pass
        return False

    async def _put(
        self, repository: str, location: str, open_blob: wire.Opener, part: range, digest: Digest | None
    ) -> str:
        """Send a part of a blob, which the last one names by its digest; returns where the next goes."""
        headers = {"Content-Type": media.OCTET_STREAM, "Content-Length": str(len(part))}
        if part.start or not digest:
            headers["Content-Range"] = f"{part.start}-{part.stop - 1}"
        request = Request(
            *(("PUT", location, repository, "uploading a blob", (201,)) if digest else
              ("PATCH", location, repository, "uploading a chunk", (202,))),
            headers=headers,
            query={"digest": str(digest)} if digest else _NO_QUERY,
            body=wire.body(open_blob, part),
        )  # fmt: skip
        async with self._transport.send(request) as response:
            return wire.location(response, self.host)

    # ---------------------------------------------------------------------------------------------- ours alone

    async def access_log(self, repository: str = "", *, since: int = 0) -> list[dict[str, Any]] | None:
        """What the registry answered, from record `since` on, oldest first; None when the registry is not ours."""
        query = {"repository": repository, "since": str(since)}
        try:
            async with self._transport.send(
                Request("GET", _ACCESS_LOG, "", "reading the log", query=query)
            ) as response:
                page = await wire.page(response, self.host)
        except (errors.StatusError, errors.ContentError):
            return None
        records: list[dict[str, Any]] = page.get("requests", [])
        return records if str(page.get("schema")).startswith("pullscope.requests/") else None


def _reading(method: str, repository: str, reference: str, accept: Sequence[str]) -> Request:
    return Request(
        *(method, f"/v2/{repository}/manifests/{reference}", repository, f"reading manifest {reference}"),
        headers={"Accept": ", ".join(accept)},
        missing=errors.ManifestUnknownError,
    )


def _blob(method: str, repository: str, digest: Digest) -> Request:
    url = f"/v2/{repository}/blobs/{digest}"
    return Request(method, url, repository, f"reading blob {digest}", missing=errors.BlobUnknownError)
