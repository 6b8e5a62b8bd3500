"""A directory as the gzip'd tar that a build takes, piece by piece: memory stays flat however large it is.

Names are relative without `./`; hidden files are in it, what belongs to Git is not; links stay links.
Upstream: openshift/source-to-image v1.4 pkg/tar (as openshift/oc pkg/cli/startbuild uses it).
"""

import os
import stat
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from pullscope.oc.errors import OcError

_PIECE = 256 * 1024
_BLOCK = tarfile.BLOCKSIZE
_GZIP = 16 + zlib.MAX_WBITS
_LEVEL = 1  # archives of Java are compressed already: more would only take time


def directory(root: Path) -> Iterator[bytes]:
    """The archive of what is in `root`. Raises OcError when a file cannot be read or is none."""
    compressor = zlib.compressobj(_LEVEL, wbits=_GZIP)
    for piece in _tar(root):
        if data := compressor.compress(piece):
            yield data
    yield compressor.flush()


def file(path: Path) -> Iterator[bytes]:
    """A file as it is."""
    with path.open("rb") as opened:
        while data := opened.read(_PIECE):
            yield data


def _tar(root: Path) -> Iterator[bytes]:
    for path in _paths(root):
        yield from _entry(root, path)
    yield bytes(2 * _BLOCK)


def _paths(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name != ".git")
        yield from (Path(folder, name) for name in [*folders, *sorted(names)] if name != ".git")


def _entry(root: Path, path: Path) -> Iterator[bytes]:
    status = path.lstat()
    info = tarfile.TarInfo(path.relative_to(root).as_posix())
    info.mode, info.mtime = stat.S_IMODE(status.st_mode), int(status.st_mtime)
    if path.is_symlink():
        info.type, info.linkname = tarfile.SYMTYPE, path.readlink().as_posix()
    elif path.is_dir():
        info.type = tarfile.DIRTYPE
    elif path.is_file():
        info.size = status.st_size
    else:
        raise OcError(f"{path} is neither a file nor a directory nor a link")
    yield info.tobuf(tarfile.PAX_FORMAT)
    if info.isreg():
        yield from _content(path, info.size)


def _content(path: Path, size: int) -> Iterator[bytes]:
    left = size
    with path.open("rb") as opened:
        while left and (data := opened.read(min(_PIECE, left))):
            left -= len(data)
            yield data
    if left:
        raise OcError(f"{path} became shorter while it was read")
    yield bytes(-size % _BLOCK)
