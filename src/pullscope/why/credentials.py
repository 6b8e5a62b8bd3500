"""Who may use what a node has? The kubelet decides by records that nobody else reads; who runs the image tells what is in them. [pure]

A pod without pull secrets that runs it shows that all pods may: it was pulled without credentials or with the node's own, or
was loaded. Where pods with other secrets alone run it, and one of them pulled it, it is theirs.
Upstream: pkg/kubelet/images/pullmanager/image_pull_manager.go, v1.36. Images are recorded by their names without tags.
"""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pullscope.oci.reference import Reference
from pullscope.openshift import names
from pullscope.pull import reasons
from pullscope.why import identity
from pullscope.why.facts import Container
from pullscope.why.world import World

_GENERATED = re.compile(r".+-dockercfg-[a-z0-9]{5}")

Places = Mapping[tuple[str, str], Sequence[Container]]


@dataclass(frozen=True)
class Access:
    """Whether the records let a pod use an image, and the container that tells it; None where nobody does."""

    allowed: bool | None
    by: Container | None = None


def access(pod: Container, node: str, reference: Reference, world: World, *, refused: bool = False) -> Access:
    """What the records of that node say of the pod and its copy of the reference, if its kubelet reads them.

    `refused`: the registry does not let the pod have it. Of one that may ask for no credentials nothing is known: a pull with
    a secret may have been one without.
    """
    there = users(node, reference, world)
    for other in there:
        if covers(pod, other, reference):
            return Access(True, other)
    theirs = next((other for other in there if pulled(other) and _apart(pod, other, reference)), None)
    return Access(False, theirs) if theirs and (refused or _private(reference, world)) else Access(None)


def _private(reference: Reference, world: World) -> bool:
    """Whether the registry is known to want credentials for it."""
    image = world.registry(reference)
    internal = reference.registry == names.INTERNAL_REGISTRY
    return internal or (image is not None and (image.status == "unauthorised" or image.anonymous is False))


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


def shown(container: Container, reference: Reference) -> tuple[str, ...]:
    """The pull secrets that may be for that registry: those that OpenShift gives service accounts are for its own alone."""
    if reference.registry == names.INTERNAL_REGISTRY:
        return container.pull_secrets
    return tuple(name for name in container.pull_secrets if not _GENERATED.fullmatch(name))


def covers(pod: Container, other: Container, reference: Reference) -> bool:
    """Whether the pod has all the credentials of the other one."""
    theirs = set(shown(other, reference))
    return not theirs or (pod.namespace == other.namespace and theirs <= set(pod.pull_secrets))


def _apart(pod: Container, other: Container, reference: Reference) -> bool:
    return pod.namespace != other.namespace or set(pod.pull_secrets).isdisjoint(shown(other, reference))


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
