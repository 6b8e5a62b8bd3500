"""Image triggers: an annotation of a workload that has a container's image follow an image stream's tag.

`oc new-app` writes it, and so a Deployment's image becomes a digest: a cached tag can never go stale there.

Upstream: openshift-controller-manager 4.22 pkg/image/trigger and openshift/api image/v1 ObjectFieldTrigger. The annotation
may hold anything: what is not a list of triggers counts as none (`oc set triggers --remove` leaves the text `null`).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from pullscope.openshift import names
from pullscope.openshift.streams import TagName, split_tag

Object = dict[str, Any]

# The paths that upstream understands: a container by its index, or by its name in a JSONPath filter.
_PATH = re.compile(
    r"spec\.template\.spec\.(?P<list>containers|initContainers)"
    r"\[(?:(?P<index>[0-9]+)|\?\(@\.name==\\?(?P<quote>[\"'])(?P<name>[^\"'\\]+)\\?(?P=quote)\))\]\.image"
)


@dataclass(frozen=True)
class Trigger:
    """`path` of the container's image follows the tag `source`, unless it is paused."""

    source: TagName
    path: str
    paused: bool = False


def of(obj: Object) -> list[Trigger]:
    """The triggers that a workload's annotation names, those that are understood."""
    annotation = (obj["metadata"].get("annotations") or {}).get(names.TRIGGERS, "")
    try:
        entries = orjson.loads(annotation)
    except orjson.JSONDecodeError:
        return []
    namespace = obj["metadata"].get("namespace", "")
    return list(_triggers(entries, namespace)) if isinstance(entries, list) else []


def faults(obj: Object) -> list[str]:
    """What of a workload's annotation leads nowhere: the text that is wrong, first things first; nothing where all is well."""
    annotation = (obj["metadata"].get("annotations") or {}).get(names.TRIGGERS, "")
    try:
        entries = orjson.loads(annotation or "null")
    except orjson.JSONDecodeError:
        return [annotation]
    if entries is None:  # as `oc set triggers --remove` leaves it
        return []
    if not isinstance(entries, list):
        return [annotation]
    return [wrong for entry in entries if (wrong := _fault(obj, entry))]


def _fault(obj: Object, entry: Any) -> str:
    """What is wrong with one entry: it names no stream's tag, or no container of the workload."""
    if not list(_triggers([entry], "")):
        return orjson.dumps(entry).decode()
    path = str(entry["fieldPath"])
    return "" if container_at(obj, path) else path


def _triggers(entries: list[Any], namespace: str) -> Iterator[Trigger]:
    for entry in entries:
        source = entry.get("from") if isinstance(entry, dict) else None
        if not isinstance(source, dict) or source.get("kind") != "ImageStreamTag":
            continue
        name = split_tag(str(source.get("name", "")))
        if name and isinstance(entry.get("fieldPath"), str):
            where = str(source.get("namespace") or namespace)
            # `paused` has been a boolean and a text in upstream's history.
            yield Trigger(TagName(where, *name), entry["fieldPath"], entry.get("paused") in (True, "true"))


def apply(obj: Object, resolve: Callable[[TagName], str | None]) -> bool:
    """Set the images of `obj` to what their triggers' tags resolve to; False when nothing changed.

    `resolve` gives the reference to pull a tag by, None while it has none: then that container stays as it is.
    """
    changed = False
    for trigger in of(obj):
        container = None if trigger.paused else container_at(obj, trigger.path)
        image = resolve(trigger.source) if container is not None else None
        if container is not None and image and container.get("image") != image:
            container["image"] = image
            changed = True
    return changed


def container_at(obj: Object, path: str) -> Object | None:
    """The container whose image `path` names, None when there is no such."""
    found = _PATH.fullmatch(path)
    if not found:
        return None
    pod = ((obj.get("spec") or {}).get("template") or {}).get("spec") or {}
    containers: list[Object] = pod.get(found["list"]) or []
    if found["index"] is not None:
        index = int(found["index"])
        return containers[index] if index < len(containers) else None
    return next((container for container in containers if container.get("name") == found["name"]), None)
