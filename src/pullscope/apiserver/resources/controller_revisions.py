"""ControllerRevisions: former states of DaemonSets, for `kubectl rollout history` and `undo`.

Upstream: kubernetes v1.36 pkg/registry/apps/controllerrevision, pkg/apis/apps/validation (ValidateControllerRevision),
pkg/printers/internalversion/printers.go (printControllerRevision).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pullscope.apiserver import columns, workloads
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.storage import Storage
from pullscope.kube import causes, meta, resources, table, validation
from pullscope.kube.api import Object
from pullscope.kube.status import Cause


def _default(obj: Object) -> None:
    obj.setdefault("revision", 0)


def _validate(obj: Object) -> Iterator[Cause]:
    if obj.get("data") is None:
        yield causes.required("data", "data is mandatory")
    if obj["revision"] < 0:
        yield causes.invalid("revision", obj["revision"], "must be greater than or equal to 0")


def _validate_update(new: Object, old: Object) -> Iterator[Cause]:
    yield from _validate(new)
    if new.get("data") != old.get("data"):
        yield workloads.object_invalid("data", new.get("data"), validation.IMMUTABLE)


def _cells(obj: Object, now: datetime) -> list[Any]:
    return [obj["metadata"]["name"], _controller(obj), obj["revision"], table.age(obj, now)]


def _controller(obj: Object) -> str:
    owner = meta.controller_of(obj)
    if owner is None:
        return table.NONE
    group = owner["apiVersion"].rpartition("/")[0]
    kind = owner["kind"].lower()
    return f"{kind}.{group}/{owner['name']}" if group else f"{kind}/{owner['name']}"


KIND = Kind(
    resource=resources.CONTROLLER_REVISIONS,
    table=Table(
        (
            columns.NAME,
            table.column("Controller", description="Controller of the object"),
            table.column("Revision", description="The number of the state that it keeps."),
            columns.AGE,
        ),
        _cells,
    ),
    handler=Storage,
    strategy=Strategy(validate=_validate, validate_update=_validate_update),
    default=_default,
)
