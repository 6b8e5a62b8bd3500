"""What the controllers read of a pod, and the questions they ask about it.

Upstream: pkg/controller/controller_utils.go and pkg/api/v1/pod/util.go, v1.36.
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pullscope.controllers import demand
from pullscope.controllers.demand import Demand
from pullscope.kube import meta
from pullscope.kube.api import Object

COMPLETION_INDEX = "batch.kubernetes.io/job-completion-index"
DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
FINISHED = ("Succeeded", "Failed")


Port = tuple[str, int, str]
"""A container's port: name, number, protocol."""


@dataclass(frozen=True, slots=True)
class PodView:
    """A pod, as far as controllers read it. Times are the API's, whole seconds.

    `target` is the node that it runs on, or the only one that its affinity allows by name; empty for neither. `ended` is
    when its containers did, or it was deleted. `index` is the completion index of a job's pod. `ports` are those with names.
    """

    generation: int
    labels: Mapping[str, str]
    phase: str
    node: str
    target: str
    created: datetime
    deleting: bool
    ready: bool
    ready_since: datetime | None
    restarts: int
    init_restarts: int
    ended: datetime | None
    index: int | None
    deletion_cost: int
    scheduler: str
    gated: bool
    ip: str
    ports: tuple[Port, ...]
    restart_policy: str
    demand: Demand

    @property
    def finished(self) -> bool:
        """Ran to its end; it will not run again."""
        return self.phase in FINISHED

    @property
    def active(self) -> bool:
        """Counts as a replica: neither finished nor going."""
        return not self.deleting and self.phase not in FINISHED

    @property
    def terminating(self) -> bool:
        """Going, and not finished yet."""
        return self.deleting and self.phase not in FINISHED

    def available_at(self, min_ready_seconds: int) -> datetime | None:
        """Since when (or from when) it counts as available; None while it is not ready."""
        if not self.ready or self.ready_since is None:
            return None
        return self.ready_since + timedelta(seconds=min_ready_seconds)


def view(pod: Object) -> PodView:
    """Read a Pod object."""
    metadata, spec, status = pod["metadata"], pod["spec"], pod.get("status") or {}
    ready = meta.get_condition(status.get("conditions"), "Ready")
    since = ready.get("lastTransitionTime") if ready else None
    return PodView(
        generation=metadata.get("generation", 0),
        labels=_labels(tuple((metadata.get("labels") or {}).items())),
        phase=status.get("phase", ""),
        node=spec.get("nodeName", ""),
        target=spec.get("nodeName") or _target(spec.get("affinity") or {}),
        created=meta.parse_time(metadata["creationTimestamp"]),
        deleting=metadata.get("deletionTimestamp") is not None,
        ready=ready is not None and ready["status"] == "True",
        ready_since=meta.parse_time(since) if since else None,
        restarts=sum(each.get("restartCount", 0) for each in status.get("containerStatuses") or ()),
        init_restarts=sum(each.get("restartCount", 0) for each in status.get("initContainerStatuses") or ()),
        ended=_ended(pod),
        index=_index(metadata.get("annotations") or {}),
        deletion_cost=_deletion_cost(metadata.get("annotations") or {}),
        scheduler=spec.get("schedulerName", ""),
        gated=bool(spec.get("schedulingGates")),
        ip=status.get("podIP", ""),
        ports=tuple(_ports(spec)),
        restart_policy=spec.get("restartPolicy", "Always"),
        demand=demand.of(pod),
    )


@functools.lru_cache(maxsize=1024)
def _labels(items: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """The pods of one template share theirs: less memory, and a selector need be asked only once for all of them."""
    return dict(items)


def _target(affinity: Object) -> str:
    """Upstream: GetTargetNodeName, pkg/controller/daemon/util."""
    required = (affinity.get("nodeAffinity") or {}).get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    for term in required.get("nodeSelectorTerms") or ():
        for each in term.get("matchFields") or ():
            if each["key"] == "metadata.name" and each["operator"] == "In" and len(each.get("values") or ()) == 1:
                name: str = each["values"][0]
                return name
    return ""


def _ports(spec: Object) -> Iterator[Port]:
    for container in spec.get("containers") or ():
        for port in container.get("ports") or ():
            if port.get("name"):
                yield (port["name"], port.get("containerPort", 0), port.get("protocol", "TCP"))


def _ended(pod: Object) -> datetime | None:
    """Upstream: getFinishedTime, pkg/controller/job/backoff_utils.go."""
    metadata, status = pod["metadata"], pod.get("status") or {}
    if status.get("phase") in FINISHED:
        states = [(each.get("state") or {}).get("terminated") or {} for each in status.get("containerStatuses") or ()]
        ends = [state["finishedAt"] for state in states if state.get("finishedAt")]
        if states and len(ends) == len(states):
            return max(map(meta.parse_time, ends))
    if metadata.get("deletionTimestamp") is None:
        return None
    grace = timedelta(seconds=metadata.get("deletionGracePeriodSeconds") or 0)
    return meta.parse_time(metadata["deletionTimestamp"]) - grace


def _index(annotations: Mapping[str, str]) -> int | None:
    text = annotations.get(COMPLETION_INDEX, "")
    return int(text) if text.isdecimal() else None


def _deletion_cost(annotations: Mapping[str, str]) -> int:
    """The annotation's number; 0 without one, and for a text that is none, as upstream ignores it."""
    try:
        return int(annotations.get(DELETION_COST, "0"))
    except ValueError:
        return 0
