"""Which images a pruning takes away, out of lists of everything that may use them: a decision, without acting on it.

First the histories of image streams lose what is old, beyond the revisions that are kept, and named by nobody (`usage`);
then the images go that no stream has any more. What deletes is `oc adm prune images`, a client: nothing prunes by itself.

Upstream: openshift/oc release 4.22 pkg/cli/admin/prune/imageprune/prune.go.
"""

import copy
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pullscope.kube import meta
from pullscope.oci import media
from pullscope.openshift import names, streams
from pullscope.openshift.streams import Item, Stream, TagName
from pullscope.openshift.usage import ImageName, Used

Image = dict[str, Any]
Images = Mapping[str, Image]
"""Images by their name, which is their digest."""

_WITH_CONFIG = (media.DOCKER_MANIFEST, media.OCI_MANIFEST)


@dataclass(frozen=True)
class Keep:
    """What stays whether it is used or not: what was made after `since`, the newest `revisions` of each tag, and unless
    `imported` also images that were not pushed to the internal registry.
    """

    since: datetime
    revisions: int = 3
    imported: bool = True

    def covers(self, created: str) -> bool:
        """Whether something made then is too young to go."""
        return meta.parse_time(created) > self.since


# ------------------------------------------------------------------------------------------------ streams


@dataclass(frozen=True)
class PrunedStream:
    """A stream with less in its status: how many `items` are gone, and what its repository need not show any more."""

    stream: Stream
    items: int
    layers: tuple[str, ...]
    manifests: tuple[str, ...]


def stream(found: Stream, images: Images, users: Used, keep: Keep) -> PrunedStream | None:
    """The stream as it shall be; None when all of it stays."""
    if keep.covers(found["metadata"]["creationTimestamp"]):
        return None
    going = {tag: _going(found, tag, images, users, keep) for tag in streams.tags(found)}
    if not any(going.values()):
        return None
    changed = copy.deepcopy(found)
    for entry in changed["status"]["tags"]:
        gone = going.get(entry["tag"]) or []
        entry["items"] = [item for item in entry.get("items") or () if item not in gone]
    changed["status"]["tags"] = [entry for entry in changed["status"]["tags"] if entry["items"]]
    left = Counter(_contents(changed, images))
    gone_images = [image for items in going.values() for item in items if (image := images.get(item["image"]))]
    layers = dict.fromkeys(blob for image in gone_images for blob in blobs(image) if not left[blob])
    manifests = dict.fromkeys(image["metadata"]["name"] for image in gone_images)
    return PrunedStream(
        changed, sum(map(len, going.values())), tuple(layers), tuple(each for each in manifests if not left[each])
    )


def _going(found: Stream, tag: str, images: Images, users: Used, keep: Keep) -> list[Item]:
    """What the tag's history loses."""
    namespace, name = found["metadata"]["namespace"], found["metadata"]["name"]
    gone = []
    for revision, item in enumerate(streams.history(found, tag)):
        tag_used = revision == 0 and TagName(namespace, name, tag) in users.tags
        if keep.covers(item["created"]) or tag_used:
            continue
        known = item["image"] in images
        if known and (revision < keep.revisions or ImageName(namespace, name, item["image"]) in users.images):
            continue
        gone.append(item)
    return gone


def _contents(found: Stream, images: Images) -> Iterator[str]:
    """The digests of everything that the stream's histories have: manifests and blobs."""
    for tag in streams.tags(found):
        for item in streams.history(found, tag):
            if image := images.get(item["image"]):
                yield item["image"]
                yield from blobs(image)


def blobs(image: Image) -> list[str]:
    """The digests of an image's layers and of its config."""
    layers = [layer["name"] for layer in image.get("dockerImageLayers") or ()]
    config = (image.get("dockerImageMetadata") or {}).get("Id", "")
    has_config = config and image.get("dockerImageManifestMediaType") in _WITH_CONFIG
    return [*layers, config] if has_config else layers


# ------------------------------------------------------------------------------------------------ images


@dataclass(frozen=True)
class PrunedImage:
    """An image that goes, and those of its blobs (the manifest the last of them) that no other image has."""

    name: str
    blobs: tuple[str, ...]


def unneeded(images: Images, kept: Iterable[Stream], keep: Keep) -> list[PrunedImage]:
    """The images that none of the streams `kept` has, as one of an index neither."""
    needed = {item["image"] for each in kept for tag in streams.tags(each) for item in streams.history(each, tag)}
    for name in [*needed]:
        parts = (images.get(name) or {}).get("dockerImageManifests") or ()
        needed |= {part["digest"] for part in parts}
    going = [image for name, image in sorted(images.items()) if name not in needed and _may_go(image, keep)]
    left = Counter(blob for image in images.values() for blob in (*blobs(image), image["metadata"]["name"]))
    return [_pruned(image, left) for image in going]


def _may_go(image: Image, keep: Keep) -> bool:
    metadata = image["metadata"]
    managed = (metadata.get("annotations") or {}).get(names.MANAGED_IMAGE) == "true"
    return (managed or keep.imported) and not keep.covers(metadata["creationTimestamp"])


def _pruned(image: Image, left: Counter[str]) -> PrunedImage:
    """Counts the image's blobs out of `left`."""
    name, gone = image["metadata"]["name"], []
    for blob in (*blobs(image), name):
        left[blob] -= 1
        if left[blob] == 0:
            gone.append(blob)
    return PrunedImage(name, tuple(gone))
