"""What a content-addressed store is: blobs under their digests, whole or not there.

Synchronous on purpose: a blob is written in chunks of a megabyte, and callers choose which of them leave the event loop.
Backends: `content.memory`, `content.disk`. One contract test runs over all of them.
"""

from collections.abc import Iterator
from typing import BinaryIO, Protocol

from pullscope.base.errors import PullscopeError
from pullscope.oci.digest import Digest


class BlobUnknownError(PullscopeError):
    """No blob has that digest."""


class DigestMismatchError(PullscopeError):
    """What was written does not have the digest that was promised; nothing was kept."""

    def __init__(self, *, expected: Digest, actual: Digest) -> None:
        super().__init__(f"the content is {actual}, not {expected}")
        self.expected = expected
        self.actual = actual


class Writer(Protocol):
    """One blob being written. Ends with exactly one `commit` or `abort`; an open one survives a restart on disk."""

    @property
    def id(self) -> str:
        """Names this upload for `BlobStore.resume`; not guessable."""

    @property
    def size(self) -> int:
        """Bytes written so far."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append. Raises OSError when the disk is full; the upload can then still be aborted or resumed."""

    def commit(self, digest: Digest) -> None:
        """Make the blob visible under `digest`. Raises DigestMismatchError, after which the upload is gone."""

    def abort(self) -> None:
        """Forget what was written."""

    def close(self) -> None:
        """Release the file handle and keep the upload, to be resumed by its id."""


class BlobStore(Protocol):
    """Blobs by digest. A blob that is there is complete and was verified."""

    def size(self, digest: Digest) -> int | None:
        """Its size in bytes; None when it is not there."""

    def open(self, digest: Digest) -> BinaryIO:
        """A seekable reader at its start. Raises BlobUnknownError."""

    def writer(self) -> Writer:
        """Start a new upload."""

    def resume(self, id: str) -> Writer | None:  # noqa: A002 (the protocol's word)
        """The upload of that id, positioned at its end; None when there is none (or the id is not one of ours)."""

    def delete(self, digest: Digest) -> bool:
        """Remove; False when it was not there. Readers that have it open read on."""

    def digests(self) -> Iterator[Digest]:
        """All blobs, in no order."""


def put(store: BlobStore, data: bytes, *, algorithm: str = "sha256") -> Digest:
    """Store `data` and return its digest."""
    digest = Digest.of(data, algorithm=algorithm)
    if store.size(digest) is None:
        writer = store.writer()
        writer.write(data)
        writer.commit(digest)
    return digest


def get(store: BlobStore, digest: Digest) -> bytes:
    """The whole blob. Raises BlobUnknownError."""
    with store.open(digest) as reader:
        return reader.read()
