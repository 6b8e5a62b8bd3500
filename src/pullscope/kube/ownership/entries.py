"""metadata.managedFields as values: for each manager the fields that it has, and since when.

Upstream: k8s.io/apimachinery v0.36 pkg/util/managedfields/internal (managedfields.go, capmanagers.go, buildmanagerinfo.go).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from pullscope.kube.ownership import elements, sets
from pullscope.kube.ownership.schema import Object
from pullscope.kube.ownership.sets import Fields

Operation = Literal["Apply", "Update"]
APPLY: Operation = "Apply"
UPDATE: Operation = "Update"

# More managers than these that update (and do not apply) are merged into one, the oldest first.
UPDATERS_MAX = 10
ANCIENT = "ancient-changes"


class Manager(NamedTuple):
    """Who manages: a program's name, and how it wrote."""

    name: str
    operation: Operation
    subresource: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a manager has. `time` is RFC 3339, empty where it is not known."""

    fields: Fields
    time: str = ""


Managers = Mapping[Manager, Entry]
"""All managers of an object."""


def decode(managed: Iterable[Any], api_version: str) -> Managers:
    """The entries of a `managedFields` list. Raises MalformedError when one is, and upstream then ignores them all.

    Entries of another version than the one served are dropped: their fields cannot be converted.
    """
    found: dict[Manager, Entry] = {}
    for entry in managed:
        operation = entry.get("operation")
        if operation not in (APPLY, UPDATE):
            raise elements.MalformedError(f"operation is {operation}")
        if entry.get("apiVersion") == api_version:
            manager = Manager(entry.get("manager", ""), operation, entry.get("subresource", ""))
            found[manager] = Entry(entry.get("fieldsV1", {}), entry.get("time", ""))
    return found


def normal(managed: Iterable[Any]) -> list[Object]:
    """The list as a client sent it, its sets as we write them. Raises MalformedError."""
    return [{**entry, "fieldsV1": sets.normal(entry.get("fieldsV1") or {})} for entry in managed]


def encode(managers: Managers, api_version: str) -> list[Object]:
    """The `managedFields` list, in upstream's order: those that apply, then by time and name."""
    return [_encoded(*each, api_version) for each in sorted(managers.items(), key=_place)]


def _place(item: tuple[Manager, Entry]) -> tuple[str, ...]:
    manager, entry = item
    return manager.operation, entry.time, manager.name, manager.subresource


def _encoded(manager: Manager, entry: Entry, api_version: str) -> Object:
    result: Object = {"manager": manager.name, "operation": manager.operation, "apiVersion": api_version}
    if entry.time:
        result["time"] = entry.time
    result |= {"fieldsType": "FieldsV1", "fieldsV1": entry.fields}
    if manager.subresource:
        result["subresource"] = manager.subresource
    return result


def capped(managers: Managers) -> Managers:
    """With no more than `UPDATERS_MAX` that update: the oldest become one."""
    updaters = sorted((item for item in managers.items() if item[0].operation == UPDATE), key=_place)
    if len(updaters) <= UPDATERS_MAX:
        return managers
    oldest = dict(updaters[: len(updaters) - UPDATERS_MAX + 1])
    merged = Entry({})
    for entry in oldest.values():
        merged = replace(entry, fields=sets.union(merged.fields, entry.fields))
    kept = {manager: entry for manager, entry in managers.items() if manager not in oldest}
    return {**kept, Manager(ANCIENT, UPDATE): merged}
