"""Who may use what a node has? The kubelet decides by records that nobody else reads; who runs the image tells what is in them. [pure]

A pod without pull secrets that runs it shows that all pods may: it was pulled without credentials or with the node's own, or
was loaded. Where pods with other secrets alone run it, and one of them pulled it, it is theirs.
Upstream: pkg/kubelet/images/pullmanager/image_pull_manager.go, v1.36. Images are recorded by their names without tags.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pullscope.oci.reference import Reference
from pullscope.pull import reasons
from pullscope.pull.flow import Text
from pullscope.why import identity
from pullscope.why.facts import Container
from pullscope.why.world import World

Places = Mapping[tuple[str, str], Sequence[Container]]


@dataclass(frozen=True)
class Access:
    """Whether the records let a pod use an image, and the container that tells it; None where nobody does."""

    allowed: bool | None
    by: Container | None = None


def access(pod: Container, node: str, reference: Reference, world: World) -> Access:
    """What the records of that node say of the pod and its copy of the reference, if its kubelet reads them."""
    there = users(node, reference, world)
    for other in there:
        if covers(pod, other):
            return Access(True, other)
    theirs = next((other for other in there if pulled(other) and _apart(pod, other)), None)
    image = world.registry(reference)
    if theirs is None or (image and image.anonymous):  # then a pull with a secret may have been one without
        return Access(None)
    return Access(False, theirs)


def users(node: str, reference: Reference, world: World) -> Sequence[Container]:
    """Who runs what the node has under that name, also under other tags: its records are kept without them."""
    held = world.held(node, reference)
    if held is None:
        return beside(node, reference, world)
    return [each for each in _there(node, reference, world) if _digest(each) in held.digests]


def beside(node: str, reference: Reference, world: World) -> Sequence[Container]:
    """Who runs, on that node, what the same reference meant when it was started."""
    return [each for each in _there(node, reference, world) if world.reference(each.image) == reference]


def pulled(container: Container) -> bool:
    """Whether its kubelet is known to have pulled the image for it."""
    told = (event.message for event in container.events if event.reason == reasons.PULLED)
    return container.policy == "Always" or any(message.startswith("Successfully pulled") for message in told)


def secrets(container: Container) -> Text:
    """Its pull secrets by name."""
    names = ", ".join(container.pull_secrets)
    many = "s" if len(container.pull_secrets) > 1 else ""
    return Text(
        f"secret{many} {names} of namespace {container.namespace}", f"名前空間 {container.namespace} の {names}"
    )


def covers(pod: Container, other: Container) -> bool:
    """Whether the pod has all the credentials of the other one."""
    theirs = set(other.pull_secrets)
    return not theirs or (pod.namespace == other.namespace and theirs <= set(pod.pull_secrets))


def _apart(pod: Container, other: Container) -> bool:
    return pod.namespace != other.namespace or not set(pod.pull_secrets) & set(other.pull_secrets)


def _there(node: str, reference: Reference, world: World) -> Sequence[Container]:
    """Who runs an image of that repository there: for each set of credentials and image the one that was started last."""
    places: Places = world.once("places", lambda: _places(world))
    return places.get((node, reference.name), ())


def _places(world: World) -> Places:
    found: dict[tuple[str, str], dict[Hashable, Container]] = {}
    for each in sorted(_running(world), key=_started, reverse=True):
        reference = world.reference(each.image)
        if reference is not None:
            alike = (each.namespace, each.pull_secrets, each.image, each.image_id, each.policy, pulled(each))
            found.setdefault((each.node, reference.name), {}).setdefault(alike, each)
    return {key: tuple(those.values()) for key, those in found.items()}


def _running(world: World) -> Iterable[Container]:
    facts = world.facts
    return (each for each in (*facts.containers, *facts.neighbours) if each.image_id and each.node)


def _started(container: Container) -> datetime:
    return container.started or container.created or datetime.min.replace(tzinfo=UTC)


def _digest(container: Container) -> str:
    running = identity.read(container.image_id)
    return running.digest if running else ""
