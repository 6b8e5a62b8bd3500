"""Jobs.

Upstream: kubernetes v1.36 pkg/registry/batch/job, pkg/apis/batch/v1/defaults.go,
pkg/printers/internalversion/printers.go (printJob).
"""

from datetime import datetime
from typing import Any

from pullscope.apiserver import columns, jobspec, strategies, workloads
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.subresources import status
from pullscope.kube import duration, meta, resources, table
from pullscope.kube.api import Object

_STATES = ("Suspended", "FailureTarget", "SuccessCriteriaMet")
_COLUMNS = (
    columns.NAME,
    table.column("Status", description="The job's state: Running, Complete, Failed and the like."),
    table.column("Completions", description="How many pods have succeeded, of how many."),
    table.column("Duration", description="How long the job ran, or has been running."),
    columns.AGE,
    *columns.template_columns("job"),
)


def _default(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    workloads.default_template(spec)
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = 1
    for field, value in {
        "parallelism": 1,
        "backoffLimit": 6,
        "completionMode": "NonIndexed",
        "suspend": False,
        "podReplacementPolicy": "TerminatingOrFailed",
        "manualSelector": False,
    }.items():
        if spec.get(field) is None:
            spec[field] = value


def _create(obj: Object) -> None:
    strategies.without_status(obj)
    strategies.first_generation(obj)
    if not obj["spec"]["manualSelector"]:
        _select(obj)
    _label(obj)


def _select(obj: Object) -> None:
    """Give the template labels that are this job's alone, and a selector for them."""
    metadata, spec = obj["metadata"], obj["spec"]
    uid = dict.fromkeys(jobspec.UID_LABELS, metadata["uid"])
    own = dict.fromkeys(jobspec.NAME_LABELS, metadata.get("name", "")) | uid
    template = spec["template"]["metadata"]
    template["labels"] = own | (template.get("labels") or {})
    selector = spec["selector"] = spec.get("selector") or {}
    selector["matchLabels"] = {jobspec.UID_LABELS[1]: metadata["uid"]} | (selector.get("matchLabels") or {})


def _label(obj: Object) -> None:
    """A job without labels has those of its pods."""
    if labels := obj["spec"]["template"]["metadata"].get("labels"):
        obj["metadata"]["labels"] = obj["metadata"].get("labels") or dict(labels)


def _update(new: Object, old: Object) -> None:
    _label(new)
    strategies.keep_status(new, old)
    strategies.next_generation(new, old)


def _cells(obj: Object, now: datetime) -> list[Any]:
    head = [obj["metadata"]["name"], _state(obj), _succeeded(obj), _duration(obj.get("status", {}), now)]
    return [*head, table.age(obj, now), *columns.template_cells(obj)]


def _state(obj: Object) -> str:
    def has(type_: str) -> bool:
        condition = meta.get_condition(obj.get("status", {}).get("conditions"), type_)
        return condition is not None and bool(condition["status"] == "True")

    for over in ("Complete", "Failed"):
        if has(over):
            return over
    if "deletionTimestamp" in obj["metadata"]:
        return "Terminating"
    return next((state for state in _STATES if has(state)), "Running")


def _succeeded(obj: Object) -> str:
    spec, succeeded = obj["spec"], obj.get("status", {}).get("succeeded", 0)
    if spec.get("completions") is not None:
        return f"{succeeded}/{spec['completions']}"
    parallelism = spec.get("parallelism", 0)
    return f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"


def _duration(state: Object, now: datetime) -> str:
    if not state.get("startTime"):
        return ""
    end = meta.parse_time(state["completionTime"]) if state.get("completionTime") else now
    return duration.human((end - meta.parse_time(state["startTime"])).total_seconds())


KIND = Kind(
    resource=resources.JOBS,
    table=Table(_COLUMNS, _cells),
    handler=Storage,
    strategy=Strategy(_create, _update, jobspec.job, jobspec.update),
    default=_default,
    subresources={"status": status.of("Job")},
    orphans=True,
)
