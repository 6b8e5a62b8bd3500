"""ReplicaSets.

Upstream: kubernetes v1.36 pkg/registry/apps/replicaset, pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pullscope.apiserver import columns, strategies, workloads
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.subresources import scale, status
from pullscope.kube import resources, table
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

_COLUMNS = (
    columns.NAME,
    table.column("Desired", "integer", description="Number of desired replicas."),
    table.column("Current", "integer", description="Number of replicas that were last observed."),
    table.column("Ready", "integer", description="Number of ready replicas."),
    columns.AGE,
    *columns.template_columns("replica set"),
)


def _default(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    if spec.get("replicas") is None:
        spec["replicas"] = 1
    workloads.default_template(spec)


def _create(obj: Object) -> None:
    obj["status"] = {"replicas": 0}
    strategies.first_generation(obj)


def _update(new: Object, old: Object) -> None:
    strategies.keep_status(new, old)
    strategies.next_generation(new, old)


def _validate(obj: Object) -> Iterator[Cause]:
    return workloads.spec(obj["spec"])


def _validate_update(new: Object, old: Object) -> Iterator[Cause]:
    yield from workloads.spec(new["spec"])
    yield from workloads.same_selector(new, old)


def _cells(obj: Object, now: datetime) -> list[Any]:
    spec, state = obj["spec"], obj.get("status", {})
    counts = [spec.get("replicas", 0), state.get("replicas", 0), state.get("readyReplicas", 0)]
    return [obj["metadata"]["name"], *counts, table.age(obj, now), *columns.template_cells(obj)]


KIND = Kind(
    resource=resources.REPLICA_SETS,
    table=Table(_COLUMNS, _cells),
    handler=Storage,
    strategy=Strategy(_create, _update, _validate, _validate_update),
    default=_default,
    selectable=("metadata.name", "metadata.namespace", "status.replicas"),
    subresources={"scale": scale.SUBRESOURCE, "status": status.of("ReplicaSet")},
)
