"""A container's ways through the flowchart, one for each state of its node and of the registry. [pure]"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from pullscope.oci import reference as references
from pullscope.oci.reference import InvalidReferenceError
from pullscope.pull import failures, flavours, policy, reasons
from pullscope.pull.flavours import Flavour
from pullscope.pull.policy import (
    Absent,
    Delivered,
    Facts,
    Local,
    NotDelivered,
    Present,
    Pull,
    PullPolicy,
    Refuse,
    UseLocal,
    UsePulled,
)
from pullscope.why.kubelets import Kubelet

OnNode = Literal["absent", "present", "other credentials"]
"""What the node has under the name. `other credentials`: the image is there, pulled with secrets that this pod lacks."""
InRegistry = Literal["present", "missing"]
Runs = Literal["node", "registry"]

_LOCAL: Mapping[OnNode, Local] = {
    "absent": Absent(),
    "present": Present(""),
    "other credentials": Present("", accessible=False),
}
_PULLED: Mapping[InRegistry, Delivered | NotDelivered] = {
    "present": Delivered("", 0, timedelta(), timedelta()),
    "missing": NotDelivered(""),
}


@dataclass(frozen=True)
class Way:
    """What comes of one state: whose image runs, or the reason why none does; and the way there, as nodes of the chart."""

    on_node: OnNode
    in_registry: InRegistry
    runs: Runs | None
    reason: str | None
    path: tuple[str, ...]


@dataclass(frozen=True)
class Apart:
    """What a container runtime does its own way with the image.

    `down`: the waiting reason where nobody answers at the registry, None for who never asks. `removed`: whether one can
    remove the image from under a running container (`crictl rmi`), and `again` whose image a restart runs after that was
    tried, or the reason why none does.
    """

    runtime: Flavour
    down: str | None
    removed: bool
    again: Runs | str


def of(image: str, wanted: PullPolicy, kubelet: Kubelet) -> tuple[Way, ...]:
    """All of them, in the order of the states."""
    return tuple(_ways(Facts(image, wanted, _error(image), version=kubelet.release), kubelet))


def apart(image: str, wanted: PullPolicy, runtimes: Iterable[Flavour]) -> tuple[Apart, ...]:
    """What differs by the runtime; nothing for what is no reference."""
    if _error(image) is not None:
        return ()
    return tuple(_apart(Facts(image, wanted), runtime) for runtime in runtimes)


def _apart(facts: Facts, runtime: Flavour) -> Apart:
    keeps = flavours.RULES[runtime].keeps_used
    again = policy.decide(replace(facts, local=Present("") if keeps else Absent()))
    ends = policy.conclude(again, facts.image, _PULLED["present"]) if isinstance(again, Pull) else again
    return Apart(runtime, _down(facts, runtime), not keeps, ends.reason if isinstance(ends, Refuse) else _runs(ends))


def _down(facts: Facts, runtime: Flavour) -> str | None:
    """In the runtime's own words, as the kubelet takes them."""
    decision, reference = policy.decide(facts), references.parse(facts.image).with_default_tag()
    if not isinstance(decision, Pull):
        return None
    said = flavours.sentence(runtime, reference, failures.ConnectionRefused(reference.registry))
    return reasons.pull_error(facts.image, said.message)[0]


def _ways(facts: Facts, kubelet: Kubelet) -> Iterator[Way]:
    for on_node, local in _LOCAL.items():
        free = on_node == "other credentials" and not kubelet.verifies(facts.image)
        decision = policy.decide(replace(facts, local=_LOCAL["present"] if free else local))
        for in_registry, pulled in _PULLED.items():
            ended = policy.conclude(decision, facts.image, pulled) if isinstance(decision, Pull) else decision
            yield _way(on_node, in_registry, ended)


def _way(on_node: OnNode, in_registry: InRegistry, ended: UseLocal | UsePulled | Refuse) -> Way:
    if isinstance(ended, Refuse):
        return Way(on_node, in_registry, None, ended.reason, ended.path)
    return Way(on_node, in_registry, _runs(ended), None, ended.path)


def _runs(ended: UseLocal | UsePulled) -> Runs:
    return "node" if isinstance(ended, UseLocal) else "registry"


def _error(image: str) -> str | None:
    try:
        references.parse(image)
    except InvalidReferenceError as error:
        return str(error)
    return None


def then(way: Way) -> str | None:
    """The waiting reason that follows the first, once the back-off begins."""
    return reasons.IMAGE_PULL_BACK_OFF if way.reason in reasons.PULL_ERRORS else None
