"""Volumes as directories under the kubelet's root: made before containers start, refreshed at each sync, removed at the end.

emptyDir, configMap, secret, downwardAPI and projected exist; every other kind is refused by name. Files are replaced one by
one and atomically, where upstream swaps a symbolic link to a whole directory (which not every system lets users make).
"""

import contextlib
import shutil
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

from pullscope.node.projection import File, Files, Projector, VolumeError

_PROJECTED = frozenset({"configMap", "secret", "downwardAPI", "projected"})


def directory(root: Path, uid: str) -> Path:
    """Where the volumes of a pod are; each by its name below."""
    return root / "pods" / uid / "volumes"


async def mount(path: Path, volume: Mapping[str, Any], projector: Projector) -> None:
    """Make or refresh one volume of a pod's spec at `path`. Raises VolumeError, OSError."""
    kinds = volume.keys() - {"name"}
    if kinds & _PROJECTED:
        _write(path, await projector.files(volume))
    elif "emptyDir" in kinds or not kinds:
        _make(path)
    else:
        raise VolumeError(f"volume type {', '.join(sorted(kinds))} is not supported by this node")


def remove(root: Path, uid: str) -> None:
    """Remove all that the kubelet keeps of a pod, emptyDirs included. Not being there is not an error."""
    shutil.rmtree(root / "pods" / uid, ignore_errors=True)


def keep_only(root: Path, pods: Container[str]) -> None:
    """Remove all that the kubelet keeps of pods whose uids are not among `pods`."""
    for path in (root / "pods").glob("*"):
        if path.name not in pods:
            remove(root, path.name)


def _make(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True)


def _write(path: Path, files: Files) -> None:
    _make(path)
    for name, file in files.items():
        _replace(path / name, file)
    for found in [found for found in path.rglob("*") if found.is_file()]:
        if found.relative_to(path).as_posix() not in files:
            found.unlink()


def _replace(path: Path, file: File) -> None:
    """Written aside and renamed, so that a reader sees the old or the new content. Not synced: it can be made again."""
    with contextlib.suppress(FileNotFoundError):
        if path.read_bytes() == file.data:
            return
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"..{path.name}.new")
    aside.write_bytes(file.data)
    aside.chmod(file.mode)
    aside.replace(path)
