"""metav1.LabelSelector, the JSON form of a label selector: `matchLabels` and `matchExpressions`.

The text form is in `kube.labels`, selectors over fields in `kube.fields`. Upstream: k8s.io/apimachinery v0.36
pkg/apis/meta/v1/helpers.go (LabelSelectorAsSelector).
"""

from collections.abc import Mapping
from typing import Any

from pullscope.kube import causes, labels, status

_OPERATORS = {
    "In": labels.Operator.IN,
    "NotIn": labels.Operator.NOT_IN,
    "Exists": labels.Operator.EXISTS,
    "DoesNotExist": labels.Operator.DOES_NOT_EXIST,
}


def as_selector(selector: Mapping[str, Any] | None) -> labels.LabelSelector:
    """The selector that a LabelSelector object means: None selects nothing, an empty one everything.

    Raises ApiError 400 with upstream's sentence for an unknown operator or a malformed key or value.
    """
    if selector is None:
        return labels.NOTHING
    pairs: Mapping[str, str] = selector.get("matchLabels") or {}
    found = [labels.requirement(key, labels.Operator.EQUALS, (value,)) for key, value in pairs.items()]
    found += [_expression(expression) for expression in selector.get("matchExpressions") or []]
    return labels.LabelSelector(tuple(sorted(found, key=lambda requirement: requirement.key)))


def _expression(expression: Mapping[str, Any]) -> labels.Requirement:
    operator = _OPERATORS.get(expression.get("operator", ""))
    if operator is None:
        word = causes.quote(str(expression.get("operator", "")))
        raise status.bad_request(f"{word} is not a valid label selector operator")
    return labels.requirement(expression.get("key", ""), operator, tuple(expression.get("values") or ()))


def matches_label_selector(selector: Mapping[str, Any] | None, given: Mapping[str, str] | None) -> bool:
    """Whether an object with the labels `given` is selected by the LabelSelector object `selector`."""
    return as_selector(selector).matches(given)
