"""DaemonSets.

Upstream: kubernetes v1.36 pkg/registry/apps/daemonset, pkg/apis/apps/v1/defaults.go and conversion.go,
pkg/apis/apps/validation.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pullscope.apiserver import columns, strategies, workloads
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.subresources import status
from pullscope.kube import causes, resources, table
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"
"""Annotation that counts the changes of the template. The server writes it, whatever a client says."""

_TYPES = ("RollingUpdate", "OnDelete")
_COUNTS = ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")
_SHOWN = (
    *("desiredNumberScheduled", "currentNumberScheduled", "numberReady"),
    *("updatedNumberScheduled", "numberAvailable"),
)
_COLUMNS = (
    columns.NAME,
    table.column("Desired", "integer", description="The number of nodes that should run the daemon pod."),
    table.column("Current", "integer", description="The number of nodes that have the daemon pod and should."),
    table.column("Ready", "integer", description="The number of nodes whose daemon pod is ready."),
    table.column("Up-to-date", "integer", description="The number of nodes that run the current template's pod."),
    table.column("Available", "integer", description="The number of nodes whose daemon pod is available."),
    table.column("Node Selector", description="The labels that a node must have."),
    columns.AGE,
    *columns.template_columns("daemon set"),
)


def _default(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    workloads.default_template(spec)
    strategy = spec.setdefault("updateStrategy", {})
    strategy["type"] = strategy.get("type") or "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        rolling = strategy["rollingUpdate"] = strategy.get("rollingUpdate") or {}
        rolling.setdefault("maxUnavailable", 1)
        rolling.setdefault("maxSurge", 0)
    spec.setdefault("revisionHistoryLimit", 10)


def _create(obj: Object) -> None:
    obj["status"] = dict.fromkeys(_COUNTS, 0)
    strategies.first_generation(obj)
    _count_templates(obj, max(_templates(obj), 1))


def _update(new: Object, old: Object) -> None:
    strategies.keep_status(new, old)
    strategies.next_generation(new, old)
    _count_templates(new, _templates(old) + (new["spec"]["template"] != old["spec"]["template"]))


def _templates(obj: Object) -> int:
    text = (obj["metadata"].get("annotations") or {}).get(TEMPLATE_GENERATION, "")
    return int(text) if text.isdecimal() else 0


def _count_templates(obj: Object, number: int) -> None:
    metadata = obj["metadata"]
    metadata["annotations"] = {**(metadata.get("annotations") or {}), TEMPLATE_GENERATION: str(number)}


def _validate(obj: Object) -> Iterator[Cause]:
    spec = obj["spec"]
    selector, template = spec.get("selector"), spec["template"]
    if selector is not None:
        yield from workloads.selector(selector, "spec.selector")
    yield from workloads.selects(selector, template, "spec.template")
    if selector is not None:
        yield from workloads.not_empty(selector, "spec.selector", "daemonset")
    yield from workloads.template(template, "spec.template")
    yield from workloads.restarting(template, "spec.template", "DaemonSet")
    yield from workloads.non_negative(spec, "spec", "minReadySeconds")
    yield from _strategy(spec["updateStrategy"], "spec.updateStrategy")
    yield from workloads.non_negative(spec, "spec", "revisionHistoryLimit")


def _strategy(strategy: Object, path: str) -> Iterator[Cause]:
    if strategy["type"] == "RollingUpdate":
        yield from _rolling(strategy["rollingUpdate"], f"{path}.rollingUpdate")
    elif strategy["type"] not in _TYPES:
        yield workloads.unsupported_strategy(path, strategy, _TYPES)


def _rolling(rolling: Object, path: str) -> Iterator[Cause]:
    for check in (workloads.share, workloads.not_above_100_percent):
        for field in workloads.ROLLING_LIMITS:
            yield from check(rolling[field], f"{path}.{field}")
    still = [workloads.is_none(rolling[field]) for field in workloads.ROLLING_LIMITS]
    if not any(still):
        yield causes.invalid(f"{path}.maxSurge", rolling["maxSurge"], "may not be set when maxUnavailable is non-zero")
    elif all(still):
        yield causes.required(f"{path}.maxUnavailable", "cannot be 0 when maxSurge is 0")


def _validate_update(new: Object, old: Object) -> Iterator[Cause]:
    yield from _validate(new)
    yield from workloads.same_selector(new, old)


def _cells(obj: Object, now: datetime) -> list[Any]:
    spec, state = obj["spec"], obj.get("status", {})
    wanted = columns.mapping((spec["template"].get("spec") or {}).get("nodeSelector"))
    head = [obj["metadata"]["name"], *(state.get(field, 0) for field in _SHOWN), wanted]
    return [*head, table.age(obj, now), *columns.template_cells(obj)]


KIND = Kind(
    resource=resources.DAEMON_SETS,
    table=Table(_COLUMNS, _cells),
    handler=Storage,
    strategy=Strategy(_create, _update, _validate, _validate_update),
    default=_default,
    subresources={"status": status.of("DaemonSet")},
)
