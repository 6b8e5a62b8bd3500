"""One container with what its image means and what it runs, side by side: what every rule looks at. [pure]"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal

from pullscope.oci.reference import Reference
from pullscope.pull import complaints, reasons
from pullscope.why import identity, kubelets, world
from pullscope.why.facts import Container, Node, PullEvent, RegistryImage
from pullscope.why.findings import Word
from pullscope.why.identity import Answer, Running
from pullscope.why.kubelets import Kubelet
from pullscope.why.world import Held, StreamName, World

_BEFORE_EPOCHS_END = 2000  # images built to be reproducible say 1970 or 1980
_STATUS_PRECISION = timedelta(seconds=2)  # a status tells whole seconds, an event may be told just after

Deliverer = Literal["node", "registry"]


@dataclass(frozen=True)
class Meaning:
    """What a container shall run: the reference as people wrote it, through image streams, to what it means now.

    `reference` is None when what was written is none. `image` is None when nobody could be asked. `stream`: the tag it goes
    through, `upstream` what that tag follows, `source` its name.
    """

    text: str
    reference: Reference | None
    image: RegistryImage | None = None
    stream: StreamName | None = None
    source: Reference | None = None
    upstream: RegistryImage | None = None

    @property
    def pinned(self) -> bool:
        """Whether it is a digest that somebody wrote, so that it can mean only one image."""
        return self.stream is None and self.reference is not None and self.reference.digest is not None

    @property
    def behind(self) -> bool:
        """Whether the image stream points to another image than what it follows means now."""
        if not (self.image and self.upstream) or self.image.status != "found" or self.upstream.status != "found":
            return False
        return identity.known(self.upstream) and not identity.digests(self.image) & identity.digests(self.upstream)


@dataclass(frozen=True)
class Case:
    """A container, what it shall run and what it runs. `word` is the verdict on it, set before rules look for causes."""

    container: Container
    world: World
    meaning: Meaning
    running: Running | None
    answer: Answer
    word: Word = "unknown"

    @property
    def node(self) -> Node | None:
        """The pod's node as far as it could be seen."""
        return self.world.node(self.container.node)

    @cached_property
    def kubelet(self) -> Kubelet:
        """The pod's kubelet, as far as it could be seen."""
        return kubelets.of(self.node, self.world.facts.cluster.version)

    @cached_property
    def reference(self) -> Reference | None:
        """The image in the pod's own words, after admission: what its node has to find."""
        return self.world.reference(self.container.image)

    @cached_property
    def held(self) -> Held | None:
        """What the pod's node lists under the pod's reference."""
        return self.world.held(self.container.node, self.reference)

    @property
    def by_digest(self) -> bool:
        """Whether the pod's own reference, after admission, is a digest: then no copy of a node can be another image."""
        return self.reference is not None and self.reference.digest is not None

    @property
    def as_written(self) -> bool:
        """Whether the pod has the very digest that is written now. Then it runs that, under whichever digest a status tells."""
        wanted = self.meaning.reference
        return wanted is not None and self.reference is not None and self.reference.digest == wanted.digest

    @property
    def cached(self) -> bool:
        """Whether the policy lets a node's copy run without asking the registry."""
        return self.container.policy != "Always"

    @cached_property
    def start(self) -> PullEvent | None:
        """The event that says whence the image of the container that runs now came."""
        latest = self.container.started
        told = [
            event
            for event in self.container.events
            if event.reason == reasons.PULLED and f'"{self.container.image}"' in event.message
        ]
        told = [event for event in told if latest is None or event.last <= latest + _STATUS_PRECISION]
        return max(told, key=lambda event: event.last, default=None)

    @property
    def delivered(self) -> Deliverer | None:
        """Who delivered the image that runs, as the event tells; None where events are gone."""
        if self.start is None:
            return None
        present = reasons.already_present(self.container.image, (1, 34)).message  # the text's beginning in all versions
        return "node" if self.start.message.startswith(present) else "registry"

    @cached_property
    def complaint(self) -> complaints.Cause:
        """Why the pull failed, in the runtime's own words; UNKNOWN also for what fails without a pull, or does not fail."""
        if self.container.reason not in (*reasons.PULL_ERRORS, reasons.IMAGE_PULL_BACK_OFF):
            return complaints.Cause.UNKNOWN
        failed = (event.message for event in self.container.events if event.reason == reasons.FAILED)
        return complaints.told(self.container.image, (self.container.message, *failed))

    @property
    def wanted(self) -> Reference | None:
        """The reference in question: the pod's own as long as it has no image, else what is written now."""
        return self.reference if self.word == "failing" else self.meaning.reference

    @property
    def asked(self) -> RegistryImage | None:
        """What the registry, or the image stream, said of that."""
        return self.world.registry(self.reference) if self.word == "failing" else self.meaning.image

    @cached_property
    def mirrors(self) -> Sequence[Reference]:
        """Where the pod's reference is looked for before its own registry, as far as that is configured in the cluster."""
        return self.world.mirrors.places(self.reference) if self.reference else ()

    @property
    def outdated(self) -> bool:
        """Whether the workload's template names another image by now than that of which the pod was made."""
        template = self.container.template
        if template is None or template.image == self.container.image:
            return False
        # While rollouts are paused no revision is made of a new template. A stream's name may be what became the pod's image.
        resolved = self.world.looked_up(self.container.namespace, template.image) is not None
        return not self.container.revision_current or (template.paused and not resolved)

    @property
    def rewritten(self) -> bool:
        """Whether an image trigger put its stream's image in the place of another that the last apply asked for.

        A name without a slash is what people write where the trigger is meant to put something.
        """
        template = self.container.template
        if template is None or not self.container.trigger or "/" not in template.applied or self.running is None:
            return False
        reference = self.world.reference(template.applied)
        image = self.world.registry(reference)
        if reference is None or image is None:
            return False
        on, registry = identity.platform(self.node), self.world.facts.registry
        names = (reference.name, self.running.name)
        return identity.compare(self.running, names, image, registry, on) == "different"

    @cached_property
    def moved(self) -> datetime | None:
        """The earliest time at which the reference can have come to mean what it means now; None where nothing tells."""
        if self.meaning.stream and self.meaning.stream.item and self.meaning.stream.item.items:
            return self.meaning.stream.item.items[0].created
        return made(self.meaning.image)

    @property
    def moved_after_start(self) -> bool | None:
        """Whether the container was started before that; None where one of both is not known."""
        if self.moved is None or self.container.started is None:
            return None
        return self.moved > self.container.started


def made(image: RegistryImage | None) -> datetime | None:
    """When the image was made; None for one that does not tell, or that tells the time of no clock."""
    return image.created if image and image.created and image.created.year > _BEFORE_EPOCHS_END else None


def of(container: Container, facts: World) -> Case:
    """The container's case."""
    meaning = _meaning(container, facts)
    running = identity.read(container.image_id)
    return Case(container, facts, meaning, running, _answer(container, facts, meaning, running))


def _answer(container: Container, facts: World, meaning: Meaning, running: Running | None) -> Answer:
    if running is None or meaning.reference is None or meaning.image is None:
        return "cannot tell"
    on = identity.platform(facts.node(container.node))
    return identity.compare(running, _places(container, meaning, facts), meaning.image, facts.facts.registry, on)


def _places(container: Container, meaning: Meaning, facts: World) -> frozenset[str]:
    """The repositories that the image may come from: as written, as the pod has it, as image streams have it."""
    stream = meaning.stream.stream if meaning.stream else None
    items = meaning.stream.item.items if meaning.stream and meaning.stream.item else ()
    texts = (item.reference for item in items)
    references = (meaning.reference, facts.reference(container.image), *map(facts.reference, texts))
    names = {reference.name for reference in references if reference}
    return frozenset(names | ({stream.repository} if stream else set()))


def _meaning(container: Container, facts: World) -> Meaning:
    text = world.written(container)
    reference = facts.reference(text)
    stream = facts.stream_tag(container.trigger) if container.trigger else None
    text, stream = (text, stream) if stream else _looked_up(container, text, facts)
    stream = stream or (facts.stream_of(reference) if reference and not reference.digest else None)
    if stream is None:
        return Meaning(text, reference, _asked(reference, facts))
    return _through(stream, text, reference, facts)


def _looked_up(container: Container, text: str, facts: World) -> tuple[str, StreamName | None]:
    """The short name and the stream's tag it leads to; admission may have written a digest over it in the template, too."""
    applied = container.template.applied if container.template else ""
    for name in dict.fromkeys((text, applied)):
        stream = facts.looked_up(container.namespace, name) if name else None
        if stream:
            return name, stream
    return text, None


def _asked(reference: Reference | None, facts: World) -> RegistryImage | None:
    """A digest means itself, whether or not the registry was asked."""
    found = facts.registry(reference)
    if reference and reference.digest and (found is None or found.status != "found"):
        return RegistryImage("found", digest=str(reference.digest))
    return found


def _through(stream: StreamName, text: str, reference: Reference | None, facts: World) -> Meaning:
    """What a stream's tag points to, and what it follows."""
    follows = stream.item.follows.removeprefix("DockerImage ") if stream.item else ""
    source = facts.reference(follows) if follows and " " not in follows else None
    image = _pointed(stream, facts)
    return Meaning(text, reference, image, stream, source, facts.registry(source))


def _pointed(stream: StreamName, facts: World) -> RegistryImage:
    via = f"image stream {stream}"
    if stream.stream is None:
        return RegistryImage("no repository", via=via)
    if stream.item is None or not stream.item.items:
        return RegistryImage("no tag", via=via, error=stream.item.failure if stream.item else "")
    newest = stream.item.items[0]
    known = facts.registry(facts.reference(newest.reference))
    if known and known.status == "found" and newest.image in identity.digests(known):
        return known
    return RegistryImage("found", digest=newest.image, via=via)
