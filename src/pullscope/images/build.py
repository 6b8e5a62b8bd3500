"""Put images together in a blob store: configs, manifests, indexes, and layers on top of an image that is there.

Every function stores its documents and returns the descriptor of the outermost one. The same input gives the same
digests: creation times are 1970, keys are sorted. What is not understood in a base image's config is kept as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from pullscope.base.errors import PullscopeError
from pullscope.content import api as content
from pullscope.content.api import BlobStore
from pullscope.images.layers import Layer
from pullscope.oci import documents, media
from pullscope.oci.documents import Descriptor, Index, Manifest
from pullscope.oci.platform import Platform

EPOCH = "1970-01-01T00:00:00Z"

Change = Callable[[dict[str, Any]], dict[str, Any]]
"""From a config's `config` object to what it shall be."""


def image(store: BlobStore, platform: Platform, run: Mapping[str, Any], layers: Sequence[Layer]) -> Descriptor:
    """An image for one platform. `run` is the config's `config` object (Entrypoint, Env, Labels …)."""
    config = {
        **platform.as_json(),
        "created": EPOCH,
        "config": dict(run),
        "rootfs": {"type": "layers", "diff_ids": [str(layer.diff_id) for layer in layers]},
        "history": [_history() for _ in layers],
    }
    manifest = Manifest.of(_put_config(store, config, media.OCI_CONFIG), [layer.descriptor for layer in layers])
    content.put(store, manifest.raw)
    return _with_platform(manifest.descriptor, platform)


def index(store: BlobStore, manifests: Sequence[Descriptor]) -> Descriptor:
    """An index over images for several platforms; their descriptors carry the platform."""
    made = Index.of(manifests)
    content.put(store, made.raw)
    return made.descriptor


def images_of(document: Index) -> list[Descriptor]:
    """The entries that are images for a platform: signatures and attestations say `unknown`, or nothing."""
    return [entry for entry in document.manifests if entry.platform is not None and entry.platform.os != "unknown"]


def first_config(store: BlobStore, root: Descriptor) -> dict[str, Any]:
    """The `config` object of the image `root`, or of the first one of an index. Raises PullscopeError."""
    document = documents.parse(content.get(store, root.digest), root.media_type)
    if isinstance(document, Index):
        entries = images_of(document)
        if not entries:
            raise PullscopeError("the base image's index names no platform")
        return first_config(store, entries[0])
    config = orjson.loads(content.get(store, document.config.digest))
    return dict(config.get("config") or {})


def labelled(labels: Mapping[str, str]) -> Change:
    """A change that adds labels."""
    return lambda run: run | {"Labels": {**(run.get("Labels") or {}), **labels}}


def extend(
    store: BlobStore, base: Descriptor, added: Sequence[Layer], change: Change = lambda run: run, created: str = ""
) -> Descriptor:
    """The image or index `base`, which must be in the store, with layers on top and each config's `config` changed.

    `created` is when, in place of the base's time; without it the same input gives the same digest.
    Of an index, entries that are no images for a platform (signatures, attestations) are left out: they speak of the
    old digests. Raises PullscopeError when `base` is not an image.
    """
    document = documents.parse(content.get(store, base.digest), base.media_type)
    if isinstance(document, Manifest):
        return _extend_manifest(store, document, added, change, created)
    entries = images_of(document)
    if not entries:
        raise PullscopeError("the base image's index names no platform")
    extended = [_with_platform(extend(store, entry, added, change, created), entry.platform) for entry in entries]
    made = Index.of(extended, media_type=document.media_type, annotations=document.annotations)
    content.put(store, made.raw)
    return made.descriptor


def _extend_manifest(
    store: BlobStore, base: Manifest, added: Sequence[Layer], change: Change, created: str
) -> Descriptor:
    raw = content.get(store, base.config.digest)
    documents.ImageConfig.parse(raw, base.config.media_type)  # refuses what is no image, such as an artifact
    config = orjson.loads(raw)
    config["config"] = change(config.get("config") or {})
    config["rootfs"]["diff_ids"] = [*(config["rootfs"]["diff_ids"] or []), *(str(layer.diff_id) for layer in added)]
    config["history"] = [*(config.get("history") or []), *(_history(created or EPOCH) for _ in added)]
    if created:
        config["created"] = created
    descriptor = _put_config(store, config, base.config.media_type)
    tops = [layer.descriptor for layer in added]
    if base.media_type == media.DOCKER_MANIFEST:  # docker's manifests name docker's layers
        tops = [Descriptor(media.DOCKER_LAYER_GZIP, top.digest, top.size) for top in tops]
    made = Manifest.of(descriptor, [*base.layers, *tops], media_type=base.media_type, annotations=base.annotations)
    content.put(store, made.raw)
    return made.descriptor


def _put_config(store: BlobStore, config: Mapping[str, Any], media_type: str) -> Descriptor:
    raw = orjson.dumps(config, option=orjson.OPT_SORT_KEYS)
    content.put(store, raw)
    return Descriptor.of(media_type, raw)


def _history(created: str = EPOCH) -> dict[str, str]:
    return {"created": created, "created_by": "pullscope"}


def _with_platform(descriptor: Descriptor, platform: Platform | None) -> Descriptor:
    return Descriptor(descriptor.media_type, descriptor.digest, descriptor.size, platform=platform)
