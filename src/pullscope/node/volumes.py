"""Volumes as directories under the kubelet's root: made before programs start, refreshed at each sync, removed at the end.

emptyDir, configMap, secret, downwardAPI and projected exist, and hostPath as far as `hostpaths` says; every other kind is
refused by name. Files are replaced one by
one and atomically, where upstream swaps a symbolic link to a whole directory (which not every system lets users make).
"""

import contextlib
import functools
import hashlib
import os
import shutil
from collections import OrderedDict
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pullscope.node import hostpaths
from pullscope.node.projection import File, Files, Projector, VolumeError

_PROJECTED = frozenset({"configMap", "secret", "downwardAPI", "projected"})
_TWINS_MAX = 256

Mark = int
"""Stands for the content of a volume: the same for the same files."""


@dataclass(frozen=True)
class Content:
    """What a volume with a directory of its own is to hold. `files` None: what programs leave there (emptyDir)."""

    files: Files | None

    @functools.cached_property
    def mark(self) -> Mark:
        return hash(tuple((self.files or {}).items()))


def directory(root: Path, uid: str) -> Path:
    """Where the volumes of a pod are, each by its name below; nothing else is there (directories are what a start waits for)."""
    return root / "pods" / uid


def is_projected(volume: Mapping[str, Any]) -> bool:
    """Whether the kubelet alone writes to it: upstream mounts such volumes read-only, whatever a mount says."""
    return not _PROJECTED.isdisjoint(volume)


async def content(volume: Mapping[str, Any], projector: Projector, *, host: bool = False) -> Content | None:
    """What a volume of a pod's spec holds; None for one without a directory. Raises VolumeError.

    `host`: pods may see the node's root, which needs no directory of its own.
    """
    kinds = volume.keys() - {"name"}
    if "hostPath" in kinds:
        hostpaths.check(volume["hostPath"], served=host)
        return None
    if is_projected(volume):
        return Content(await projector.files(volume))
    if "emptyDir" not in kinds and kinds:
        raise VolumeError(f"volume type {', '.join(sorted(kinds))} is not supported by this node")
    return Content(None)


class Twins:
    """Files of the same content are one file with many names: the certificate that every pod gets, for one.

    To make a name takes a tenth of the time that a file takes. Nobody writes into such a file: it is replaced, and programs
    see it read-only. What was asked for twice lies in `directory`, which is for nothing else and forgotten at a start.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._seen: OrderedDict[str, bool] = OrderedDict()
        shutil.rmtree(directory, ignore_errors=True)

    def put(self, path: Path, file: File) -> None:
        """Make the file at `path`, where there is none. Not synced: it can be made again. Raises OSError."""
        name = f"{hashlib.sha256(file.data).hexdigest()}-{file.mode:o}"
        if not self._link(name, path):
            _put(path, file)
            if name in self._seen:
                self._keep(name, path)
            self._seen.setdefault(name, False)
        self._seen.move_to_end(name)
        if len(self._seen) > _TWINS_MAX:
            oldest, kept = self._seen.popitem(last=False)
            if kept:
                (self._directory / oldest).unlink(missing_ok=True)

    def _link(self, name: str, path: Path) -> bool:
        if self._seen.get(name):
            with contextlib.suppress(OSError):  # no more names can be given to this one
                os.link(self._directory / name, path)
                return True
        return False

    def _keep(self, name: str, path: Path) -> None:
        with contextlib.suppress(OSError):  # a disk that gives no second names
            self._directory.mkdir(parents=True, exist_ok=True)
            (self._directory / name).unlink(missing_ok=True)
            os.link(path, self._directory / name)
            self._seen[name] = True


def _put(path: Path, file: File) -> None:
    path.write_bytes(file.data)
    path.chmod(file.mode)


def write(path: Path, content: Content, twins: Twins) -> None:
    """Make or refresh the volume at `path`. Raises OSError."""
    new = _make(path)
    if content.files is not None:
        _write(path, content.files, twins, new=new)


def remove(root: Path, uid: str) -> None:
    """Remove all that the kubelet keeps of a pod, emptyDirs included. Not being there is not an error."""
    shutil.rmtree(directory(root, uid), ignore_errors=True)


def keep_only(root: Path, pods: Container[str]) -> None:
    """Remove all that the kubelet keeps of pods whose uids are not among `pods`."""
    for path in (root / "pods").glob("*"):
        if path.name not in pods:
            remove(root, path.name)


def _make(path: Path) -> bool:
    """Make the directory; whether it was not there."""
    if path.is_dir():
        return False
    path.mkdir(parents=True)
    return True


def _write(path: Path, files: Files, twins: Twins, *, new: bool) -> None:
    """What is in a new directory nobody reads yet; elsewhere a reader sees the old or the new content of a file."""
    for name, file in files.items():
        if "/" in name:
            (path / name).parent.mkdir(parents=True, exist_ok=True)
        if new:
            twins.put(path / name, file)
        else:
            _replace(path / name, file, twins)
    if not new:
        _remove_others(path, files)


def _replace(path: Path, file: File, twins: Twins) -> None:
    with contextlib.suppress(FileNotFoundError):
        if path.read_bytes() == file.data:
            return
    aside = path.with_name(f"..{path.name}.new")
    aside.unlink(missing_ok=True)
    twins.put(aside, file)
    aside.replace(path)


def _remove_others(path: Path, files: Files) -> None:
    for found in [found for found in path.rglob("*") if found.is_file()]:
        if found.relative_to(path).as_posix() not in files:
            found.unlink()
