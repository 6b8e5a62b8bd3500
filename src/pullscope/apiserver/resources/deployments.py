"""Deployments.

Upstream: kubernetes v1.36 pkg/registry/apps/deployment, pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pullscope.apiserver import columns, strategies, workloads
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.subresources import scale, status
from pullscope.kube import causes, resources, table
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

_TYPES = ("Recreate", "RollingUpdate")
_COLUMNS = (
    columns.NAME,
    table.column("Ready", description="Number of the pod with ready state"),
    table.column("Up-to-date", description="Number of pods that have the desired template spec."),
    table.column("Available", description="Number of pods that are ready for at least minReadySeconds."),
    columns.AGE,
    *columns.template_columns("deployment"),
)


def _default(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    if spec.get("replicas") is None:
        spec["replicas"] = 1
    workloads.default_template(spec)
    strategy = spec.setdefault("strategy", {})
    strategy["type"] = strategy.get("type") or "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)


def _create(obj: Object) -> None:
    strategies.without_status(obj)
    strategies.first_generation(obj)


def _update(new: Object, old: Object) -> None:
    strategies.keep_status(new, old)
    strategies.next_generation(new, old)


def _validate(obj: Object) -> Iterator[Cause]:
    spec = obj["spec"]
    yield from workloads.spec(spec)
    yield from _strategy(spec["strategy"], "spec.strategy")
    yield from workloads.non_negative(spec, "spec", "revisionHistoryLimit", "progressDeadlineSeconds")
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None and deadline <= spec.get("minReadySeconds", 0):
        yield causes.invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")


def _strategy(strategy: Object, path: str) -> Iterator[Cause]:
    rolling = strategy.get("rollingUpdate")
    if strategy["type"] not in _TYPES:
        yield workloads.unsupported_strategy(path, strategy, _TYPES)
    elif strategy["type"] == "Recreate" and rolling is not None:
        why = "may not be specified when strategy `type` is 'Recreate'"
        yield causes.forbidden(f"{path}.rollingUpdate", why)
    elif rolling is not None:
        for field in ("maxUnavailable", "maxSurge"):
            yield from workloads.share(rolling[field], f"{path}.rollingUpdate.{field}")
        unavailable, here = rolling["maxUnavailable"], f"{path}.rollingUpdate.maxUnavailable"
        if workloads.is_none(unavailable) and workloads.is_none(rolling["maxSurge"]):
            yield causes.invalid(here, unavailable, "may not be 0 when `maxSurge` is 0")
        yield from workloads.not_above_100_percent(unavailable, here)


def _validate_update(new: Object, old: Object) -> Iterator[Cause]:
    yield from _validate(new)
    yield from workloads.same_selector(new, old)


def _cells(obj: Object, now: datetime) -> list[Any]:
    spec, state = obj["spec"], obj.get("status", {})
    ready = f"{state.get('readyReplicas', 0)}/{spec.get('replicas', 0)}"
    counts = [state.get("updatedReplicas", 0), state.get("availableReplicas", 0)]
    return [obj["metadata"]["name"], ready, *counts, table.age(obj, now), *columns.template_cells(obj)]


KIND = Kind(
    resource=resources.DEPLOYMENTS,
    table=Table(_COLUMNS, _cells),
    handler=Storage,
    strategy=Strategy(_create, _update, _validate, _validate_update),
    default=_default,
    subresources={"scale": scale.SUBRESOURCE, "status": status.of("Deployment")},
)
