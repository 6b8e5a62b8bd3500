"""Namespaces. They go in two steps: DELETE marks them Terminating, and when their content is gone, `finalize` frees them.

Upstream: kubernetes v1.36 pkg/registry/core/namespace.
"""

from datetime import datetime
from typing import Any

from pullscope.apiserver import columns, strategies
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.subresources import finalize, status
from pullscope.kube import names, resources, table
from pullscope.kube.api import Object

FINALIZER = "kubernetes"
NAME_LABEL = "kubernetes.io/metadata.name"


def _default(obj: Object) -> None:
    name = obj["metadata"].get("name")
    if name:
        obj["metadata"].setdefault("labels", {})
        obj["metadata"]["labels"] = {**(obj["metadata"]["labels"] or {}), NAME_LABEL: name}


def _create(obj: Object) -> None:
    _default(obj)
    given = (obj.get("spec") or {}).get("finalizers") or []
    obj["spec"] = {"finalizers": [*given, *([] if FINALIZER in given else [FINALIZER])]}
    obj["status"] = {"phase": "Active"}


def _update(new: Object, old: Object) -> None:
    new["spec"] = old.get("spec", {})
    strategies.keep_status(new, old)


def _mark(obj: Object) -> None:
    obj["status"] = {**obj.get("status", {}), "phase": "Terminating"}


def _cells(obj: Object, now: datetime) -> list[Any]:
    return [obj["metadata"]["name"], obj.get("status", {}).get("phase", ""), table.age(obj, now)]


class NamespaceStorage(Storage):
    """Namespaces go one by one."""

    delete_collection = None  # type: ignore[assignment] # the verb is not there


KIND = Kind(
    resource=resources.NAMESPACES,
    table=Table((columns.NAME, table.column("Status", description="The status of the namespace"), columns.AGE), _cells),
    handler=NamespaceStorage,
    strategy=Strategy(create=_create, update=_update),
    default=_default,
    name_rule=names.dns1123_label,
    selectable=("metadata.name", "metadata.namespace", "status.phase"),
    subresources={"finalize": finalize.SUBRESOURCE, "status": status.of("Namespace")},
    mark=_mark,
)
