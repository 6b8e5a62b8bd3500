"""DefaultTolerationSeconds: a pod outlives five minutes of a node that is not ready or out of reach.

Upstream: kubernetes v1.36 plugin/pkg/admission/defaulttolerationseconds/admission.go.
"""

from pullscope.kube.api import Object

_SECONDS = 300
_TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def add(pod: Object) -> None:
    """Add the two tolerations where the pod has none of its own for that taint."""
    given = pod["spec"].get("tolerations") or []
    for taint in _TAINTS:
        if not any(toleration.get("key") in (taint, "", None) and _for_execution(toleration) for toleration in given):
            new = {"key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": _SECONDS}
            given = [*given, new]
    pod["spec"]["tolerations"] = given


def _for_execution(toleration: Object) -> bool:
    return toleration.get("effect") in ("NoExecute", "", None)
