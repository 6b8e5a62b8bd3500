"""Is it the same image? A status names one by the digest of an index, of a manifest or of a config, under any name. [pure]

Upstream: a status's imageID is the runtime's ImageRef (kubelet_pods.go, Kubernetes v1.36). CRI-O gives the first of the
image's RepoDigests when the container was made, or the image's id; containerd the index's digest of an image for several
platforms, under whichever repository it has it first, or the config's digest once no name leads to it (also for an image
that was loaded and never pulled); dockershim and cri-dockerd write `docker-pullable://` or `docker://` before that.
"""

import functools
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from pullscope.oci import reference as references
from pullscope.oci.digest import Digest, DigestError
from pullscope.oci.reference import InvalidReferenceError
from pullscope.why.facts import Node, RegistryImage

Answer = Literal["same", "different", "cannot tell"]
Registry = Mapping[str, RegistryImage]

_IMPORT = re.compile(r"docker\.io/library/import-\d{4}-\d{2}-\d{2}")
_BARE = re.compile(r"[a-f0-9]{64}")


@dataclass(frozen=True)
class Running:
    """What an imageID says: a digest, and the repository that it was given with; without one it is a config's digest."""

    digest: str
    name: str = ""

    @property
    def loaded(self) -> bool:
        """Whether it came from an archive: without a repository, or under the name that containerd gives an import."""
        return not self.name or bool(_IMPORT.fullmatch(self.name))

    def __str__(self) -> str:
        return f"{self.name}@{self.digest}" if self.name else self.digest


@functools.lru_cache(maxsize=4096)  # many pods run the same
def read(image_id: str) -> Running | None:
    """The imageID of a status in any runtime's form; None when it says nothing that can be compared."""
    text = image_id.removeprefix("docker-pullable://").removeprefix("docker://")
    name, _, digest = text.rpartition("@")
    if not name and _BARE.fullmatch(text):
        digest = f"sha256:{text}"
    try:
        return Running(str(Digest.parse(digest)), references.parse(name).name if name else "")
    except (DigestError, InvalidReferenceError):
        return None


def platform(node: Node | None) -> str:
    """The node's platform as an index writes it, empty where it is not known."""
    return f"{node.os}/{node.architecture}" if node and node.os and node.architecture else ""


def digests(image: RegistryImage) -> frozenset[str]:
    """All digests that are this image's own: its own, its entries', its config's."""
    return frozenset({image.digest, image.config, *image.manifests.values()} - {""})


def known(image: RegistryImage) -> bool:
    """Whether more than its digest was read: an index's entries, or a manifest's config."""
    return bool(image.manifests or image.config)


def compare(running: Running, names: Collection[str], wanted: RegistryImage, registry: Registry, on: str) -> Answer:
    """Whether what runs is what a reference means now, on a node of platform `on` (empty: unknown).

    `names` are the repositories that the image may come from. Under another one it may be the same image in another packing,
    which has another digest: so it is when it was loaded from an archive (containerd: `docker.io/library/import-2026-11-21`).
    """
    if wanted.status != "found":
        return "cannot tell"
    if running.digest in digests(wanted):
        return "same"
    if not running.name:
        return _by_config(running, names, wanted, registry, on)
    mine = registry.get(str(running))
    if mine and mine.status == "found" and known(mine):
        return _by_content(mine, wanted, on)
    return "different" if known(wanted) and running.name in names else "cannot tell"


def manifest(running: Running, wanted: RegistryImage, registry: Registry, on: str) -> str | None:
    """The digest of the manifest that it comes to on a platform, whichever of its digests was told; None where nobody read it.

    `wanted` is what the reference means, which may be it.
    """
    if running.digest in wanted.manifests.values():
        return running.digest
    image = wanted if running.digest == wanted.digest else registry.get(str(running))
    if image is None or image.status != "found" or not known(image):
        return None
    entries = _entries(image, on)
    return next(iter(entries)) if len(entries) == 1 else None


def _by_config(running: Running, names: Collection[str], wanted: RegistryImage, registry: Registry, on: str) -> Answer:
    """A config's digest is compared with those of the manifests that the reference may mean on this node."""
    if not wanted.manifests:
        return "different" if wanted.config else "cannot tell"
    entries = [digest for key, digest in wanted.manifests.items() if not on or fits(key, on)]
    configs = [_config(digest, names, registry) for digest in entries]
    if running.digest in configs:
        return "same"
    return "different" if configs and all(configs) else "cannot tell"


def _config(digest: str, names: Collection[str], registry: Registry) -> str:
    """The config's digest of a manifest, in whichever repository it was asked for; empty where it was not."""
    found = (registry.get(f"{name}@{digest}") for name in names)
    return next((image.config for image in found if image and image.config), "")


def _by_content(running: RegistryImage, wanted: RegistryImage, on: str) -> Answer:
    """Two digests that differ may lead to one manifest (an index made anew), or to one config (packed otherwise)."""
    if wanted.digest in running.manifests.values():
        return "same"  # the tag was narrowed to one of the index's platforms, as an import does
    if not running.manifests and not wanted.manifests:
        return "same" if running.config and running.config == wanted.config else "different"
    mine, theirs = _entries(running, on), _entries(wanted, on)
    if mine == theirs and mine:
        return "same"
    return "cannot tell" if not on and mine & theirs else "different"


def _entries(image: RegistryImage, on: str) -> frozenset[str]:
    if not image.manifests:
        return frozenset({image.digest})
    return frozenset(digest for key, digest in image.manifests.items() if not on or fits(key, on))


def fits(entry: str, on: str) -> bool:
    """An entry's platform may have a variant, which a node does not tell: `linux/arm64/v8`."""
    return entry == on or entry.startswith(f"{on}/")
