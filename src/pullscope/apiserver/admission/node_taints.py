"""TaintNodesByCondition: a new node takes no pods until it has said that it is ready.

Upstream: kubernetes v1.36 plugin/pkg/admission/nodetaint/admission.go. The node lifecycle controller takes the taint off.
"""

from pullscope.kube.api import Object

_TAINT = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}


def add(node: Object) -> None:
    """Add the taint, unless the node comes with it."""
    given = node["spec"].get("taints") or []
    if not any((taint.get("key"), taint.get("effect")) == tuple(_TAINT.values()) for taint in given):
        node["spec"]["taints"] = [*given, dict(_TAINT)]
