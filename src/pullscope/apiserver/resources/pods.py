"""Pods. They go gracefully: DELETE says when, and the kubelet removes them when their containers have stopped.

Upstream: kubernetes v1.36 pkg/registry/core/pod/strategy.go, pkg/apis/core/v1/defaults.go (SetDefaults_Pod).
"""

from collections.abc import Iterator

from pullscope.apiserver import columns, strategies
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.podspec import defaults, printing, qos, updates, validation
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.subresources import binding, eviction, log, status, streaming
from pullscope.kube import resources, table
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

_COLUMNS = (
    columns.NAME,
    table.column("Ready", description="The aggregate readiness state of this pod for accepting traffic."),
    table.column("Status", description="The aggregate status of the containers in this pod."),
    table.column("Restarts", description="How often the containers of this pod restarted, and when the last did."),
    columns.AGE,
    table.column("IP", description="podIP address allocated to the pod.", priority=1),
    table.column("Node", description="The node on which this pod is scheduled.", priority=1),
    table.column("Nominated Node", description="The node that was freed for this pod by preemption.", priority=1),
    table.column("Readiness Gates", description="How many of this pod's readiness gates are open.", priority=1),
)


def _default(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    defaults.pod(spec)
    for condition in (obj.get("status") or {}).get("conditions") or ():
        for moment in ("lastProbeTime", "lastTransitionTime"):
            condition.setdefault(moment, None)  # Go writes empty times


def _create(obj: Object) -> None:
    obj["status"] = {"phase": "Pending", "qosClass": qos.of(obj["spec"])}
    strategies.first_generation(obj)


def _update(new: Object, old: Object) -> None:
    strategies.keep_status(new, old)
    strategies.next_generation(new, old)


def _validate(obj: Object) -> Iterator[Cause]:
    return validation.pod(obj["spec"])


def _validate_update(new: Object, old: Object) -> Iterator[Cause]:
    return updates.pod(new["spec"], old["spec"])


def _grace(obj: Object, asked: int | None) -> int:
    """Seconds until the pod must be gone: as asked, else its own; none when no kubelet has it to stop."""
    if not obj["spec"].get("nodeName") or obj.get("status", {}).get("phase") in printing.FINISHED:
        return 0
    period = asked if asked is not None else obj["spec"].get("terminationGracePeriodSeconds", 0)
    return period if period >= 0 else 1


KIND = Kind(
    resource=resources.PODS,
    table=Table(_COLUMNS, printing.cells, printing.conditions),
    handler=Storage,
    strategy=Strategy(_create, _update, _validate, _validate_update),
    default=_default,
    selectable=(
        "metadata.name",
        "metadata.namespace",
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ),
    subresources={
        "attach": streaming.ATTACH,
        "binding": binding.SUBRESOURCE,
        "eviction": eviction.SUBRESOURCE,
        "exec": streaming.EXEC,
        "log": log.SUBRESOURCE,
        "status": status.of("Pod"),
    },
    grace=_grace,
    answers_with_object=True,
)
