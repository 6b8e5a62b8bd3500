"""Events, in the form of the core group.

Upstream: kubernetes v1.36 pkg/registry/core/event, pkg/apis/core/validation/events.go.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from pullscope.apiserver import columns, syntax
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.storage import Storage
from pullscope.kube import causes, meta, resources, table
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

LIFETIME = timedelta(hours=1)
KEPT = 10_000  # upstream leaves it at their time; a lab that makes and deletes pods all day would fill its memory with them
_INVOLVED = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_HOMES = ("default", "kube-system")
_COLUMNS = (
    table.column("Last Seen", description="The time at which the most recent occurrence of this event was recorded."),
    table.column("Type", description="Type of this event (Normal, Warning), new types could be added in the future"),
    table.column("Reason", description="A short, machine understandable reason for the transition."),
    table.column("Object", description="The object that this event is about."),
    table.column("Subobject", description="The part of the object that this event is about.", priority=1),
    table.column("Source", description="The component reporting this event.", priority=1),
    table.column("Message", description="A human-readable description of the status of this operation."),
    table.column("First Seen", description="The time at which the event was first recorded.", priority=1),
    table.column("Count", description="The number of times this event has occurred.", priority=1),
    {**columns.NAME, "priority": 1},
)


def _validate(obj: Object) -> Iterator[Cause]:
    home, about = obj["metadata"].get("namespace", ""), (obj.get("involvedObject") or {}).get("namespace", "")
    if about != home and not (about == "" and home in _HOMES):
        yield causes.invalid("involvedObject.namespace", about, "does not match event.namespace")


def _validate_update(new: Object, _old: Object) -> Iterator[Cause]:
    return _validate(new)


def _default(obj: Object) -> None:
    """Go writes the empty values of these, and clients count on them."""
    for field in ("firstTimestamp", "lastTimestamp", "eventTime"):
        obj.setdefault(field, None)
    obj.setdefault("source", {})
    obj.setdefault("reportingComponent", "")
    obj.setdefault("reportingInstance", "")


def _cells(obj: Object, now: datetime) -> list[Any]:
    first = table.since(obj.get("firstTimestamp") or obj.get("eventTime"), now)
    last = table.since(obj["lastTimestamp"], now) if obj.get("lastTimestamp") else first
    count = obj.get("count") or 1
    if series := obj.get("series"):
        last, count = table.since(series.get("lastObservedTime"), now), series.get("count", 0)
    about = obj.get("involvedObject") or {}
    target = "/".join(part for part in (about.get("kind", "").lower(), about.get("name", "")) if part)
    subject = [last, obj.get("type", ""), obj.get("reason", ""), target, about.get("fieldPath", "")]
    return [*subject, _source(obj), obj.get("message", "").strip(), first, count, obj["metadata"]["name"]]


def _source(obj: Object) -> str:
    source = obj.get("source") or {}
    component = source.get("component") or obj.get("reportingComponent", "")
    instance = source.get("host") or obj.get("reportingInstance", "")
    return f"{component}, {instance}" if instance else component


def _expired(obj: Object, now: datetime) -> bool:
    """An hour after it was last seen: upstream's --event-ttl."""
    series = obj.get("series") or {}
    seen = [obj.get("lastTimestamp"), obj.get("eventTime"), series.get("lastObservedTime")]
    times = [meta.parse_time(text) for text in (*seen, obj["metadata"]["creationTimestamp"]) if text]
    return max(times) + LIFETIME < now


KIND = Kind(
    resource=resources.EVENTS,
    table=Table(_COLUMNS, _cells),
    handler=Storage,
    strategy=Strategy(validate=_validate, validate_update=_validate_update),
    default=_default,
    name_rule=syntax.path_segment,
    expired=_expired,
    kept=KEPT,
    selectable=(
        "metadata.name",
        "metadata.namespace",
        *(f"involvedObject.{field}" for field in _INVOLVED),
        "reason",
        "reportingComponent",
        "type",
    ),
)
