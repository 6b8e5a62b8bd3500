"""meta.k8s.io Table: how the server tells kubectl what `get` prints.

A resource gives its columns once and the cells of each object; `table` frames them. Upstream: k8s.io/apimachinery v0.36
pkg/apis/meta/v1/types.go and kubernetes pkg/printers/internalversion/printers.go.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from pullscope.kube import duration, meta

Object = dict[str, Any]
UNKNOWN = "<unknown>"
NONE = "<none>"


def column(
    name: str,
    kind: Literal["string", "integer", "boolean"] = "string",
    *,
    format: str = "",  # noqa: A002 (the field's own word)
    description: str = "",
    priority: int = 0,
) -> Object:
    """One column. Priority 1 is shown by `-o wide` alone; the column of names has the format `name`."""
    return {"name": name, "type": kind, "format": format, "description": description, "priority": priority}


def row(cells: Sequence[Any], obj: Object, *, whole: bool = False) -> Object:
    """One row: the cells in column order and the object's metadata, or the `whole` object (includeObject=Object)."""
    partial = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": obj["metadata"]}
    return {"cells": list(cells), "object": obj if whole else partial}


def table(columns: Sequence[Object] | None, rows: Iterable[Object], *, resource_version: str = "") -> Object:
    """The Table object. `columns` None: a later event of a watch, whose client has them already."""
    metadata = {"resourceVersion": resource_version} if resource_version else {}
    definitions = None if columns is None else list(columns)
    frame: Object = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}
    return {**frame, "columnDefinitions": definitions, "rows": list(rows)}


def since(timestamp: str | None, now: datetime) -> str:
    """The cell for the time that has passed since an RFC 3339 text: `5m`, or `<unknown>` without one."""
    if not timestamp:
        return UNKNOWN
    return duration.human((now - meta.parse_time(timestamp)).total_seconds())


def age(obj: Object, now: datetime) -> str:
    """The Age cell: the time since the object was created."""
    return since(obj["metadata"].get("creationTimestamp"), now)
