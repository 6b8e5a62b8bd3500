"""Volumes as directories under the kubelet's root: made before containers start, refreshed at each sync, removed at the end.

emptyDir, configMap, secret, downwardAPI and projected exist, and hostPath as far as `hostpaths` says; every other kind is
refused by name. Files are replaced one by
one and atomically, where upstream swaps a symbolic link to a whole directory (which not every system lets users make).
"""

import contextlib
import shutil
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

from pullscope.node import hostpaths
from pullscope.node.projection import File, Files, Projector, VolumeError

Mark = int
"""Stands for the content of a volume: the same for the same files."""

_PROJECTED = frozenset({"configMap", "secret", "downwardAPI", "projected"})


def directory(root: Path, uid: str) -> Path:
    """Where the volumes of a pod are, each by its name below; nothing else is there (directories are what a start waits for)."""
    return root / "pods" / uid


async def mount(
    path: Path, volume: Mapping[str, Any], projector: Projector, made: Mark | None = None, *, host: bool = False
) -> Mark:
    """Make or refresh one volume of a pod's spec at `path`. Raises VolumeError, OSError.

    Returns a mark of what it holds. Given the mark of the last time as `made`, nothing is done when it would hold the same.
    `host`: pods may see the node's root, which needs no directory of its own.
    """
    kinds = volume.keys() - {"name"}
    if "hostPath" in kinds:
        hostpaths.check(volume["hostPath"], served=host)
        return hash(())
    files: Files = {}
    if kinds & _PROJECTED:
        files = await projector.files(volume)
    elif "emptyDir" not in kinds and kinds:
        raise VolumeError(f"volume type {', '.join(sorted(kinds))} is not supported by this node")
    mark = hash(tuple(files.items()))
    if mark != made:
        new = _make(path)
        if kinds & _PROJECTED:
            _write(path, files, new=new)
    return mark


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


def _write(path: Path, files: Files, *, new: bool) -> None:
    """What is in a new directory nobody reads yet; elsewhere a reader sees the old or the new content of a file."""
    for name, file in files.items():
        if "/" in name:
            (path / name).parent.mkdir(parents=True, exist_ok=True)
        if new:
            _put(path / name, file)
        else:
            _replace(path / name, file)
    if not new:
        _remove_others(path, files)


def _put(path: Path, file: File) -> None:
    """Not synced: it can be made again."""
    path.write_bytes(file.data)
    path.chmod(file.mode)


def _replace(path: Path, file: File) -> None:
    with contextlib.suppress(FileNotFoundError):
        if path.read_bytes() == file.data:
            return
    aside = path.with_name(f"..{path.name}.new")
    _put(aside, file)
    aside.replace(path)


def _remove_others(path: Path, files: Files) -> None:
    for found in [found for found in path.rglob("*") if found.is_file()]:
        if found.relative_to(path).as_posix() not in files:
            found.unlink()
