"""Volumes of type hostPath: of the node's file system there is its root, which the lab makes up (`NodeOptions.host_root`).

It is shown read-only, with the logs of the node's pods where a node has them. Upstream: pkg/volume/hostpath/host_path.go,
Kubernetes v1.36, whose words the refused types have.
"""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pullscope.cri.api import Mount
from pullscope.node.projection import VolumeError

LOGS = "var/log/pods"
"""Where a node keeps the logs of its pods, below its root."""

_OTHERS = {
    "File": "a file",
    "FileOrCreate": "a file",
    "Socket": "a socket file",
    "CharDevice": "a character device",
    "BlockDevice": "a block device",
}


@dataclass(frozen=True)
class Host:
    """What pods see of the node: the directory that stands for its root, and that of all logs."""

    root: Path
    logs: Path


def check(source: Mapping[str, Any], *, served: bool) -> None:
    """Whether pods may see that path; `served`: the node has a root to show. Raises VolumeError."""
    path = str(source["path"])
    if not served or posixpath.normpath(path) not in ("/", "//"):
        raise VolumeError(f"hostPath {path} is not supported by this node")
    other = _OTHERS.get(source.get("type") or "")
    if other:
        raise VolumeError(f"hostPath type check failed: {path} is not {other}")


def mounts(path: str, host: Host) -> tuple[Mount, ...]:
    """The node's root at `path` of a container."""
    return (
        Mount(path, str(host.root), readonly=True),
        Mount(posixpath.join(path, LOGS), str(host.logs), readonly=True),
    )
