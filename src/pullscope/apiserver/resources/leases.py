"""Leases: by renewing theirs, nodes say that they live.

Upstream: kubernetes v1.36 pkg/registry/coordination/lease, pkg/apis/coordination/validation,
pkg/printers/internalversion/printers.go (printLease).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pullscope.apiserver import columns
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.storage import Storage
from pullscope.kube import causes, resources, table
from pullscope.kube.api import Object
from pullscope.kube.status import Cause


def _default(obj: Object) -> None:
    obj.setdefault("spec", {})


def _validate(obj: Object) -> Iterator[Cause]:
    spec = obj["spec"]
    if (seconds := spec.get("leaseDurationSeconds")) is not None and seconds <= 0:
        yield causes.invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0")
    if (number := spec.get("leaseTransitions")) is not None and number < 0:
        yield causes.invalid("spec.leaseTransitions", number, "must be greater than or equal to 0")


def _validate_update(new: Object, _old: Object) -> Iterator[Cause]:
    return _validate(new)


def _cells(obj: Object, now: datetime) -> list[Any]:
    return [obj["metadata"]["name"], obj["spec"].get("holderIdentity") or "", table.age(obj, now)]


KIND = Kind(
    resource=resources.LEASES,
    table=Table((columns.NAME, table.column("Holder", description="Who holds the lease."), columns.AGE), _cells),
    handler=Storage,
    strategy=Strategy(validate=_validate, validate_update=_validate_update),
    default=_default,
)
