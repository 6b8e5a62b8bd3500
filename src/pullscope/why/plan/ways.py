"""A container's ways through the flowchart, one for each state of its node and of the registry. [pure]"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from pullscope.oci import reference as references
from pullscope.oci.reference import InvalidReferenceError
from pullscope.pull import policy, reasons
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


def of(image: str, wanted: PullPolicy) -> tuple[Way, ...]:
    """All of them, in the order of the states."""
    return tuple(_ways(Facts(image, wanted, _error(image))))


def _ways(facts: Facts) -> Iterator[Way]:
    for on_node, local in _LOCAL.items():
        decision = policy.decide(replace(facts, local=local))
        for in_registry, pulled in _PULLED.items():
            ended = policy.conclude(decision, facts.image, pulled) if isinstance(decision, Pull) else decision
            yield _way(on_node, in_registry, ended)


def _way(on_node: OnNode, in_registry: InRegistry, ended: UseLocal | UsePulled | Refuse) -> Way:
    runs: Runs | None = "node" if isinstance(ended, UseLocal) else "registry" if isinstance(ended, UsePulled) else None
    reason = ended.reason if isinstance(ended, Refuse) else None
    return Way(on_node, in_registry, runs, reason, ended.path)


def _error(image: str) -> str | None:
    try:
        references.parse(image)
    except InvalidReferenceError as error:
        return str(error)
    return None


def then(way: Way) -> str | None:
    """The waiting reason that follows the first, once the back-off begins."""
    return reasons.IMAGE_PULL_BACK_OFF if way.reason in reasons.PULL_ERRORS else None
