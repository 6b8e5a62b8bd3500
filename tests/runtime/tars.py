"""Layers for tests, member by member, hostile ones included."""

import gzip
import io
import tarfile
from collections.abc import Iterable

from pullscope.oci.digest import Digest

Item = tarfile.TarInfo | tuple[tarfile.TarInfo, bytes]


def file(name: str, content: bytes = b"", mode: int = 0o644) -> Item:
    header = tarfile.TarInfo(name)
    header.size, header.mode = len(content), mode
    return header, content


def directory(name: str, mode: int = 0o755) -> Item:
    return other(name, tarfile.DIRTYPE, mode=mode)


def symlink(name: str, target: str) -> Item:
    return other(name, tarfile.SYMTYPE, target)


def hardlink(name: str, target: str) -> Item:
    return other(name, tarfile.LNKTYPE, target)


def other(name: str, kind: bytes, target: str = "", mode: int = 0o644) -> Item:
    header = tarfile.TarInfo(name)
    header.type, header.linkname, header.mode = kind, target, mode
    return header


def tar(items: Iterable[Item]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for item in items:
            header, content = item if isinstance(item, tuple) else (item, b"")
            archive.addfile(header, io.BytesIO(content))
    return buffer.getvalue()


def layer(*items: Item) -> tuple[io.BytesIO, Digest]:
    """A gzip-compressed layer and its diff_id."""
    plain = tar(items)
    return io.BytesIO(gzip.compress(plain, mtime=0)), Digest.of(plain)
