"""ConfigMaps.

Upstream: kubernetes v1.36 pkg/registry/core/configmap, pkg/apis/core/validation (ValidateConfigMap).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pullscope.apiserver import columns, syntax
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.resources import secrets
from pullscope.apiserver.storage import Storage
from pullscope.kube import causes, resources, table
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

SIZE_MAX = 1024 * 1024


def _validate(obj: Object) -> Iterator[Cause]:
    texts, binary = obj.get("data") or {}, obj.get("binaryData") or {}
    for field, given, other in (("data", texts, binary), ("binaryData", binary, texts)):
        for key in given:
            for why in syntax.config_key(key):
                yield causes.invalid(f"{field}[{key}]", key, why)
            if key in other:
                field_other = "binaryData" if field == "data" else "data"
                yield causes.invalid(f"{field}[{key}]", key, f"duplicate of key present in {field_other}")
    size = sum(len((text or "").encode()) for text in texts.values())
    size += sum(len(text or "") * 3 // 4 for text in binary.values())
    if size > SIZE_MAX:
        yield causes.too_long("", SIZE_MAX)


def _validate_update(new: Object, old: Object) -> Iterator[Cause]:
    yield from secrets.immutable(new, old, "data", "binaryData")
    yield from _validate(new)


def _cells(obj: Object, now: datetime) -> list[Any]:
    count = len(obj.get("data") or {}) + len(obj.get("binaryData") or {})
    return [obj["metadata"]["name"], count, table.age(obj, now)]


KIND = Kind(
    resource=resources.CONFIG_MAPS,
    table=Table(
        (columns.NAME, table.column("Data", description="The number of keys of the config map."), columns.AGE), _cells
    ),
    handler=Storage,
    strategy=Strategy(validate=_validate, validate_update=_validate_update),
)
