"""The nodes of a lab: their networks and roles, and the content that they share.

Every node has image names and pulled records of its own, so a pod that moves meets another cache. The blobs behind the
names are stored once; what no node needs any more is deleted.
"""

import ipaddress
from collections.abc import Collection
from typing import Protocol

from pullscope.content.api import BlobStore
from pullscope.cri.embedded.sandboxes import NETWORK
from pullscope.lab import names
from pullscope.oci.digest import Digest

_NETWORKS = tuple(NETWORK.subnets(names.MOST_NODES.bit_length() - 1))

_ROLES_OF_FIRST = ("control-plane", "master", "worker")
_ROLES_OF_OTHERS = ("worker",)


def network(index: int) -> ipaddress.IPv4Network:
    """Where the pods of the node of that index (from 0) have their addresses: 16,384, where OpenShift has 512."""
    return _NETWORKS[index]


def role_labels(index: int) -> dict[str, str]:
    """The first node is control plane and worker, as on crc; the others work."""
    roles = _ROLES_OF_FIRST if index == 0 else _ROLES_OF_OTHERS
    return {f"node-role.kubernetes.io/{role}": "" for role in roles}


class ContentUser(Protocol):
    """A node's runtime, as far as it bears on what may be deleted."""

    @property
    def pulling(self) -> bool:
        """Whether a pull is under way: it may count on blobs that no image needs."""

    def blobs(self) -> set[Digest]:
        """The blobs that the node's images need."""


class SharedContent:
    """One blob store below several runtimes. Each gets `release` as its own, and then `join`s."""

    def __init__(self, blobs: BlobStore) -> None:
        self.blobs = blobs
        self._runtimes: list[ContentUser] = []
        self._unneeded: set[Digest] = set()

    def join(self, runtime: ContentUser) -> None:
        """From now on the blobs of this runtime's images are kept."""
        self._runtimes.append(runtime)

    def release(self, digests: Collection[Digest]) -> None:
        """Delete the blobs that no node needs. A pull under way may count on any of them: then at its end."""
        self._unneeded.update(digests)
        if any(runtime.pulling for runtime in self._runtimes):
            return
        unneeded, self._unneeded = self._unneeded, set()
        for digest in unneeded.difference(*(runtime.blobs() for runtime in self._runtimes)):
            self.blobs.delete(digest)

    def sweep(self) -> None:
        """Delete what an earlier process had no time to. For the start, when all have joined."""
        self.release([*self.blobs.digests()])
