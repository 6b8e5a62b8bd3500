"""What the controllers read of a node.

Upstream: pkg/scheduler/framework/types.go v1.36.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pullscope.controllers import amounts
from pullscope.controllers.amounts import Amounts
from pullscope.kube import meta
from pullscope.kube.api import Object

UNSCHEDULABLE_TAINT = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
_CONDITION_TAINTS = {
    "False": {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"},
    "Unknown": {"key": "node.kubernetes.io/unreachable", "effect": "NoSchedule"},
}


@dataclass(frozen=True)
class NodeView:
    """A node. `taints` include the one that upstream's node lifecycle controller puts on a node that is not ready."""

    name: str
    labels: Mapping[str, str]
    taints: tuple[Object, ...]
    unschedulable: bool
    allocatable: Amounts


def view(node: Object) -> NodeView:
    """Read a Node object."""
    spec, status = node.get("spec") or {}, node.get("status") or {}
    ready = meta.get_condition(status.get("conditions"), "Ready")
    derived = _CONDITION_TAINTS.get(ready["status"] if ready else "False")
    return NodeView(
        name=node["metadata"]["name"],
        labels=node["metadata"].get("labels") or {},
        taints=(*(spec.get("taints") or ()), *([derived] if derived else [])),
        unschedulable=bool(spec.get("unschedulable")),
        allocatable=amounts.parse(status.get("allocatable")),
    )
