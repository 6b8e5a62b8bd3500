"""Blobs on disk, laid out as an OCI image layout's `blobs/<algorithm>/<hex>`, with unfinished uploads beside them.

A blob's name appears only after its bytes were hashed, synced and renamed into place, so neither a crash nor a full
disk leaves a part of one. An upload is a plain file under an id that cannot be guessed; what a crash left of it is
hashed again when it is resumed. Memory does not grow with a blob's size.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from pullscope.base import files
from pullscope.content.api import BlobUnknownError, DigestMismatchError
from pullscope.oci import digest as digests
from pullscope.oci.digest import Digest

_UPLOAD_ID = re.compile(r"[0-9a-f]{32}")


class DiskStore:
    """A `content.api.BlobStore` in the directory `root`, which is made when missing. One process at a time."""

    def __init__(self, root: Path) -> None:
        self._blobs = root / "blobs"
        self._uploads = root / "uploads"
        for directory in (self._uploads, *(self._blobs / algorithm for algorithm in digests.ALGORITHMS)):
            directory.mkdir(parents=True, exist_ok=True)
        files.sync_directory(self._blobs)
        files.sync_directory(root)

    def size(self, digest: Digest) -> int | None:
        try:
            return self._path(digest).stat().st_size
        except FileNotFoundError:
            return None

    def open(self, digest: Digest) -> BinaryIO:
        try:
            return self._path(digest).open("rb", buffering=0)
        except FileNotFoundError as error:
            raise BlobUnknownError(f"no blob {digest}") from error

    def writer(self) -> "_Writer":
        path = self._uploads / secrets.token_hex(16)
        return _Writer(self, path, path.open("x+b", buffering=0))

    def resume(self, id: str) -> "_Writer | None":  # noqa: A002 (the protocol's word)
        """As the protocol says; reads what is on disk, so it takes as long as the upload is large."""
        if not _UPLOAD_ID.fullmatch(id):
            return None
        path = self._uploads / id
        try:
            return _Writer(self, path, path.open("r+b", buffering=0))
        except FileNotFoundError:
            return None

    def delete(self, digest: Digest) -> bool:
        """As the protocol says. On Windows a blob that is being read stays: raises PermissionError."""
        try:
            self._path(digest).unlink()
        except FileNotFoundError:
            return False
        return True

    def digests(self) -> Iterator[Digest]:
        for algorithm, length in digests.ALGORITHMS.items():
            for path in (self._blobs / algorithm).iterdir():
                if len(path.name) == length:
                    yield Digest(algorithm, path.name)

    def purge_uploads(self, before: datetime) -> int:
        """Remove uploads that nobody wrote to since `before`; returns how many."""
        stale = [path for path in self._uploads.iterdir() if path.stat().st_mtime < before.timestamp()]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def publish(self, upload: Path, digest: Digest) -> None:
        """Give a synced upload its name as a blob; called by its writer."""
        target = self._path(digest)
        if target.exists():  # the same bytes; Windows could not replace them while they are read
            upload.unlink()
            return
        upload.replace(target)
        files.sync_directory(target.parent)

    def _path(self, digest: Digest) -> Path:
        return self._blobs / digest.algorithm / digest.hex


class _Writer:
    """One upload: an unbuffered file and the running sha256 of what is in it."""

    def __init__(self, store: DiskStore, path: Path, file: BinaryIO) -> None:
        self.id = path.name
        self._store = store
        self._path = path
        self._file = file
        self._hash = _hash(file, "sha256")
        self._size = file.tell()

    @property
    def size(self) -> int:
        return self._size

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """As the protocol says: all of `data` or, with an OSError, nothing of it."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:
            self._file.truncate(self._size)
            self._file.seek(self._size)
            raise
        self._hash.update(data)
        self._size += len(data)

    def commit(self, digest: Digest) -> None:
        found = self._found(digest.algorithm)
        if found != digest:
            self.abort()
            raise DigestMismatchError(expected=digest, actual=found)
        os.fsync(self._file.fileno())
        self._file.close()
        self._store.publish(self._path, digest)

    def abort(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        self._file.close()

    def _found(self, algorithm: str) -> Digest:
        """Uploads do not say beforehand what they will be named by: all but sha256 reads the file again."""
        if algorithm == self._hash.name:
            return Digest(algorithm, self._hash.hexdigest())
        self._file.seek(0)
        return Digest(algorithm, _hash(self._file, algorithm).hexdigest())


def _hash(file: BinaryIO, algorithm: str) -> "hashlib._Hash":
    """The running hash of the file from where it stands; leaves it at its end."""
    return hashlib.file_digest(file, algorithm)  # type: ignore[arg-type]  # raw files have readinto, which it asks for
