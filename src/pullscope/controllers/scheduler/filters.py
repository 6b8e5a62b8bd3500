"""Why a pod cannot run on a node: upstream's filter plugins, their order and their words.

Upstream: pkg/scheduler/framework/plugins (nodeunschedulable, nodename, tainttoleration, nodeaffinity, noderesources), v1.36.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pullscope.controllers import amounts, nodeaffinity, tolerations
from pullscope.controllers.amounts import Amounts
from pullscope.controllers.nodes import UNSCHEDULABLE_TAINT, NodeView
from pullscope.controllers.scheduler.usage import Load
from pullscope.kube.api import Object

NODE_UNSCHEDULABLE = "node(s) were unschedulable"
NODE_NAME = "node(s) didn't match the requested node name"
TAINTED = "node(s) had untolerated taint(s)"
NOT_MATCHED = "node(s) didn't match Pod's node affinity/selector"
ELSEWHERE = "node(s) didn't satisfy plugin(s) [NodeAffinity]"
TOO_MANY_PODS = "Too many pods"


@dataclass(frozen=True)
class Refusal:
    """Why not here. `resolvable`: whether it would help if other pods left the node (upstream: preemption)."""

    reasons: tuple[str, ...]
    resolvable: bool = False


def unsupported(spec: Object) -> tuple[str, ...]:
    """The fields of a pod's spec that would restrict its placement and that this scheduler does not know."""
    affinity = spec.get("affinity") or {}
    named = [
        f"spec.affinity.{kind}"
        for kind in ("podAffinity", "podAntiAffinity")
        if (affinity.get(kind) or {}).get("requiredDuringSchedulingIgnoredDuringExecution")
    ]
    if any(each.get("whenUnsatisfiable") == "DoNotSchedule" for each in spec.get("topologySpreadConstraints") or ()):
        named.append("spec.topologySpreadConstraints")
    return (*named, *(["spec.resourceClaims"] if spec.get("resourceClaims") else []))


def refusal(spec: Object, wanted: Amounts, node: NodeView, load: Load) -> Refusal | None:
    """The first filter's refusal, or None when the pod fits. `load` is what the node's pods take."""
    named = nodeaffinity.names(spec)
    if named is not None and node.name not in named:
        return Refusal((ELSEWHERE,))
    checks: tuple[tuple[Callable[[Object, NodeView], bool], str], ...] = (
        (_is_schedulable, NODE_UNSCHEDULABLE),
        (_has_name, NODE_NAME),
        (_tolerates_taints, TAINTED),
        (nodeaffinity.matches, NOT_MATCHED),
    )
    for fits, reason in checks:
        if not fits(spec, node):
            return Refusal((reason,))
    return _resources(wanted, node.allocatable, load)


def _is_schedulable(spec: Object, node: NodeView) -> bool:
    return not node.unschedulable or tolerations.tolerates(spec.get("tolerations") or (), UNSCHEDULABLE_TAINT)


def _has_name(spec: Object, node: NodeView) -> bool:
    return spec.get("nodeName", "") in ("", node.name)


def _tolerates_taints(spec: Object, node: NodeView) -> bool:
    return tolerations.untolerated(spec, node.taints, ("NoSchedule", "NoExecute")) is None


def _resources(wanted: Amounts, allocatable: Amounts, load: Load) -> Refusal | None:
    reasons, resolvable = [], True
    if (load.pods + 1) * amounts.UNIT > allocatable.get("pods", 0):
        reasons.append(TOO_MANY_PODS)
    for name, amount in wanted.items():
        has = allocatable.get(name, 0)
        if amount > has - load.requests.get(name, 0):
            reasons.append(f"Insufficient {name}")
            resolvable = resolvable and amount <= has
    return Refusal(tuple(reasons), resolvable) if reasons else None
