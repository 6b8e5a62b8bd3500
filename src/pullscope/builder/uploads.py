"""Unpack what somebody uploaded: a tar, plain or in gzip or bzip2, or a zip. Nobody trusts it.

What cannot be made safely is refused by name: paths and links that lead out, devices, archives that unpack to more than
anybody would build. Dates and owners are not kept, as upstream does not.
"""

import bz2
import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO

from pullscope.runtime import archive, entries
from pullscope.runtime import unpack as unpacking
from pullscope.runtime.archive import Allowance, LayerError
from pullscope.runtime.entries import Entry

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_BZIP = b"BZh"
_END, _END_SIZE = b"PK\x05\x06", 22
_LOCATOR, _LOCATOR_SIZE = b"PK\x06\x07", 20  # what larger zips have before their end
_COMMENT = 1 << 16
_LARGEST_DIRECTORY = 64 << 20  # bytes of a zip's list of files, which Python takes into memory
_WHITEOUT = ".wh."
_LONGEST_LINK = 4096
_DEEPEST = 100
_SHOWN = 100  # characters of a name in a message
_ENCRYPTED = 1
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError, OverflowError, ValueError)


def unpack(upload: Path, target: Path, allowance: Allowance) -> None:
    """Unpack the file to the directory `target`, which must not exist. Raises LayerError, OSError; then nothing is left."""
    with upload.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        if start in _ZIP:
            found = _zip(file, allowance)
        else:
            found = _tar(_Unbzipped(file) if start.startswith(_BZIP) else file, allowance)
        unpacking.make(target, ((0, entry) for entry in found))


def _tar(file: Any, allowance: Allowance) -> Iterator[Entry]:
    for member in archive.members(file, allowance):
        _check(member.header.name)
        yield entries.of(member)


def _check(name: str) -> None:
    """In layers names with .wh. take files away, which nobody means here; and nobody has directories that deep."""
    if name.count("/") > _DEEPEST:
        raise LayerError(f"{name[:_SHOWN]}… lies more than {_DEEPEST} directories deep")
    if name.rstrip("/").rpartition("/")[2].startswith(_WHITEOUT):
        raise LayerError(f"{name} would hide files of the base image: names with .wh. do")


def _zip(file: BinaryIO, allowance: Allowance) -> Iterator[Entry]:
    _check_directory(file)
    try:
        with zipfile.ZipFile(file) as opened:
            for info in opened.infolist():
                allowance.take_file()
                yield _entry(opened, info, allowance)
    except _UNREADABLE as error:
        raise LayerError(f"not a readable zip: {error}") from error


def _entry(opened: zipfile.ZipFile, info: zipfile.ZipInfo, allowance: Allowance) -> Entry:
    _check(info.filename)
    path = entries.checked(info.filename)
    mode = info.external_attr >> 16
    kind, permissions = stat.S_IFMT(mode), mode & 0o777
    if info.is_dir():
        return entries.Directory(path, permissions or 0o755)
    if not path:
        raise LayerError("the root is not a directory")
    if info.flag_bits & _ENCRYPTED:
        raise LayerError(f"{info.filename} is encrypted")
    if kind == stat.S_IFLNK:
        with opened.open(info) as content:
            return entries.symlink(path, content.read(_LONGEST_LINK).decode())
    if kind not in (0, stat.S_IFREG):
        raise LayerError(f"{info.filename} is neither a file nor a directory nor a link")
    return entries.File(path, permissions or 0o644, _Content(opened.open(info), allowance))


def _check_directory(file: BinaryIO) -> None:
    """Find the zip's end as zipfile does, and refuse one whose list of files would take too much memory."""
    size = file.seek(0, io.SEEK_END)
    place = size - _END_SIZE
    end = _at(file, place, _END_SIZE)
    if not (end.startswith(_END) and end.endswith(b"\0\0")):  # there is a comment behind it
        first = max(0, place - _COMMENT)
        place = first + _at(file, first, _END_SIZE + _COMMENT).rfind(_END)
        end = _at(file, place, _END_SIZE)
    if len(end) < _END_SIZE or not end.startswith(_END):
        raise LayerError("not a readable zip: it has no end")
    large = _at(file, place - _LOCATOR_SIZE, len(_LOCATOR)) == _LOCATOR
    if large or int.from_bytes(end[12:16], "little") > _LARGEST_DIRECTORY:
        raise LayerError("a zip of too many files; a tar can have more")
    file.seek(0)


def _at(file: BinaryIO, place: int, size: int) -> bytes:
    file.seek(max(0, place))
    return file.read(size)


class _Unbzipped(io.RawIOBase):
    """What is in a bzip2; what is wrong with it is a LayerError."""

    def __init__(self, file: BinaryIO) -> None:
        self._plain = bz2.BZ2File(file)

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._plain.seek(offset, whence)

    def read(self, size: int | None = -1) -> bytes:
        try:
            return self._plain.read(1 << 20 if size is None or size < 0 else size)
        except (OSError, EOFError) as error:
            raise LayerError(f"not a readable bzip2: {error}") from error


class _Content(io.RawIOBase):
    """A file of a zip, counted while it is read; what is wrong with it is a LayerError there too."""

    def __init__(self, source: IO[bytes], allowance: Allowance) -> None:
        self._source = source
        self._allowance = allowance

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        try:
            data = self._source.read(1 << 20 if size is None or size < 0 else size)
        except _UNREADABLE as error:
            raise LayerError(f"not a readable zip: {error}") from error
        self._allowance.take(len(data))
        return data
