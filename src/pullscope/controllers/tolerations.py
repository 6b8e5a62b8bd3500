"""Taints and the tolerations that cover them.

Upstream: component-helpers/scheduling/corev1 (helpers.go) and api/core/v1 (toleration.go), v1.36.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pullscope.kube.api import Object

Taint = Mapping[str, Any]


def untolerated(spec: Object, taints: Iterable[Taint], effects: Collection[str]) -> Taint | None:
    """The first of the taints with one of these effects that a pod with this spec does not tolerate."""
    given = spec.get("tolerations") or ()
    return next((taint for taint in taints if taint.get("effect") in effects and not tolerates(given, taint)), None)


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
