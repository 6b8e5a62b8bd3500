"""Nodes.

Upstream: kubernetes v1.36 pkg/registry/core/node, pkg/apis/core/validation (ValidateNode, validateNodeTaints), pkg/printers/internalversion/printers.go (printNode).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pullscope.apiserver import columns, strategies, workloads
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.subresources import node_proxy, status
from pullscope.kube import causes, meta, names, resources, table
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_UNIQUE = "taints must be unique by key and effect pair"
_ROLE_PREFIX = "node-role.kubernetes.io/"
_ROLE_LABEL = "kubernetes.io/role"
_COLUMNS = (
    columns.NAME,
    table.column("Status", description="The status of the node"),
    table.column("Roles", description="The roles of the node"),
    columns.AGE,
    table.column("Version", description="Kubelet Version reported by the node."),
    table.column("Internal-IP", description="The node's first internal address.", priority=1),
    table.column("External-IP", description="The node's first external address.", priority=1),
    table.column("OS-Image", description="OS Image reported by the node from /etc/os-release.", priority=1),
    table.column("Kernel-Version", description="Kernel Version reported by the node from 'uname -r'.", priority=1),
    table.column("Container-Runtime", description="ContainerRuntime Version reported by the node.", priority=1),
)


def _default(obj: Object) -> None:
    obj.setdefault("spec", {})
    state = obj.setdefault("status", {})
    if "capacity" in state:
        state.setdefault("allocatable", dict(state["capacity"]))
    strategies.whole_conditions(obj)


def _validate(obj: Object) -> Iterator[Cause]:
    taken: set[tuple[str, str]] = set()
    for index, taint in enumerate(obj["spec"].get("taints") or ()):
        yield from _taint(taint, f"spec.taints[{index}]")
        key = (taint.get("key", ""), taint.get("effect", ""))
        if key in taken:
            shown = workloads.object_invalid(f"spec.taints[{index}]", taint, _UNIQUE)
            yield Cause("FieldValueDuplicate", shown.field, shown.message.replace("Invalid", "Duplicate", 1))
        taken.add(key)


def _taint(taint: Object, path: str) -> Iterator[Cause]:
    key, value, effect = (taint.get(field) or "" for field in ("key", "value", "effect"))
    yield from (causes.invalid(f"{path}.key", key, why) for why in names.qualified_name(key))
    if why := names.label_value(value):
        yield causes.invalid(f"{path}.value", value, ";".join(why))
    if not effect:
        yield causes.required(f"{path}.effect")
    elif effect not in _EFFECTS:
        yield causes.not_supported(f"{path}.effect", effect, _EFFECTS)


def _validate_update(new: Object, old: Object) -> Iterator[Cause]:
    yield from _validate(new)
    for field, shown in (("podCIDR", "podCIDRs"), ("providerID", "providerID")):
        before = old["spec"].get(field)
        if before and new["spec"].get(field) != before:
            why = f'node updates may not change {field} except from "" to valid'
            yield causes.forbidden(f"spec.{shown}", why)


def _cells(obj: Object, now: datetime) -> list[Any]:
    info = obj.get("status", {}).get("nodeInfo") or {}
    first = [obj["metadata"]["name"], _status(obj), _roles(obj), table.age(obj, now), info.get("kubeletVersion", "")]
    kernel, architecture = info.get("kernelVersion") or table.UNKNOWN, info.get("architecture")
    return [
        *first,
        _address(obj, "InternalIP"),
        _address(obj, "ExternalIP"),
        info.get("osImage") or table.UNKNOWN,
        f"{kernel} ({architecture})" if architecture else kernel,
        info.get("containerRuntimeVersion") or table.UNKNOWN,
    ]


def _status(obj: Object) -> str:
    ready = meta.get_condition(obj.get("status", {}).get("conditions"), "Ready")
    words = ["Unknown" if ready is None else "Ready" if ready["status"] == "True" else "NotReady"]
    if obj.get("spec", {}).get("unschedulable"):
        words.append("SchedulingDisabled")
    return ",".join(words)


def _roles(obj: Object) -> str:
    labels: dict[str, str] = obj["metadata"].get("labels") or {}
    roles = {key.removeprefix(_ROLE_PREFIX) for key in labels if key.startswith(_ROLE_PREFIX)}
    roles.add(labels.get(_ROLE_LABEL, ""))
    return ",".join(sorted(roles - {""})) or table.NONE


def _address(obj: Object, kind: str) -> str:
    addresses = obj.get("status", {}).get("addresses") or ()
    return next((each["address"] for each in addresses if each.get("type") == kind), table.NONE)


KIND = Kind(
    resource=resources.NODES,
    table=Table(_COLUMNS, _cells),
    handler=Storage,
    strategy=Strategy(update=strategies.keep_status, validate=_validate, validate_update=_validate_update),
    default=_default,
    selectable=("metadata.name", "metadata.namespace", "spec.unschedulable"),
    subresources={"proxy": node_proxy.SUBRESOURCE, "status": status.of("Node")},
)
