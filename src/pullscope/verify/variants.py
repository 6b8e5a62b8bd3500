"""The images of a case: the probe with `node.war` or with `registry.war`, with digests that no other case has.

The label makes them differ, so that deleting one case's manifest never takes another's away. The layers are the same, so
that a registry stores and a node downloads them once.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from pullscope.content import api as content
from pullscope.content.api import BlobStore
from pullscope.content.memory import MemoryStore
from pullscope.images import probe
from pullscope.oci import documents
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor, Index
from pullscope.verify.case import Case, Source
from pullscope.verify.evidence import Variant

LABEL = "pullscope.dev/image"
"""What every image of a run is labelled with."""


@dataclass(frozen=True)
class Image:
    """A variant, where its blobs are and what to push."""

    variant: Variant
    store: BlobStore
    root: Descriptor


@functools.cache
def common() -> Mapping[Digest, bytes]:
    """The layers of all images of all runs."""
    store = MemoryStore()
    roots = (probe.variant(store, f"{source}.war") for source in get_args(Source))
    return {digest: content.get(store, digest) for root in roots for digest in _layers(store, root)}


def _layers(store: BlobStore, root: Descriptor) -> list[Digest]:
    document = documents.parse(content.get(store, root.digest), root.media_type)
    if isinstance(document, Index):
        return [digest for entry in document.manifests for digest in _layers(store, entry)]
    return [layer.digest for layer in document.layers]


class Images:
    """Makes the images of one run."""

    def __init__(self, run: str) -> None:
        self._run = run
        self._store = MemoryStore()

    def make(self, case: Case, source: Source) -> Image:
        """The image that the case has on its node or in its registry."""
        return self.named(case.id, source)

    def named(self, name: str, source: Source) -> Image:
        """An image for something else than a case."""
        war = f"{source}.war"
        root = probe.variant(self._store, war, {LABEL: f"{self._run}-{name}-{source}"})
        digests = frozenset(_digests(self._store, root))
        return Image(Variant(source, war, str(root.digest), digests), self._store, root)


def _digests(store: BlobStore, root: Descriptor) -> list[str]:
    """All that a runtime may call the image: index, manifests, configs (containerd 1.6 and CRI-O name different ones)."""
    document = documents.parse(content.get(store, root.digest), root.media_type)
    if not isinstance(document, Index):
        return [str(root.digest), str(document.config.digest)]
    return [str(root.digest), *(digest for entry in document.manifests for digest in _digests(store, entry))]
