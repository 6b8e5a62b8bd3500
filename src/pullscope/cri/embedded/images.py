"""The node's images: names, what they lead to, and which blobs they need. Names belong to this node, content may be shared.

A name leads to one image; pulling a moved tag takes the name away from the old image, which stays. An image's id is its
config's digest. How an image without tags is called, and more, is the runtime's whose rules are followed (`flavours.RULES`).
"""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from pullscope.cri.api import ContainerStatus, Image
from pullscope.cri.embedded.state import State
from pullscope.oci import platform, reference
from pullscope.oci.digest import Digest
from pullscope.oci.platform import Platform
from pullscope.oci.reference import InvalidReferenceError, Reference
from pullscope.pull import flavours, pins
from pullscope.pull.flavours import Flavour

_KIND = "image"
_ID = re.compile(r"(?:sha256:)?([0-9a-f]{3,64})")


@dataclass(frozen=True)
class ImageRecord:
    """An image on the node.

    `tags` maps names with a tag to the digest that the registry gave for them (of the index, where there is one), in the
    order of the pulls; `digests` are names with a digest, oldest first, of which it was pulled by those in `by_digest`.
    `archives` are the web archives in the layers of an image that is not unpacked, with their digests. `size` is that of
    the uncompressed layers, `packed` that of all documents and blobs as they were downloaded.
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
    packed: int = 0
    by_digest: tuple[str, ...] = ()

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
            return replace(self, digests=digests, by_digest=(*(n for n in self.by_digest if n != digest), digest))
        return replace(self.without(name), tags=(*self.without(name).tags, (str(name), str(root))), digests=digests)

    def without(self, name: Reference) -> "ImageRecord":
        """With the tag `name` taken away; the digest it led to stays."""
        return replace(self, tags=tuple((tag, root) for tag, root in self.tags if tag != str(name)))

    def repo_digests(self, flavour: Flavour) -> tuple[str, ...]:
        """The names with a digest that lead to it, in order."""
        if not flavours.RULES[flavour].names_by_tag:
            return tuple(sorted(self.digests))
        repositories = {tag.rpartition(":")[0] for tag, _ in self.tags} | {_split(name)[0] for name in self.by_digest}
        digests = {_split(name)[1] for name in self.digests}
        return tuple(sorted(f"{name}@{digest}" for name in repositories for digest in digests))

    def shown_id(self, flavour: Flavour) -> str:
        """Its id as the runtime writes it."""
        return flavours.RULES[flavour].id_prefix + self.id

    def names(self, flavour: Flavour) -> "Names":
        """How a container's status calls it, whatever name the pod has used.

        CRI-O takes the name that was given last and the first name with a digest; containerd the first of each.
        """
        tags = [tag for tag, _ in self.tags]
        given = [*reversed(tags), *reversed(self.by_digest)] if flavour == "cri-o" else sorted(tags)
        known_by = self.repo_digests(flavour)
        image_id = self.shown_id(flavour)
        return Names(next(iter(given), image_id), next(iter(known_by), image_id), image_id)

    def is_called(self, text: str) -> bool:
        """Whether that is its id, or how it begins."""
        found = _ID.fullmatch(text)
        return found is not None and self.id.startswith(found[1])

    def as_cri(self, flavour: Flavour, pinned: Sequence[str] = ()) -> Image:
        """As CRI shows it, given the patterns of `pinned` images. CRI-O calls what lost its names by the last one's repository, cut at its first colon."""
        digests = self.repo_digests(flavour)
        if not digests:
            repository, digest = _split(self.digests[-1])
            digests = (f"{repository.partition(':')[0]}@{digest}",)
        number = self.user.partition(":")[0]
        tags = tuple(sorted(tag for tag, _ in self.tags))
        return Image(
            self.shown_id(flavour),
            tags,
            digests,
            size=(self.packed if flavours.RULES[flavour].packed_size else 0) or self.size,
            username="" if number.isdecimal() else number,
            pinned=pins.is_pinned((*tags, *digests), pinned),
            executable=self.executable,
        )


class Names(NamedTuple):
    """CRI's fields of a container's status that name its image."""

    image: str
    image_ref: str
    image_id: str


class ImageStore:
    """All images of the node."""

    def __init__(self, state: State, flavour: Flavour = "cri-o") -> None:
        self._state = state
        self._flavour: Flavour = flavour
        self._images = {image.id: image for image in map(_decode, state.all(_KIND))}
        self._unnamed: dict[str, ImageRecord] = {}

    def __iter__(self) -> Iterator[ImageRecord]:
        return iter([*self._images.values()])

    def get(self, image_id: str) -> ImageRecord | None:
        """The image of that id, whatever stands before it."""
        return self._images.get(bare(image_id))

    def names(self, image: ImageRecord) -> Names:
        """How the status of a container calls its image."""
        return image.names(self._flavour)

    def renamed(self, status: ContainerStatus) -> ContainerStatus:
        """The status with the names that its image has by now, where the runtime tells those; the id when it has none."""
        if flavours.RULES[self._flavour].names_of_making:
            return status
        image = self.get(status.image_id)
        names = self.names(image) if image else Names(*3 * (status.image_id,))
        return replace(status, image=names.image, image_ref=names.image_ref)

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
        return next((known for known in self._images.values() if self._leads(known, name)), None)

    def register(self, image: ImageRecord, name: Reference, root: Digest) -> None:
        """The image is on the node and `name` leads to it from now on. Raises CriError (disk full): nothing changed."""
        known = self._images.get(image.id)
        merged = replace(image, tags=known.tags, digests=known.digests, by_digest=known.by_digest) if known else image
        changed = [merged.named(name, root)]
        if name.digest is None:
            others = (other for other in self if other.id != image.id and self._leads(other, name))
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
        """Those that were removed before and that no container uses any more (`used`: bare ids); they are forgotten."""
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

    def _leads(self, image: ImageRecord, name: Reference) -> bool:
        if name.digest is not None:
            return f"{name.name}@{name.digest}" in image.repo_digests(self._flavour)
        return str(name) in dict(image.tags)


def bare(image_id: str) -> str:
    """An id without what a runtime writes before it."""
    return image_id.removeprefix("sha256:")


def _split(name: str) -> tuple[str, str]:
    """Repository and digest."""
    repository, _, digest = name.rpartition("@")
    return repository, digest


def _decode(value: dict[str, Any]) -> ImageRecord:
    return ImageRecord(
        **{
            **value,
            "layers": tuple(value["layers"]),
            "digests": tuple(value["digests"]),
            "tags": tuple((tag, root) for tag, root in value["tags"]),
            "archives": tuple((path, digest) for path, digest in value["archives"]),
            "by_digest": tuple(value.get("by_digest", ())),
        }
    )
