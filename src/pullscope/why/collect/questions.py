"""Which references a registry is to be asked about, and for whose sake. [pure]"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pullscope.oci import reference as references
from pullscope.oci.reference import InvalidReferenceError, Reference
from pullscope.pull.mirrors import Rules
from pullscope.why import identity
from pullscope.why.collect import imagestreams
from pullscope.why.collect.imagestreams import Followed
from pullscope.why.facts import Container, Node, Stream
from pullscope.why.identity import Running


@dataclass
class Question:
    """One reference. `running` is what runs under it, `held` the digests that nodes and streams have for it, `platforms` theirs.

    `pullers`: for whom it is asked, by namespace and the names of the pull secrets that are offered there.
    """

    name: Reference
    running: set[Running] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    platforms: set[str] = field(default_factory=set)
    pullers: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)

    def differs(self, digest: str) -> bool:
        """Whether anybody has something else under that name; or nobody has it, and platforms may be why."""
        if not self.running and not self.held:
            return True
        return any(each.digest != digest for each in self.running) or any(each != digest for each in self.held)


Questions = dict[str, Question]
"""By the normalised reference, which is the answer's key in `Facts.registry`."""


def of(containers: Iterable[Container], nodes: Mapping[str, Node] | None, looked_up: Collection[str]) -> Questions:
    """The references of these containers; a tag that stands beside a digest is asked for alone as well.

    `looked_up` are the tags (`namespace/stream:tag`) that admission puts in the place of short names: no registry is asked
    about such a name. What is no reference is not asked about.
    """
    found: Questions = {}
    platforms = {name: identity.platform(node) for name, node in (nodes or {}).items()}
    for asker in dict.fromkeys(_Asker.of(each, platforms.get(each.node, "")) for each in containers):
        running = identity.read(asker.image_id) if asker.image_id else None
        for image in asker.images:
            name = _read(image)
            if name is None or _tag(asker.puller[0], image, name) in looked_up:
                continue
            for asked in _with_tag(name):
                question = found.setdefault(str(asked), Question(asked))
                question.pullers.add(asker.puller)
                question.platforms |= {asker.platform} - {""}
                if running and image == asker.images[0]:
                    question.running.add(running)
                elif running:
                    question.held.add(running.digest)
    _add_held(found, nodes)
    return found


class _Asker(NamedTuple):
    """What of a container bears on its questions: thousands of them are alike. `images` begins with the pod's own."""

    images: tuple[str, ...]
    image_id: str
    platform: str
    puller: tuple[str, tuple[str, ...]]

    @classmethod
    def of(cls, container: Container, platform: str) -> "_Asker":
        images = tuple(dict.fromkeys(imagestreams.images(container)))
        return cls(images, container.image_id, platform, (container.namespace, container.pull_secrets))


def add_followed(questions: Questions, followed: Mapping[str, Followed]) -> None:
    """Ask about what stream tags follow. What they point to is somebody's copy of it, as a node's is."""
    for image, by in followed.items():
        name = _read(image)
        if name is not None:
            question = questions.setdefault(str(name), Question(name))
            question.held |= by.digests
            question.pullers.update((namespace, ()) for namespace in by.namespaces)


def add_pointed(questions: Questions, containers: Iterable[Container], streams: Mapping[str, Stream]) -> None:
    """Ask more where something else runs than a stream's tag points to: it may be the same image.

    An import keeps an index, or the one manifest of it that is for the server's platform.
    """
    tags = {f"{where}:{tag.tag}": tag for where, stream in streams.items() for tag in stream.tags if tag.items}
    for each in containers:
        running = identity.read(each.image_id)
        for name in {each.trigger, *(_stream_tag(each.namespace, image) for image in imagestreams.images(each))}:
            newest = tags[name].items[0] if name in tags else None
            pointed = _read(newest.reference) if newest else None
            if newest is None or pointed is None or running is None or newest.image == running.digest:
                continue
            question = questions.setdefault(str(pointed), Question(pointed))
            question.pullers.add((each.namespace, each.pull_secrets))
            question.held.add(running.digest)
            own = _read(each.image)
            if own is not None and str(own) in questions:
                questions[str(own)].held.add(newest.image)


def _stream_tag(namespace: str, image: str) -> str:
    """The tag of a stream that an image may go through: a short name's, or one of the internal registry's."""
    name = _read(image)
    if name is None or name.tag is None:
        return ""
    place = imagestreams.place_of(name)
    return f"{'/'.join(place)}:{name.tag}" if place else _tag(namespace, image, name)


def add_mirrored(questions: Questions, rules: Rules) -> None:
    """Ask for each name at its mirrors, too."""
    for question in list(questions.values()):
        for moved in rules.places(question.name):
            at = questions.setdefault(str(moved), Question(moved))
            at.running |= question.running
            at.held |= question.held
            at.platforms |= question.platforms
            at.pullers |= question.pullers


def _read(image: str) -> Reference | None:
    try:
        return references.parse(image).with_default_tag()
    except InvalidReferenceError:
        return None


def _with_tag(name: Reference) -> Iterator[Reference]:
    yield name
    if name.tag and name.digest:
        yield name.with_tag(name.tag)


def _tag(namespace: str, image: str, name: Reference) -> str:
    return f"{namespace}/{imagestreams.short_name(image)}:{name.tag}"


def _add_held(questions: Questions, nodes: Mapping[str, Node] | None) -> None:
    for node in (nodes or {}).values():
        for image in node.images:
            digests = {name.rpartition("@")[2] for name in image.names if "@" in name}
            for name in image.names:
                if name in questions:
                    questions[name].held |= digests
