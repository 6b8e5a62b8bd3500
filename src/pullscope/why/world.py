"""The facts, made ready to be looked up: references read once, nodes' images by name, pods that share a reference. [pure]"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pullscope.oci import reference as references
from pullscope.oci.reference import InvalidReferenceError, Reference
from pullscope.openshift import names
from pullscope.pull.mirrors import Rules
from pullscope.why.facts import Container, Facts, Node, RegistryImage, Stream, StreamTag

T = TypeVar("T")


@dataclass(frozen=True)
class Held:
    """What a node has under a name: the digests that the image is listed with, the name's own repository first."""

    digests: tuple[str, ...]


@dataclass(frozen=True)
class StreamName:
    """`namespace/stream:tag`, and what is known of it: None for a stream or a tag that is not there."""

    namespace: str
    name: str
    tag: str
    stream: Stream | None
    item: StreamTag | None

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}:{self.tag}"


class World:
    """Facts with indexes. It is made once for a judgement and only grows caches."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.mirrors = Rules(facts.mirrors)
        self._once: dict[Hashable, Any] = {}
        self._references: dict[str, Reference | str] = {}
        self._streams = _by_repository(facts)
        self._siblings: dict[tuple[str, str], list[Container]] = {}
        for container in facts.containers:
            self._siblings.setdefault((container.namespace, written(container)), []).append(container)

    def read(self, text: str) -> Reference | str:
        """The reference with its default tag, or the grammar's sentence when it is none."""
        if text not in self._references:
            try:
                self._references[text] = references.parse(text).with_default_tag()
            except InvalidReferenceError as error:
                self._references[text] = str(error)
        return self._references[text]

    def reference(self, text: str) -> Reference | None:
        """The reference with its default tag, None when it is none."""
        found = self.read(text)
        return found if isinstance(found, Reference) else None

    def registry(self, reference: Reference | None) -> RegistryImage | None:
        """What the registry said of it, None when it was not asked."""
        return self.facts.registry.get(str(reference)) if reference else None

    def siblings(self, container: Container) -> Sequence[Container]:
        """The containers of the namespace that are made from the same written image, this one among them."""
        return self._siblings.get((container.namespace, written(container)), ())

    def node(self, name: str) -> Node | None:
        """The node, None where nodes may not be read."""
        return (self.facts.nodes or {}).get(name)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made once for the key: what many containers have in common is not looked for again in each."""
        if key not in self._once:
            self._once[key] = make()
        found: T = self._once[key]
        return found

    def held(self, node: str, reference: Reference | None) -> Held | None:
        """What that node lists under that name; None when it does not list it (see Node.complete) or cannot be read."""
        return self.holders(reference).get(node)

    def holders(self, reference: Reference | None) -> Mapping[str, Held]:
        """The nodes that list an image under that name, and what they have."""
        listed = self.once("holders", self._listed)
        return listed.get(_key(reference), {}) if reference else {}

    def _listed(self) -> Mapping[str, dict[str, Held]]:
        found: dict[str, dict[str, Held]] = {}
        for node in (self.facts.nodes or {}).values():
            for image in node.images:
                read = [name for name in (self.reference(text) for text in image.names) if name]
                others = [str(each.digest) for each in read if each.digest]
                for name in read:
                    own = [str(each.digest) for each in read if each.digest and each.name == name.name]
                    held = Held(tuple(dict.fromkeys((*own, *others))))
                    found.setdefault(_key(name), {}).setdefault(node.name, held)
        return found

    def stream_tag(self, name: str) -> StreamName | None:
        """The tag `namespace/stream:tag`; None when nothing is known of such a stream, not even that it is not there."""
        where, _, tag = name.partition(":")
        namespace, _, stream_name = where.partition("/")
        stream = self.facts.streams.get(where)
        if stream is None or not tag:
            return None
        items = {each.tag: each for each in stream.tags} if stream.exists else {}
        return StreamName(namespace, stream_name, tag, stream if stream.exists else None, items.get(tag))

    def stream_of(self, reference: Reference) -> StreamName | None:
        """The stream's tag that a name of the internal registry stands for."""
        stream = self.facts.streams.get(reference.repository)
        own = reference.registry == names.INTERNAL_REGISTRY or (stream and stream.repository == reference.name)
        return self.stream_tag(f"{reference.repository}:{reference.tag}") if own and reference.tag else None

    def histories(self, reference: Reference) -> Sequence[Stream]:
        """The streams of which a tag points, or pointed, into that repository."""
        return self._streams.get(reference.name, ())

    def looked_up(self, namespace: str, image: str) -> StreamName | None:
        """The stream's tag that admission puts in the place of a short name (`lookupPolicy.local`)."""
        reference = self.reference(image)
        short = image.partition("@")[0].partition(":")[0]
        if reference is None or reference.digest or "/" in short:
            return None
        found = self.stream_tag(f"{namespace}/{short}:{reference.tag}")
        return found if found and found.stream and found.stream.lookup_local else None


def _by_repository(facts: Facts) -> Mapping[str, list[Stream]]:
    found: dict[str, list[Stream]] = {}
    for stream in facts.streams.values():
        items = (item for tag in stream.tags for item in tag.items)
        places = {stream.repository, *(item.reference.partition("@")[0] for item in items)} - {""}
        for place in places:
            found.setdefault(place, []).append(stream)
    return found


def written(container: Container) -> str:
    """The image as people wrote it: the template's, or that of a pod without one."""
    return container.template.image if container.template else container.image


def _key(reference: Reference) -> str:
    return f"{reference.name}@{reference.digest}" if reference.digest else str(reference)
