"""What a member of a layer means: a closed union of entries, every path checked.

Follows image-spec v1.1 layer.md: paths are relative to the root, `.wh.NAME` removes NAME of the layers below, `.wh..wh..opq`
everything below its directory. What cannot be made safely is refused by name: paths and links that lead out of the root,
absolute ones, device nodes, fifos, names that this system cannot write.
"""

import os
import tarfile
from dataclasses import dataclass
from io import RawIOBase

from pullscope.runtime.archive import LayerError, Member

Path = tuple[str, ...]
"""The names from the root down; never empty for anything but the root, never `.` or `..`."""

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_AUFS = ".wh..wh."  # its own bookkeeping, such as .wh..wh.plnk

_WINDOWS_REFUSES = frozenset('<>:"\\|?*')


@dataclass(frozen=True)
class Directory:
    path: Path
    mode: int


@dataclass(frozen=True)
class File:
    """A regular file; `content` is to be read before the next entry."""

    path: Path
    mode: int
    content: RawIOBase


@dataclass(frozen=True)
class Symlink:
    """`target` is relative and stays inside the root, as seen from where the link's path says it is."""

    path: Path
    target: str


@dataclass(frozen=True)
class Hardlink:
    path: Path
    target: Path


@dataclass(frozen=True)
class Whiteout:
    """`path` of the layers below is gone."""

    path: Path


@dataclass(frozen=True)
class Opaque:
    """Of the directory at `path`, everything that the layers below put there is gone."""

    path: Path


@dataclass(frozen=True)
class Nothing:
    """A member that leaves no trace."""


Entry = Directory | File | Symlink | Hardlink | Whiteout | Opaque | Nothing

_REFUSED = {
    tarfile.CHRTYPE: "a character device",
    tarfile.BLKTYPE: "a block device",
    tarfile.FIFOTYPE: "a fifo",
}


def of(member: Member) -> Entry:
    """What `member` means. Raises LayerError."""
    header = member.header
    path = checked(header.name)
    mode = header.mode & 0o777
    if path and path[-1].startswith(_WHITEOUT):
        return _whiteout(path)
    if header.isdir():
        return Directory(path, mode)
    if not path:
        raise LayerError("the root is not a directory")
    if header.issym():
        return symlink(path, header.linkname)
    if header.islnk():
        return Hardlink(path, checked(header.linkname, f"the hard link {header.name}"))
    if header.issparse():
        raise LayerError(f"{header.name} is a sparse file, which no layer should have")
    if member.content is not None:
        return File(path, mode, member.content)
    kind = _REFUSED.get(header.type, f"of the unknown type {header.type!r}")
    raise LayerError(f"{header.name} is {kind}, which this runtime does not make")


def checked(name: str, what: str = "the name") -> Path:
    """A member's name as a path. Raises LayerError."""
    if name.startswith("/"):
        raise LayerError(f"{what} is absolute: {name!r}")
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if ".." in parts:
        raise LayerError(f"{what} leads out of the root: {name!r}")
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise LayerError(f"{what} is not UTF-8: {name!r}") from error
    if "\0" in name or (os.name == "nt" and _WINDOWS_REFUSES.intersection(name)):
        raise LayerError(f"{what} cannot be written on this system: {name!r}")
    return parts


def _whiteout(path: Path) -> Entry:
    *parents, name = path
    if name == _OPAQUE:
        return Opaque(tuple(parents))
    if name.startswith(_AUFS):
        return Nothing()
    hidden = name.removeprefix(_WHITEOUT)
    if hidden in ("", ".", ".."):
        raise LayerError(f"a whiteout without a name: {'/'.join(path)!r}")
    return Whiteout((*parents, hidden))


def symlink(path: Path, target: str) -> Symlink:
    name = "/".join(path)
    if not target or "\0" in target:
        raise LayerError(f"the link {name} has no target")
    if target.startswith("/"):
        raise LayerError(f"the link {name} is absolute: {target!r}")
    depth = len(path) - 1
    for part in target.split("/"):
        depth += -1 if part == ".." else part not in ("", ".")
        if depth < 0:
            raise LayerError(f"the link {name} leads out of the root: {target!r}")
    return Symlink(path, target)
