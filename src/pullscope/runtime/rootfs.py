"""A container's root as its programs see it: the image's tree, read-only, and volumes mounted over it.

Programs in the sandbox are held inside by wasmtime. Everything else of ours that opens a container's path for it (the
program to start, the toolbox) asks `Root.find`, which follows links inside the container and never out of it.
"""

import errno
import os
from dataclasses import dataclass
from pathlib import Path

_LINKS = 40  # as Linux: more in one path is a loop


@dataclass(frozen=True)
class Volume:
    """A host directory shown at `path`, an absolute path in the container without links, `.` or `..`."""

    path: str
    host: Path
    readonly: bool = False


@dataclass(frozen=True)
class Found:
    """Where a container's path leads: `path` without links, and the host's file. It need not exist."""

    path: str
    host: Path
    readonly: bool


@dataclass(frozen=True)
class Root:
    """A tree and its volumes."""

    tree: Path
    volumes: tuple[Volume, ...] = ()

    def find(self, path: str, directory: str = "/") -> Found:
        """Follow `path`, relative ones from `directory`. Raises OSError (a loop of links, a name that cannot be)."""
        left = [*reversed(_parts(path))]
        if not path.startswith("/"):
            left += reversed(_parts(directory))
        real: list[str] = []
        links = 0
        while left:
            part = left.pop()
            if part == "..":
                real = real[:-1]
                continue
            target = self._link([*real, part])
            if target is None:
                real.append(part)
                continue
            links += 1
            if links > _LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            left += reversed(_parts(target))
            real = [] if target.startswith("/") else real
        return self._found(real)

    def entry(self, directory: Found, name: str) -> Found:
        """A file of a directory that was found, links not followed."""
        return self._found([*_parts(directory.path), name])

    def names(self, directory: Found) -> list[str]:
        """What is in a directory that was found, volumes mounted in it included. Raises OSError."""
        inside = f"{directory.path.rstrip('/')}/"
        mounted = {volume.path.removeprefix(inside) for volume in self.volumes if volume.path.startswith(inside)}
        return sorted({name for name in mounted if "/" not in name}.union(os.listdir(directory.host)))  # noqa: PTH208 (names)

    def _link(self, parts: list[str]) -> str | None:
        """What the symbolic link at `parts` says; None when there is none."""
        found = self._found(parts)
        if any(volume.path == found.path for volume in self.volumes):
            return None
        try:
            return os.readlink(found.host)  # noqa: PTH115 (the text as it is, not a path of this system)
        except (OSError, ValueError):  # not a link, not there, or a name that cannot be
            return None

    def _found(self, parts: list[str]) -> Found:
        path = "/" + "/".join(parts)
        within = [volume for volume in self.volumes if path == volume.path or path.startswith(f"{volume.path}/")]
        volume = max(within, key=lambda volume: len(volume.path), default=None)
        if volume is None:
            return Found(path, self.tree.joinpath(*parts), readonly=True)
        below = parts[len(_parts(volume.path)) :]
        return Found(path, volume.host.joinpath(*below), readonly=volume.readonly)


def _parts(path: str) -> list[str]:
    """The names in a path. Raises OSError for one that would mean something else to this system than to the container."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if "\0" in path or (os.name == "nt" and any(character in path for character in '\\:*?"<>|')):
        raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    return parts
