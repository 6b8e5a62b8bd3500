"""What pods ask for fits into what the namespace allows, whatever that is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.kube import quantity
from pullscope.verify import limits


def limit_range(kind: str = "Container", **bounds: dict[str, str]) -> dict[str, Any]:
    return {"spec": {"limits": [{"type": kind, **bounds}]}}


def quota(hard: dict[str, str], used: dict[str, str], **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "q"}, "spec": spec, "status": {"hard": hard, "used": used}}


SMALL = limits.fitting(())


def test_without_bounds_little_is_asked_for() -> None:
    assert SMALL == {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"cpu": "200m", "memory": "64Mi"}}


@pytest.mark.parametrize(
    ("bounds", "wanted"),
    [
        (limit_range(min={"cpu": "100m"}), ("100m", "200m")),
        (limit_range(min={"cpu": "1"}), ("1", "1")),
        (limit_range(max={"cpu": "50m"}), ("10m", "50m")),
        (limit_range("Pod", max={"cpu": "5m"}), ("5m", "5m")),
        (limit_range(maxLimitRequestRatio={"cpu": "4"}), ("50m", "200m")),
        (limit_range("PersistentVolumeClaim", min={"cpu": "9"}), ("10m", "200m")),
    ],
)
def test_bounds_move_it(bounds: dict[str, Any], wanted: tuple[str, str]) -> None:
    made = limits.fitting([bounds])
    assert (made["requests"]["cpu"], made["limits"]["cpu"]) == wanted


@given(st.integers(1, 3000), st.integers(0, 3000), st.integers(1, 20))
def test_what_is_asked_for_is_allowed(least: int, more: int, ratio: int) -> None:
    low, high = least, least + more
    bounds = limit_range(min={"cpu": f"{low}m"}, max={"cpu": f"{high}m"}, maxLimitRequestRatio={"cpu": str(ratio)})
    made = limits.fitting([bounds])
    request, limit = (quantity.parse(made[side]["cpu"]).value * 1000 for side in ("requests", "limits"))
    assert low <= request <= limit <= high
    assert limit <= ratio * request


@pytest.mark.parametrize(
    ("quotas", "count", "told"),
    [
        ([], None, ""),
        ([quota({"pods": "10"}, {"pods": "3"})], 3, "q: pods 3 of 10 used"),
        ([quota({"pods": "4"}, {"pods": "3"})], 0, "q: pods 3 of 4 used"),
        ([quota({"pods": "4"}, {"pods": "9"})], 0, "q: pods 9 of 4 used"),
        ([quota({"limits.cpu": "1"}, {})], 2, "q: limits.cpu 0 of 1 used"),
        (
            [quota({"memory": "1Gi"}, {}), quota({"requests.memory": "128Mi"}, {})],
            2,
            "q: requests.memory 0 of 128Mi used",
        ),
        ([quota({"services": "0", "requests.storage": "1Gi", "limits.ephemeral-storage": "1"}, {})], None, ""),
        ([quota({"pods": "0"}, {}, scopes=["BestEffort"])], None, ""),
    ],
)
def test_quotas_say_how_many_cases_run_at_once(quotas: list[dict[str, Any]], count: int | None, told: str) -> None:
    assert limits.at_once(quotas, SMALL) == (count, told)
