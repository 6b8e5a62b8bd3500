"""Uploads for tests: tars and zips of any kind of member."""

import io
import stat
import tarfile
import zipfile
from collections.abc import Mapping
from typing import Literal

_LETTERS = {
    "device": tarfile.CHRTYPE,
    "block": tarfile.BLKTYPE,
    "fifo": tarfile.FIFOTYPE,
    "sparse": tarfile.GNUTYPE_SPARSE,
}

Content = bytes | str
"""A file's bytes, or ` -> target` of a link, ` => target` of a hard link, or what kind of device it is."""


def tar(files: Mapping[str, Content], mode: Literal["w", "w:gz", "w:bz2"] = "w:gz") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.mode = 0o755 if name.endswith("/") else 0o644
            if isinstance(content, bytes):
                member.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
                continue
            kind, _, target = content.strip().partition(" ")
            member.type = {"->": tarfile.SYMTYPE, "=>": tarfile.LNKTYPE, **_LETTERS}[kind]
            member.linkname = target
            archive.addfile(member)
    return buffer.getvalue()


def zipped(files: Mapping[str, Content]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            data, kind = (content, stat.S_IFREG) if isinstance(content, bytes) else (content.encode(), stat.S_IFIFO)
            if isinstance(content, str) and content.startswith("-> "):
                data, kind = content.removeprefix("-> ").encode(), stat.S_IFLNK
            info.external_attr = (kind | 0o644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return buffer.getvalue()
