"""What a node's conditions and taints shall be, by its own reports and by its silence.

Upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go v1.36, with OpenShift's 40 s of patience
(node-monitor-grace-period; upstream's default is longer). Differences: nodes are one zone, and taints that evict are put on
all silent nodes at once (upstream: one node in ten seconds).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pullscope.controllers.nodes import NOT_READY, UNREACHABLE, UNSCHEDULABLE, NodeView
from pullscope.kube import meta
from pullscope.kube.api import Object

GRACE_SECONDS = 40.0
STARTUP_SECONDS = 60.0
MANAGED = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")

_PRESSURES = {
    "MemoryPressure": "node.kubernetes.io/memory-pressure",
    "DiskPressure": "node.kubernetes.io/disk-pressure",
    "NetworkUnavailable": "node.kubernetes.io/network-unavailable",
    "PIDPressure": "node.kubernetes.io/pid-pressure",
}
_READINESS = {"False": NOT_READY, "Unknown": UNREACHABLE}
_OWN = {
    "NoSchedule": (*_PRESSURES.values(), *_READINESS.values(), UNSCHEDULABLE),
    "NoExecute": tuple(_READINESS.values()),
}
_PARTLY = 0.55
_FEW = 2


@dataclass(frozen=True)
class Plan:
    """`is_lost`: write conditions of status Unknown. `taints`: all that the node shall have, None when it has them.

    `again` says in how many seconds a silent node is to be looked at again.
    """

    is_lost: bool
    taints: tuple[Object, ...] | None
    again: float | None


def plan(node: NodeView, silent: float, everyone: Sequence[NodeView], now: datetime) -> Plan:
    """The next step for a node that was not heard of for so many seconds; `everyone` are all nodes, this one too."""
    patience = GRACE_SECONDS if "Ready" in node.conditions else STARTUP_SECONDS
    is_lost = silent >= patience and any(node.conditions.get(type_) != "Unknown" for type_ in MANAGED)
    wanted = _wanted(node, everyone)
    kept = [taint for taint in node.taints if not _is_own(taint) or _key(taint) in wanted]
    new = [key for key in wanted if key not in {_key(taint) for taint in kept}]
    moment = meta.timestamp(now)
    added = [{"key": key, "effect": effect, "timeAdded": moment} for key, effect in new]
    changed = bool(added) or len(kept) != len(node.taints)
    return Plan(is_lost, (*kept, *added) if changed else None, patience - silent if silent < patience else None)


def unknown(node: Object, now: datetime) -> list[Object]:
    """The conditions of a node that nobody hears of: what it said of itself is not known any more."""
    conditions = list((node.get("status") or {}).get("conditions") or ())
    moment = meta.timestamp(now)
    for type_ in MANAGED:
        old = meta.get_condition(conditions, type_)
        if old is None:
            conditions.append(_never_posted(type_, node["metadata"].get("creationTimestamp"), moment))
        elif old["status"] != "Unknown":
            new = {
                "status": "Unknown",
                "reason": "NodeStatusUnknown",
                "message": "Kubelet stopped posting node status.",
            }
            conditions[conditions.index(old)] = {**old, **new, "lastTransitionTime": moment}
    return conditions


def _never_posted(type_: str, created: str | None, moment: str) -> Object:
    return {
        "type": type_,
        "status": "Unknown",
        "reason": "NodeStatusNeverUpdated",
        "message": "Kubelet never posted node status.",
        "lastHeartbeatTime": created,
        "lastTransitionTime": moment,
    }


def _wanted(node: NodeView, everyone: Sequence[NodeView]) -> list[tuple[str, str]]:
    """Key and effect of the taints that the node's state asks for."""
    keys = [key for type_, key in _PRESSURES.items() if node.conditions.get(type_) == "True"]
    readiness = _READINESS.get(node.conditions.get("Ready", ""))
    schedule = [*([readiness] if readiness else []), *keys, *([UNSCHEDULABLE] if node.unschedulable else [])]
    if "Ready" not in node.conditions:  # it has not spoken yet: the taint that it was born with stays
        schedule += [key for key in (NOT_READY,) if (key, "NoSchedule") in map(_key, node.taints)]
    execute = [readiness] if readiness and _may_evict(node, readiness, everyone) else []
    return [*((key, "NoSchedule") for key in schedule), *((key, "NoExecute") for key in execute)]


def _may_evict(node: NodeView, key: str, everyone: Iterable[NodeView]) -> bool:
    """When all nodes are silent it is the cluster that is broken; when most are, no further ones are emptied."""
    states = [each.ready for each in everyone]
    lost = states.count(False)
    if lost == len(states):
        return False
    partly = lost > _FEW and lost / len(states) >= _PARTLY
    return not partly or (key, "NoExecute") in map(_key, node.taints)


def _key(taint: Object) -> tuple[str, str]:
    return (taint["key"], taint.get("effect", ""))


def _is_own(taint: Object) -> bool:
    """Whether this controller put it there, or might have."""
    key, effect = _key(taint)
    return key in _OWN.get(effect, ())
