"""Blobs in memory, for a throw-away lab and for tests. Nothing survives the process, uploads included."""

import hashlib
import io
import secrets
from collections.abc import Iterator
from typing import BinaryIO

from pullscope.content.api import BlobUnknownError, DigestMismatchError
from pullscope.oci.digest import Digest


class MemoryStore:
    """A `content.api.BlobStore` that holds each blob as one bytes object, shared by all its readers."""

    def __init__(self) -> None:
        self._blobs: dict[Digest, bytes] = {}
        self._uploads: dict[str, _Writer] = {}

    def size(self, digest: Digest) -> int | None:
        blob = self._blobs.get(digest)
        return None if blob is None else len(blob)

    def open(self, digest: Digest) -> BinaryIO:
        blob = self._blobs.get(digest)
        if blob is None:
            raise BlobUnknownError(f"no blob {digest}")
        return io.BytesIO(blob)

    def writer(self) -> "_Writer":
        writer = _Writer(secrets.token_hex(16), self._blobs, self._uploads)
        self._uploads[writer.id] = writer
        return writer

    def resume(self, id: str) -> "_Writer | None":  # noqa: A002 (the protocol's word)
        return self._uploads.get(id)

    def delete(self, digest: Digest) -> bool:
        return self._blobs.pop(digest, None) is not None

    def digests(self) -> Iterator[Digest]:
        return iter(tuple(self._blobs))


class _Writer:
    """One upload. BytesIO hands its buffer over without a copy, so a commit takes no second blob's memory."""

    def __init__(self, id: str, blobs: dict[Digest, bytes], uploads: "dict[str, _Writer]") -> None:  # noqa: A002 (the protocol's word)
        self.id = id
        self._blobs = blobs
        self._uploads = uploads
        self._buffer = io.BytesIO()
        self._hash = hashlib.sha256()

    @property
    def size(self) -> int:
        return self._buffer.tell()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._buffer.write(data)
        self._hash.update(data)

    def commit(self, digest: Digest) -> None:
        data = self._buffer.getvalue()
        self.abort()
        usual = digest.algorithm == self._hash.name
        found = (
            Digest(digest.algorithm, self._hash.hexdigest()) if usual else Digest.of(data, algorithm=digest.algorithm)
        )
        if found != digest:
            raise DigestMismatchError(expected=digest, actual=found)
        self._blobs.setdefault(digest, data)

    def abort(self) -> None:
        self._uploads.pop(self.id, None)

    def close(self) -> None:
        """Nothing to release: the upload stays until it is committed or aborted."""
