"""Write a layer: a gzip-compressed tar whose bytes depend on nothing but its files' names, contents and modes.

Entries are sorted, owned by 0:0 and dated 1970; directories above them are added; the gzip header holds neither name nor
time. Contents stream from disk to the store, so memory does not grow with them. (The compressed bytes are zlib's: another
implementation of it may give another digest, the `diff_id` stays the same.)
"""

import gzip
import hashlib
import io
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from pullscope.base.errors import PullscopeError
from pullscope.content.api import BlobStore, Writer
from pullscope.oci import media
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor

_BEST = 9


@dataclass(frozen=True)
class Entry:
    """A file of a layer: its path from the root without a leading slash, its bytes or the file that holds them."""

    path: str
    content: bytes | Path
    mode: int = 0o644


@dataclass(frozen=True)
class Layer:
    """A layer in a store: its descriptor, and the digest of its uncompressed tar, which an image's config names."""

    descriptor: Descriptor
    diff_id: Digest


def write(store: BlobStore, entries: Iterable[Entry], level: int = _BEST) -> Layer:
    """Store `entries` as one layer; `level` is gzip's. Raises OSError (disk full, file gone); then nothing is kept."""
    writer = store.writer()
    try:
        blob = _Hashed(_IntoStore(writer))
        with gzip.GzipFile(filename="", mode="wb", compresslevel=level, fileobj=blob, mtime=0) as compressed:
            plain = _Hashed(compressed)
            with tarfile.open(fileobj=plain, mode="w|", format=tarfile.PAX_FORMAT) as archive:
                _add_all(archive, entries)
        digest = blob.digest
        descriptor = Descriptor(media.OCI_LAYER_GZIP, digest, writer.size)
    except BaseException:
        writer.abort()
        raise
    writer.commit(digest)
    return Layer(descriptor, plain.digest)


def _add_all(archive: tarfile.TarFile, entries: Iterable[Entry]) -> None:
    known: set[PurePosixPath] = set()
    for entry in sorted(entries, key=lambda entry: entry.path):
        for directory in _directories(entry.path):
            if directory not in known:
                known.add(directory)
                archive.addfile(_member(f"{directory}/", tarfile.DIRTYPE, 0o755))
        _add(archive, entry)


def _directories(path: str) -> Iterator[PurePosixPath]:
    """The directories above `path`, outermost first."""
    return reversed(list(PurePosixPath(path).parents)[:-1])


def _add(archive: tarfile.TarFile, entry: Entry) -> None:
    member = _member(entry.path, tarfile.REGTYPE, entry.mode)
    if isinstance(entry.content, bytes):
        member.size = len(entry.content)
        archive.addfile(member, io.BytesIO(entry.content))
        return
    with entry.content.open("rb") as file:
        member.size = file.seek(0, io.SEEK_END)
        file.seek(0)
        archive.addfile(member, file)
        if file.read(1):
            raise PullscopeError(f"{entry.content} grew while it was read")


def _member(name: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = kind
    member.mode = mode
    return member


class _IntoStore(io.RawIOBase):
    """A store's writer as the file that gzip writes to."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]  # any buffer, as told by Writer
        self._writer.write(data)
        return len(data)


class _Hashed(io.RawIOBase):
    """Passes everything on and keeps its digest."""

    def __init__(self, target: io.RawIOBase | gzip.GzipFile | BinaryIO) -> None:
        self._target = target
        self._hash = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]  # as above
        self._hash.update(data)
        self._target.write(data)
        return len(data)

    @property
    def digest(self) -> Digest:
        return Digest("sha256", self._hash.hexdigest())
