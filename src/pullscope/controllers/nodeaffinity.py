"""Which nodes a pod asks for: `nodeSelector` and the required node affinity.

Upstream: component-helpers/scheduling/corev1/nodeaffinity, v1.36.
"""

from collections.abc import Mapping
from typing import Any

from pullscope.controllers.nodes import NodeView
from pullscope.kube import labels
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError

_OPERATORS = {
    "In": labels.Operator.IN,
    "NotIn": labels.Operator.NOT_IN,
    "Exists": labels.Operator.EXISTS,
    "DoesNotExist": labels.Operator.DOES_NOT_EXIST,
    "Gt": labels.Operator.GREATER_THAN,
    "Lt": labels.Operator.LESS_THAN,
}


def matches(spec: Object, node: NodeView) -> bool:
    """Whether a pod with this spec may run on that node, as far as the node's labels and name go."""
    selector: Mapping[str, str] = spec.get("nodeSelector") or {}
    if not selector.items() <= node.labels.items():
        return False
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    return required is None or any(matches_term(term, node) for term in required["nodeSelectorTerms"])


def names(spec: Object) -> frozenset[str] | None:
    """The names of the only nodes that the required affinity allows; None when it does not go by names (PreFilter)."""
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    if required is None:
        return None
    found: set[str] = set()
    for term in required["nodeSelectorTerms"]:
        fields = [each for each in term.get("matchFields") or () if each["operator"] == "In"]
        if not fields:
            return None
        found |= set.intersection(*(set(each.get("values") or ()) for each in fields))
    return frozenset(found)


def matches_term(term: Mapping[str, Any], node: NodeView) -> bool:
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
