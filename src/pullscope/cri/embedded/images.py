"""The node's images: names, what they lead to, and which blobs they need. Names belong to this node, content may be shared.

Follows CRI-O (containers/storage): a name leads to one image; pulling a moved tag takes the name away from the old image,
which stays, known by its digests only. An image's id is its config's digest.
"""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pullscope.cri.api import Image
from pullscope.cri.embedded.state import State
from pullscope.oci import platform, reference
from pullscope.oci.digest import Digest
from pullscope.oci.platform import Platform
from pullscope.oci.reference import InvalidReferenceError, Reference

_KIND = "image"
_ID = re.compile(r"(?:sha256:)?([0-9a-f]{3,64})")


@dataclass(frozen=True)
class ImageRecord:
    """An image on the node.

    `tags` maps names with a tag to the digest that the registry gave for them (of the index, where there is one), in the
    order of the pulls; `digests` are names with a digest, oldest first. `archives` are the web archives in the layers of an
    image that is not unpacked, with their digests. `size` is that of the uncompressed layers, as CRI-O counts.
    """

    id: str
    config: str
    manifest: str
    layers: tuple[str, ...]
    platform: str
    size: int = 0
    user: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    digests: tuple[str, ...] = ()
    archives: tuple[tuple[str, str], ...] = ()

    @property
    def executable(self) -> bool:
        """Whether this runtime can execute it; else its containers are held."""
        return Platform.parse(self.platform).normalised() == platform.WASI

    @property
    def blobs(self) -> set[Digest]:
        """The blobs that a pull of this image brings."""
        roots = [digest for _, digest in self.tags] + [name.rpartition("@")[2] for name in self.digests]
        return {Digest.parse(text) for text in (self.config, self.manifest, *self.layers, *roots)}

    def named(self, name: Reference, root: Digest) -> "ImageRecord":
        """With `name` leading to it, for which the registry gave the digest `root`."""
        digest = str(name.with_digest(root))
        digests = (*(known for known in self.digests if known != digest), digest)
        if name.digest is not None:
            return replace(self, digests=digests)
        return replace(self.without(name), tags=(*self.without(name).tags, (str(name), str(root))), digests=digests)

    def without(self, name: Reference) -> "ImageRecord":
        """With the tag `name` taken away; the digest it led to stays."""
        return replace(self, tags=tuple((tag, root) for tag, root in self.tags if tag != str(name)))

    def image_ref(self, image: str) -> str:
        """CRI's image_ref for a container whose spec says `image`: `repository@digest`.

        Of several names the one that the spec uses, else the first; CRI-O always takes the first.
        """
        try:
            wanted = reference.parse(image).with_default_tag()
        except InvalidReferenceError:  # an id: every name is as good
            return self.digests[0]
        root = dict(self.tags).get(str(wanted))
        if root is not None:
            return str(wanted.with_digest(Digest.parse(root)))
        return next((name for name in self.digests if name.startswith(f"{wanted.name}@")), self.digests[0])

    def is_called(self, text: str) -> bool:
        """Whether that is its id, or how it begins."""
        found = _ID.fullmatch(text)
        return found is not None and self.id.startswith(found[1])

    def as_cri(self) -> Image:
        """As CRI shows it."""
        tags = tuple(tag for tag, _ in self.tags)
        number = self.user.partition(":")[0]
        username = "" if number.isdecimal() else number
        return Image(self.id, tags, self.digests, size=self.size, username=username, executable=self.executable)


class ImageStore:
    """All images of the node."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._images = {image.id: image for image in map(_decode, state.all(_KIND))}
        self._unnamed: dict[str, ImageRecord] = {}

    def __iter__(self) -> Iterator[ImageRecord]:
        return iter([*self._images.values()])

    def get(self, image_id: str) -> ImageRecord | None:
        """The image of that id (bare hex)."""
        return self._images.get(image_id)

    def content(self, image_id: str) -> ImageRecord | None:
        """The image of that id, also one that was removed while a container used it: its content is there."""
        return self._images.get(image_id) or self._unnamed.get(image_id)

    def find(self, image: str) -> ImageRecord | None:
        """The image that a name, an id or the unambiguous beginning of an id leads to."""
        matching = [known for known in self._images.values() if known.is_called(image)]
        if len(matching) == 1:
            return matching[0]
        try:
            name = reference.parse(image).with_default_tag()
        except InvalidReferenceError:
            return None
        return next((known for known in self._images.values() if _leads(known, name)), None)

    def register(self, image: ImageRecord, name: Reference, root: Digest) -> None:
        """The image is on the node and `name` leads to it from now on. Raises CriError (disk full): nothing changed."""
        known = self._images.get(image.id)
        merged = replace(image, tags=known.tags, digests=known.digests) if known else image
        changed = [merged.named(name, root)]
        if name.digest is None:
            others = (other for other in self if other.id != image.id and _leads(other, name))
            changed += [other.without(name) for other in others]
        self._state.put(_KIND, {record.id: record for record in changed})
        self._images.update({record.id: record for record in changed})
        self._unnamed.pop(image.id, None)

    def remove(self, image: ImageRecord, *, used: bool = False) -> None:
        """Forget the image with all its names; of one that is `used` the content stays, until `unused` is told."""
        self._state.delete(_KIND, image.id)
        del self._images[image.id]
        if used:
            self._unnamed[image.id] = image

    @property
    def any_unnamed(self) -> bool:
        """Whether there are images that were removed while they were used."""
        return bool(self._unnamed)

    def unused(self, used: Container[str]) -> list[ImageRecord]:
        """Those that were removed before and that no container uses any more (`used`: ids of images); they are forgotten."""
        gone = [image for image_id, image in self._unnamed.items() if image_id not in used]
        for image in gone:
            del self._unnamed[image.id]
        return gone

    def blobs(self, images: Iterable[ImageRecord] | None = None) -> set[Digest]:
        """The blobs that these images (all, by default) need."""
        return {
            digest
            for image in ((*self, *self._unnamed.values()) if images is None else images)
            for digest in image.blobs
        }


def _leads(image: ImageRecord, name: Reference) -> bool:
    if name.digest is not None:
        return f"{name.name}@{name.digest}" in image.digests
    return str(name) in dict(image.tags)


def _decode(value: dict[str, Any]) -> ImageRecord:
    return ImageRecord(
        **{
            **value,
            "layers": tuple(value["layers"]),
            "digests": tuple(value["digests"]),
            "tags": tuple((tag, root) for tag, root in value["tags"]),
            "archives": tuple((path, digest) for path, digest in value["archives"]),
        }
    )
