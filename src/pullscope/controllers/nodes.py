"""What the controllers read of a node.

Upstream: pkg/scheduler/framework/types.go and pkg/controller/nodelifecycle, v1.36.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pullscope.controllers import amounts
from pullscope.controllers.amounts import Amounts
from pullscope.kube.api import Object

NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
UNSCHEDULABLE_TAINT = {"key": UNSCHEDULABLE, "effect": "NoSchedule"}


@dataclass(frozen=True)
class NodeView:
    """A node. Two views are equal when nothing but the heartbeat and the images differs.

    `conditions` are the status of each by type; `heartbeat` is what changes whenever the node reports; `images` are the
    sizes in bytes of the images that the node has, by each of their names.
    """

    name: str
    labels: Mapping[str, str]
    taints: tuple[Object, ...]
    unschedulable: bool
    allocatable: Amounts
    conditions: Mapping[str, str]
    created: str
    heartbeat: str = field(compare=False)
    images: Mapping[str, int] = field(compare=False)

    @property
    def ready(self) -> bool:
        return self.conditions.get("Ready") == "True"


def view(node: Object) -> NodeView:
    """Read a Node object."""
    metadata, spec, status = node["metadata"], node.get("spec") or {}, node.get("status") or {}
    conditions = status.get("conditions") or ()
    return NodeView(
        name=metadata["name"],
        labels=metadata.get("labels") or {},
        taints=tuple(spec.get("taints") or ()),
        unschedulable=bool(spec.get("unschedulable")),
        allocatable=amounts.parse(status.get("allocatable")),
        conditions={each["type"]: each["status"] for each in conditions},
        created=metadata.get("creationTimestamp", ""),
        heartbeat="".join(str(each.get("lastHeartbeatTime")) for each in conditions),
        images=_images(status.get("images") or ()),
    )


def _images(reported: tuple[Object, ...]) -> Mapping[str, int]:
    return {name: int(each.get("sizeBytes", 0)) for each in reported for name in each.get("names") or ()}
