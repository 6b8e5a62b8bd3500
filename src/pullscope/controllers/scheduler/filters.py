"""Why a pod cannot run on a node: upstream's filter plugins, their order and their words.

Upstream: pkg/scheduler/framework/plugins (nodeunschedulable, nodename, tainttoleration, nodeaffinity, noderesources) and
component-helpers/scheduling/corev1 (toleration, node selector), v1.36.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pullscope.controllers.amounts import Amounts
from pullscope.controllers.scheduler.nodes import UNSCHEDULABLE_TAINT, NodeView
from pullscope.kube import labels
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError

NODE_UNSCHEDULABLE = "node(s) were unschedulable"
NODE_NAME = "node(s) didn't match the requested node name"
TAINTED = "node(s) had untolerated taint(s)"
NOT_MATCHED = "node(s) didn't match Pod's node affinity/selector"
TOO_MANY_PODS = "Too many pods"

_KEEPS_AWAY = ("NoSchedule", "NoExecute")
_OPERATORS = {
    "In": labels.Operator.IN,
    "NotIn": labels.Operator.NOT_IN,
    "Exists": labels.Operator.EXISTS,
    "DoesNotExist": labels.Operator.DOES_NOT_EXIST,
    "Gt": labels.Operator.GREATER_THAN,
    "Lt": labels.Operator.LESS_THAN,
}


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


def refusal(spec: Object, wanted: Amounts, node: NodeView, used: Amounts) -> Refusal | None:
    """The first filter's refusal, or None when the pod fits. `used` is what the node's pods take, `pods` among it."""
    checks: tuple[tuple[Callable[[Object, NodeView], bool], str], ...] = (
        (_is_schedulable, NODE_UNSCHEDULABLE),
        (_has_name, NODE_NAME),
        (_tolerates_taints, TAINTED),
        (_matches_affinity, NOT_MATCHED),
    )
    for fits, reason in checks:
        if not fits(spec, node):
            return Refusal((reason,))
    return _resources(wanted, node.allocatable, used)


def tolerates(tolerations: Iterable[Mapping[str, Any]], taint: Mapping[str, Any]) -> bool:
    """Whether one of the tolerations covers the taint."""
    return any(_covers(toleration, taint) for toleration in tolerations)


def _covers(toleration: Mapping[str, Any], taint: Mapping[str, Any]) -> bool:
    if toleration.get("effect") and toleration["effect"] != taint.get("effect"):
        return False
    if toleration.get("key") and toleration["key"] != taint["key"]:
        return False
    if toleration.get("operator") == "Exists":
        return True
    return bool(toleration.get("key")) and toleration.get("value", "") == taint.get("value", "")


def _is_schedulable(spec: Object, node: NodeView) -> bool:
    return not node.unschedulable or tolerates(spec.get("tolerations") or (), UNSCHEDULABLE_TAINT)


def _has_name(spec: Object, node: NodeView) -> bool:
    return spec.get("nodeName", "") in ("", node.name)


def _tolerates_taints(spec: Object, node: NodeView) -> bool:
    tolerations = spec.get("tolerations") or ()
    return all(tolerates(tolerations, taint) for taint in node.taints if taint.get("effect") in _KEEPS_AWAY)


def _matches_affinity(spec: Object, node: NodeView) -> bool:
    selector: Mapping[str, str] = spec.get("nodeSelector") or {}
    if not selector.items() <= node.labels.items():
        return False
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    return required is None or any(_matches_term(term, node) for term in required["nodeSelectorTerms"])


def _matches_term(term: Mapping[str, Any], node: NodeView) -> bool:
    """One alternative of a node selector; one without any requirement matches nothing."""
    expressions, by_field = term.get("matchExpressions") or (), term.get("matchFields") or ()
    if not expressions and not by_field:
        return False
    field = {"metadata.name": node.name}
    return all(_holds(each, node.labels) for each in expressions) and all(_holds(each, field) for each in by_field)


def _holds(expression: Mapping[str, Any], values: Mapping[str, str]) -> bool:
    try:
        operator = _OPERATORS[expression["operator"]]
        wanted = labels.requirement(expression["key"], operator, tuple(expression.get("values") or ()))
    except ApiError:
        return False  # upstream: a requirement that cannot be read matches nothing
    return wanted.matches(values)


def _resources(wanted: Amounts, allocatable: Amounts, used: Amounts) -> Refusal | None:
    nothing = Fraction()
    reasons, resolvable = [], True
    if used.get("pods", nothing) + 1 > allocatable.get("pods", nothing):
        reasons.append(TOO_MANY_PODS)
    for name, amount in wanted.items():
        has = allocatable.get(name, nothing)
        if amount > has - used.get(name, nothing):
            reasons.append(f"Insufficient {name}")
            resolvable = resolvable and amount <= has
    return Refusal(tuple(reasons), resolvable) if reasons else None
