"""Read a layer: a tar, plain or compressed with gzip, from a source that nobody trusts.

Everything is bounded: the bytes that come out of the compression, the number of members, and the headers that Python's
tarfile would take into memory whole. What is in the tar is not judged here: that is `entries`.
"""

import contextlib
import gzip
import hashlib
import io
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO, Self

from pullscope.base.errors import PullscopeError
from pullscope.oci.digest import Digest

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"

_CHUNK = 2**20
_HEADER_LIMIT = 2**20
_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)

_UNREADABLE = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, UnicodeError, OverflowError)

# The end marker, and the end of the data where a header could be. The names are public, though not in the type stubs.
_RIGHT_ENDS = (tarfile.EOFHeaderError, tarfile.EmptyHeaderError)  # type: ignore[attr-defined]


class LayerError(PullscopeError):
    """The layer cannot be used; the message says why and names the file in it. `layer` is its number, from 0."""

    layer: int | None = None


@contextlib.contextmanager
def in_layer(number: int) -> Iterator[None]:
    """A LayerError from inside says that it is of the layer with that number."""
    try:
        yield
    except LayerError as error:
        error.layer = number
        raise


@dataclass
class Allowance:
    """What the layers of one image, or another archive, may still take: bytes when uncompressed, and files."""

    bytes: int = 8 * 2**30
    files: int = 200_000
    what: str = "the image's layers"

    def take(self, size: int) -> None:
        """Use up `size` bytes. Raises LayerError."""
        self.bytes -= size
        if self.bytes < 0:
            raise LayerError(f"{self.what}: too large when unpacked")

    def take_file(self) -> None:
        """Use up a file. Raises LayerError."""
        self.files -= 1
        if self.files < 0:
            raise LayerError(f"{self.what}: too many files")


@dataclass(frozen=True)
class Member:
    """A member of the tar: its header, and for a file what it holds, to be read before the next member."""

    header: tarfile.TarInfo
    content: "_Content | None"


def members(layer: BinaryIO, allowance: Allowance, diff_id: Digest | None = None) -> Iterator[Member]:
    """The layer's members in order. `diff_id`: what the uncompressed bytes must have as their digest.

    Raises LayerError, for the wrong digest only after the last member: what was made of them must then be thrown away.
    """
    plain = _Counted(_uncompressed(layer), allowance, diff_id.algorithm if diff_id else "sha256")
    try:
        with tarfile.open(fileobj=plain, mode="r|", tarinfo=_Header) as archive:
            for header in archive:
                allowance.take_file()
                content = archive.extractfile(header) if header.isreg() else None
                yield Member(header, _Content(content) if content else None)
                archive.members.clear()  # type: ignore[attr-defined]  # tarfile would remember every header
        while plain.read(_CHUNK):
            pass
    except _UNREADABLE as error:
        raise LayerError(f"not a readable tar: {error}") from error
    if diff_id is not None and plain.digest != diff_id:
        raise LayerError(f"layers diffID mismatch: the layer is {plain.digest}, the image's config says {diff_id}")


def _uncompressed(layer: BinaryIO) -> BinaryIO:
    """Told apart by the first bytes, as every runtime does: media types are often wrong."""
    start = layer.read(4)
    layer.seek(0)
    if start.startswith(_GZIP):
        return gzip.GzipFile(fileobj=layer)  # type: ignore[return-value]  # reads as a BinaryIO does
    if start == _ZSTD:
        raise LayerError("the layer is compressed with zstd, which this runtime does not read; push it with gzip")
    return layer


class _Header(tarfile.TarInfo):
    """A header whose extensions (long names, PAX records) cannot be large, and which does not end the tar in silence."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            header = super().frombuf(buf, encoding, errors)
        except _RIGHT_ENDS:
            raise
        except tarfile.HeaderError as error:  # tarfile would take it for the end
            raise LayerError(f"not a readable tar: {error}") from error
        if header.type in _HEADERS and header.size > _HEADER_LIMIT:
            raise LayerError(f"a header of {header.size} bytes")
        return header


class _Content(io.RawIOBase):
    """A file's bytes, read by whoever gets the member: what is wrong with the tar is a LayerError there too."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        try:
            return self._source.read(_CHUNK if size is None or size < 0 else size)
        except _UNREADABLE as error:
            raise LayerError(f"not a readable tar: {error}") from error


class _Counted(io.RawIOBase):
    """Passes reads through, counts them against the allowance, keeps the digest."""

    def __init__(self, source: BinaryIO, allowance: Allowance, algorithm: str) -> None:
        self._source = source
        self._allowance = allowance
        self._hash = hashlib.new(algorithm)

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        data = self._source.read(_CHUNK if size is None or size < 0 else size)
        self._allowance.take(len(data))
        self._hash.update(data)
        return data

    @property
    def digest(self) -> Digest:
        return Digest(self._hash.name, self._hash.hexdigest())
