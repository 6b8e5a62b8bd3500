"""Leases as the API keeps them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pullscope.apiserver.resources import leases
from pullscope.kube import resources
from pullscope.kube.api import Api, Object
from pullscope.kube.status import ApiError


def lease(**spec: Any) -> Object:
    return {"metadata": {"name": "x"}, "spec": spec}


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"leaseDurationSeconds": 0}, "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"),
        ({"leaseTransitions": -1}, "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0"),
    ],
)
async def test_what_is_refused(api: Api, spec: Object, words: str) -> None:
    with pytest.raises(ApiError) as raised:
        await api.create(resources.LEASES, "demo", lease(**spec))
    assert raised.value.message == f'Lease.coordination.k8s.io "x" is invalid: {words}'
    await api.create(resources.LEASES, "demo", {"metadata": {"name": "x"}})
    with pytest.raises(ApiError, match="is invalid"):
        await api.patch(resources.LEASES, "demo", "x", {"spec": spec})


def test_cells_of_leases() -> None:
    obj: Object = {"metadata": {"name": "x", "creationTimestamp": "2026-01-01T00:00:00Z"}, "spec": {}}
    now = datetime(2026, 1, 1, 0, 2, tzinfo=UTC)
    assert leases.KIND.table.cells(obj, now) == ["x", "", "2m"]
    obj["spec"]["holderIdentity"] = "crc"
    assert leases.KIND.table.cells(obj, now) == ["x", "crc", "2m"]
