"""Where a pod goes, or why nowhere.

Upstream: pkg/scheduler/schedule_one.go and framework/types.go (FitError), v1.36. Of several nodes that fit, the one with
the fewest pods is taken. Preemption is not done: the message says what upstream's would find without priorities.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pullscope.controllers import amounts
from pullscope.controllers.amounts import Amounts
from pullscope.controllers.nodes import NodeView
from pullscope.controllers.scheduler import filters
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


def plan(spec: Object, candidates: Sequence[NodeView], used: Mapping[str, Amounts]) -> Decision:
    """Choose a node for a pod with this spec. `used` is what each node's pods take already, by node name."""
    if not candidates:
        return Unschedulable(NO_NODES)
    unknown = filters.unsupported(spec)
    if unknown:
        return Unschedulable(f"pullscope's scheduler does not support {', '.join(unknown)}")
    wanted = amounts.requests(spec)
    refusals = {node.name: filters.refusal(spec, wanted, node, used.get(node.name, {})) for node in candidates}
    fitting = [name for name, refusal in refusals.items() if refusal is None]
    if fitting:
        return Bind(min(fitting, key=lambda name: (used.get(name, {}).get("pods", 0), name)))
    return Unschedulable(_message([refusal for refusal in refusals.values() if refusal is not None]))


def _message(refusals: Sequence[filters.Refusal]) -> str:
    head = f"0/{len(refusals)} nodes are available"
    reasons = Counter(reason for refusal in refusals for reason in refusal.reasons)
    preemption = Counter(NO_VICTIMS if refusal.resolvable else NOT_HELPFUL for refusal in refusals)
    return f"{head}: {_counted(reasons)}. no new claims to deallocate, preemption: {head}: {_counted(preemption)}."


def _counted(reasons: Counter[str]) -> str:
    return ", ".join(sorted(f"{count} {reason}" for reason, count in reasons.items()))
