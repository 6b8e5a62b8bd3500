"""Where a pod goes, or why nowhere.

Upstream: pkg/scheduler/schedule_one.go and framework/types.go (FitError), v1.36. Preemption is not done: the message says
what upstream's would find without priorities.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pullscope.controllers.demand import Demand
from pullscope.controllers.nodes import NodeView
from pullscope.controllers.scheduler import filters, scores
from pullscope.controllers.scheduler.scores import Choice
from pullscope.controllers.scheduler.usage import NOTHING, Load
from pullscope.kube.api import Object

NO_NODES = "no nodes available to schedule pods"
NOT_HELPFUL = "Preemption is not helpful for scheduling"
NO_VICTIMS = "No preemption victims found for incoming pod"


@dataclass(frozen=True)
class Bind:
    """Run it there."""

    node: str


@dataclass(frozen=True)
class Unschedulable:
    """It fits nowhere; the message is the event's and the condition's."""

    message: str


Decision = Bind | Unschedulable


def plan(spec: Object, demand: Demand, candidates: Sequence[NodeView], loads: Mapping[str, Load]) -> Decision:
    """Choose a node for a pod with this spec and demand. `loads` is what each node's pods take already, by node name."""
    if not candidates:
        return Unschedulable(NO_NODES)
    unknown = filters.unsupported(spec)
    if unknown:
        return Unschedulable(f"pullscope's scheduler does not support {', '.join(unknown)}")
    requests = demand.requests
    refusals = [filters.refusal(spec, requests, node, loads.get(node.name, NOTHING)) for node in candidates]
    fitting = [node for node, refusal in zip(candidates, refusals, strict=True) if refusal is None]
    if not fitting:
        return Unschedulable(_message([refusal for refusal in refusals if refusal is not None]))
    return Bind(_best(Choice(spec, demand, fitting, candidates, loads)))


def _best(choice: Choice) -> str:
    """The node with the highest score; of several (upstream: any of them) the one with the fewest pods."""
    if len(choice.fitting) == 1:
        return choice.fitting[0].name
    scored = zip(choice.fitting, scores.totals(choice), strict=True)
    best, _ = min(scored, key=lambda each: (-each[1], choice.load(each[0]).pods, each[0].name))
    return best.name


def _message(refusals: Sequence[filters.Refusal]) -> str:
    head = f"0/{len(refusals)} nodes are available"
    reasons = Counter(reason for refusal in refusals for reason in refusal.reasons)
    preemption = Counter(NO_VICTIMS if refusal.resolvable else NOT_HELPFUL for refusal in refusals)
    return f"{head}: {_counted(reasons)}. no new claims to deallocate, preemption: {head}: {_counted(preemption)}."


def _counted(reasons: Counter[str]) -> str:
    return ", ".join(sorted(f"{count} {reason}" for reason, count in reasons.items()))
