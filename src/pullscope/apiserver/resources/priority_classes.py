"""PriorityClasses.

Upstream: kubernetes v1.36 pkg/registry/scheduling/priorityclass, pkg/apis/scheduling (helpers.go, validation, v1/defaults.go),
pkg/printers/internalversion/printers.go (printPriorityClass).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pullscope.apiserver import columns
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.storage import Storage
from pullscope.kube import causes, resources, table, validation
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

_PREFIX = "system-"
HIGHEST_OF_USERS = 1_000_000_000
SYSTEM = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}
_POLICIES = ("PreemptLowerPriority", "Never")
_COLUMNS = (
    columns.NAME,
    table.column("Value", "integer", description="The number that pods of this class have as their priority."),
    table.column("Global-Default", "boolean", description="Whether pods without a class are of this one."),
    columns.AGE,
    table.column("PreemptionPolicy", description="Whether pods of this class may preempt others."),
)


def _default(obj: Object) -> None:
    if obj.get("value") is None:
        obj["value"] = 0
    if obj.get("preemptionPolicy") is None:
        obj["preemptionPolicy"] = "PreemptLowerPriority"


def _validate(obj: Object) -> Iterator[Cause]:
    name, policy = obj["metadata"].get("name", ""), obj["preemptionPolicy"]
    if name.startswith(_PREFIX):
        if why := _not_of_the_system(name, obj):
            reserved = f"priority class names with '{_PREFIX}' prefix are reserved for system use only. error: {why}"
            yield causes.forbidden("metadata.name", reserved)
    elif obj["value"] > HIGHEST_OF_USERS:
        why = f"maximum allowed value of a user defined priority is {HIGHEST_OF_USERS}"
        yield causes.forbidden("value", why)
    if not policy:
        yield causes.required("preemptionPolicy")
    elif policy not in _POLICIES:
        yield causes.not_supported("preemptionPolicy", policy, _POLICIES)


def _not_of_the_system(name: str, obj: Object) -> str:
    """Why a class is none of the two that the system has; empty when it is one."""
    if name not in SYSTEM:
        return f"{name} is not a known system priority class"
    if obj["value"] != SYSTEM[name]:
        return f"value of {name} PriorityClass must be {SYSTEM[name]}"
    return f"globalDefault of {name} PriorityClass must be false" if obj.get("globalDefault") else ""


def _validate_update(new: Object, old: Object) -> Iterator[Cause]:
    yield from _validate(new)
    if new["value"] != old["value"]:
        yield causes.forbidden("value", "may not be changed in an update.")
    if new["preemptionPolicy"] != old["preemptionPolicy"]:
        yield causes.invalid("preemptionPolicy", new["preemptionPolicy"], validation.IMMUTABLE)


def _cells(obj: Object, now: datetime) -> list[Any]:
    head = [obj["metadata"]["name"], obj["value"], bool(obj.get("globalDefault"))]
    return [*head, table.age(obj, now), obj["preemptionPolicy"]]


KIND = Kind(
    resource=resources.PRIORITY_CLASSES,
    table=Table(_COLUMNS, _cells),
    handler=Storage,
    strategy=Strategy(validate=_validate, validate_update=_validate_update),
    default=_default,
)
