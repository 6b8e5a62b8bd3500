"""The rules of a registry, without HTTP: what may be pushed, what is seen where, what a deletion takes along.

Blobs are content in a `content.api.BlobStore`, shared by all repositories; a repository sees those that were pushed or
mounted there. Manifests are small: they live in the catalog, so that a push becomes visible with its tag in one step.
What a method of a writing kind has returned from is durable. Refusals are `oci.errors.RegistryError`s. Methods may be
called from any thread; those that write wait for the disk.
"""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Generic, Self, TypeVar

from pullscope.content.api import BlobStore, BlobUnknownError, DigestMismatchError, Writer
from pullscope.content.disk import DiskStore
from pullscope.content.memory import MemoryStore
from pullscope.oci import documents, errors, media, reference
from pullscope.oci.digest import Digest, DigestError
from pullscope.oci.documents import Descriptor, Index, Manifest
from pullscope.registry.catalog import Catalog, Entry, Transaction

MAX_MANIFEST = 4 << 20  # bytes; the limit of docker's registry, which the spec asks every registry to allow

_ItemT = TypeVar("_ItemT")


@dataclass(frozen=True)
class Page(Generic[_ItemT]):
    """A part of a list; `more` when the list goes on behind it."""

    items: Sequence[_ItemT]
    more: bool


class Registry:
    """Repositories over `blobs`, which nobody else deletes from: a blob that no repository sees is removed."""

    def __init__(self, blobs: BlobStore, catalog: Catalog) -> None:
        self.blobs = blobs
        self._catalog = catalog
        self._view = catalog.view

    @classmethod
    def open(cls, root: Path | None) -> Self:
        """The registry in the directory `root`, made when missing; None: a new one in memory."""
        if root is None:
            return cls(MemoryStore(), Catalog(None))
        registry = cls(DiskStore(root), Catalog(root / "catalog.sqlite"))
        registry._sweep()
        return registry

    def close(self) -> None:
        """Release the files. Nothing is lost without it."""
        self._catalog.close()

    def _sweep(self) -> None:
        """Remove blobs that no repository sees: a killed process had stored them, and not linked them yet."""
        linked = self._view.linked()
        for digest in [digest for digest in self.blobs.digests() if digest not in linked]:
            self.blobs.delete(digest)

    # ---------------------------------------------------------------------------------------------- manifests

    def resolve(self, repository: str, locator: str) -> Digest:
        """The digest that a tag (or a digest) names. Raises MANIFEST_UNKNOWN."""
        check_name(repository)
        digest = _as_digest(locator) if ":" in locator else self._view.tagged(repository, locator)
        if digest is None:
            raise errors.MANIFEST_UNKNOWN.error(_detail(locator))
        return digest

    def manifest(self, repository: str, locator: str) -> Entry:
        """The manifest that a tag or digest names. Raises MANIFEST_UNKNOWN."""
        entry = self._view.manifest(repository, self.resolve(repository, locator))
        if entry is None:
            raise errors.MANIFEST_UNKNOWN.error(_detail(locator))
        return entry

    def put_manifest(self, repository: str, locator: str, raw: bytes, media_type: str) -> Entry:
        """Store a manifest or index under a tag or its digest. What it refers to must be there, but for its subject."""
        check_name(repository)
        by_digest = ":" in locator
        if not by_digest and not reference.is_tag(locator):
            raise errors.TAG_INVALID.error(_detail(locator), message="invalid tag")
        digest = _promised(locator, raw) if by_digest else Digest.of(raw)
        document = _document(raw, media_type)
        subject = document.subject.digest if document.subject else None
        entry = Entry(digest, document.media_type, raw, subject, document.kind)
        with self._catalog.writing() as transaction:
            _check_content(transaction, repository, document)
            transaction.add_repository(repository)
            transaction.put_manifest(repository, entry)
            if not by_digest:
                transaction.put_tag(repository, locator, digest)
        return entry

    def delete_manifest(self, repository: str, locator: str) -> Digest:
        """Remove a tag, or the manifest of that digest with all its tags; the blobs stay. Returns what it named."""
        digest = self.resolve(repository, locator)
        with self._catalog.writing() as transaction:
            if ":" in locator:
                deleted = transaction.delete_manifest(repository, digest)
            else:
                deleted = transaction.delete_tag(repository, locator)
        if not deleted:
            raise errors.MANIFEST_UNKNOWN.error(_detail(locator))
        return digest

    def referrers(
        self, repository: str, digest: Digest, artifact_type: str, *, last: str, limit: int
    ) -> Page[Descriptor]:
        """Descriptors of the manifests whose subject is `digest`, of one artifact type or (empty) of all."""
        check_name(repository)
        found = self._view.referrers(repository, digest, artifact_type, after=last, limit=limit + 1)
        return Page([_referrer(entry) for entry in found[:limit]], len(found) > limit)

    # ---------------------------------------------------------------------------------------------- blobs

    def blob_size(self, repository: str, digest: Digest) -> int:
        """Raises BLOB_UNKNOWN when the repository does not see the blob."""
        check_name(repository)
        size = self.blobs.size(digest) if self._view.has_blob(repository, digest) else None
        if size is None:
            raise errors.BLOB_UNKNOWN.error(_detail(str(digest)))
        return size

    def open_blob(self, digest: Digest) -> BinaryIO:
        """The content of a blob that `blob_size` showed. Raises BLOB_UNKNOWN when it was deleted since."""
        try:
            return self.blobs.open(digest)
        except BlobUnknownError as error:
            raise errors.BLOB_UNKNOWN.error(_detail(str(digest))) from error

    def add_blob(self, repository: str, upload: Writer, digest: Digest) -> None:
        """End an upload and show its blob to the repository; if that fails (DIGEST_INVALID, OSError) the upload is gone."""
        check_name(repository)
        try:
            upload.commit(digest)
        except DigestMismatchError as error:
            raise errors.DIGEST_INVALID.error({"digest": str(digest), "reason": error.message}) from error
        except OSError:
            upload.abort()
            raise
        if not self.link(repository, digest):
            raise errors.BLOB_UPLOAD_INVALID.error("the blob was deleted while it was pushed")

    def mount(self, repository: str, digest: Digest, source: str) -> bool:
        """Show the repository a blob that `source` sees; False when that does not."""
        check_name(repository)
        return self._view.has_blob(source, digest) and self.link(repository, digest)

    def delete_blob(self, repository: str, digest: Digest) -> None:
        """Hide the blob from the repository; remove it when none sees it any more. Raises BLOB_UNKNOWN."""
        check_name(repository)
        with self._catalog.writing() as transaction:
            deleted = transaction.unlink_blob(repository, digest)
            if deleted and not transaction.is_linked(digest):
                # Inside the transaction: `link` must not find the blob and lose it. If the commit fails afterwards,
                # the link names nothing, which reads as "unknown" and heals with the next push.
                self.blobs.delete(digest)
        if not deleted:
            raise errors.BLOB_UNKNOWN.error(_detail(str(digest)))

    def discard_blobs(self, digests: Iterable[Digest]) -> None:
        """Hide each blob from the repositories that have no manifest with it; remove those that none sees any more."""
        with self._catalog.writing() as transaction:
            for digest in digests:
                transaction.unlink_unmentioned(digest)
                if not transaction.is_linked(digest):
                    self.blobs.delete(digest)  # inside, as above

    def link(self, repository: str, digest: Digest) -> bool:
        """Show the repository a blob that is in the store; False when it is not there."""
        with self._catalog.writing() as transaction:
            if self.blobs.size(digest) is None:
                return False
            transaction.add_repository(repository)
            transaction.link_blob(repository, digest)
        return True

    def purge_uploads(self, before: datetime) -> None:
        """Remove what unfinished uploads of earlier processes left on disk, untouched since `before`."""
        if isinstance(self.blobs, DiskStore):
            self.blobs.purge_uploads(before)

    # ---------------------------------------------------------------------------------------------- lists

    def tags(self, repository: str, *, last: str, limit: int) -> Page[str]:
        """The repository's tags in byte order, those behind `last`. Raises NAME_UNKNOWN."""
        check_name(repository)
        if not self._view.has_repository(repository):
            raise errors.NAME_UNKNOWN.error({"name": repository})
        found = self._view.tags(repository, after=last, limit=limit + 1)
        return Page(found[:limit], len(found) > limit)

    def listing(self, *, last: str = "", limit: int = 1000) -> Page[str]:
        """The names of the repositories in byte order, those behind `last`."""
        found = self._view.repositories(after=last, limit=limit + 1)
        return Page(found[:limit], len(found) > limit)


def check_name(repository: str) -> None:
    """Raises NAME_INVALID. Every method here that takes a repository does it first."""
    if not reference.is_repository(repository):
        raise errors.NAME_INVALID.error({"name": repository})


def _detail(locator: str) -> dict[str, str]:
    return {"digest" if ":" in locator else "tag": locator}


def _as_digest(text: str) -> Digest | None:
    with contextlib.suppress(DigestError):
        return Digest.parse(text)
    return None


def _promised(locator: str, raw: bytes) -> Digest:
    promised = _as_digest(locator)
    if promised is None:
        raise errors.DIGEST_INVALID.error(_detail(locator), message="invalid digest")
    if Digest.of(raw, algorithm=promised.algorithm) != promised:
        raise errors.DIGEST_INVALID.error(_detail(locator))
    return promised


def _document(raw: bytes, media_type: str) -> Manifest | Index:
    if len(raw) > MAX_MANIFEST:
        raise errors.MANIFEST_TOO_LARGE.error(f"manifests are limited to {MAX_MANIFEST} bytes")
    try:
        return documents.parse(raw, media_type)
    except documents.InvalidDocumentError as error:
        raise errors.MANIFEST_INVALID.error(str(error)) from error


def _check_content(transaction: Transaction, repository: str, document: Manifest | Index) -> None:
    """As docker's registry does: an index needs all its manifests, a manifest all its blobs."""
    if isinstance(document, Index):
        is_here, needed = transaction.has_manifest, document.manifests
    else:
        is_here, needed = transaction.has_blob, (document.config, *document.layers)
    digests = dict.fromkeys(part.digest for part in needed if not _is_foreign(part))
    missing = [digest for digest in digests if not is_here(repository, digest)]
    if missing:
        raise errors.MANIFEST_BLOB_UNKNOWN.error({"digests": [str(digest) for digest in missing]})


def _is_foreign(blob: Descriptor) -> bool:
    """Whether it is a layer that may not be distributed, and says where it is instead."""
    return bool(blob.urls) and blob.media_type in media.FOREIGN_LAYERS


def _referrer(entry: Entry) -> Descriptor:
    document = documents.parse(entry.content, entry.media_type)
    return Descriptor(
        entry.media_type,
        entry.digest,
        len(entry.content),
        annotations=document.annotations,
        artifact_type=entry.artifact_type,
    )
