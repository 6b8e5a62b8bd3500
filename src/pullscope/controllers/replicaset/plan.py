"""How many pods a replica set has to create, which ones it deletes first, and what its status says.

Upstream: pkg/controller/replicaset/replica_set.go, replica_set_utils.go and pkg/controller/controller_utils.go
(ActivePodsWithRanks), v1.36. One difference: of two pods whose times differ by less than a power of two upstream takes
either; here the other criteria decide first.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pullscope.controllers import podcontrol
from pullscope.controllers.cache import Seen
from pullscope.controllers.pods import PodView
from pullscope.kube import meta
from pullscope.kube.api import Object

Counts = Mapping[str, int]
_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}


@dataclass(frozen=True)
class Plan:
    """What to do. `status` is without the ReplicaFailure condition: that depends on how `create` and `delete` end."""

    create: int
    delete: tuple[Seen[PodView], ...]
    status: Object
    again: float | None


def plan(obj: Object, pods: Sequence[Seen[PodView]], neighbours: Callable[[], Counts], now: datetime) -> Plan:
    """The next step of the ReplicaSet `obj` that owns `pods`.

    `neighbours` counts, by node, the active pods of the same owner's replica sets: doubled-up pods go first. It is asked
    when pods are to go.
    """
    active = [pod for pod in pods if pod.view.active]
    missing = int(obj["spec"]["replicas"]) - len(active)
    if obj["metadata"].get("deletionTimestamp") is not None:
        missing = 0
    surplus = min(max(-missing, 0), podcontrol.BURST)
    going = _least_missed(active, neighbours(), now)[:surplus] if surplus else []
    moments = _available(obj, active)
    status = _status(obj, pods, active, sum(moment <= now for moment in moments))
    again = min(((moment - now).total_seconds() for moment in moments if moment > now), default=None)
    return Plan(min(max(missing, 0), podcontrol.BURST), tuple(going), status, again)


def pod_of(obj: Object) -> Object:
    """The pod that the replica set creates."""
    return podcontrol.from_template(obj, obj["spec"]["template"])


def with_failure(status: Object, failure: tuple[str, str] | None, now: datetime) -> Object:
    """The status with the ReplicaFailure condition: `failure` is its reason and message, None when all went well."""
    conditions = list(status.get("conditions") or ())
    others = [each for each in conditions if each["type"] != "ReplicaFailure"]
    if failure is not None and len(others) == len(conditions):
        reason, message = failure
        moment = meta.timestamp(now)
        failed = {"type": "ReplicaFailure", "status": "True", "lastTransitionTime": moment}
        others = [*others, {**failed, "reason": reason, "message": message}]
    elif failure is not None:
        others = conditions
    rest = {key: value for key, value in status.items() if key != "conditions"}
    return {**rest, "conditions": others} if others else rest


def _least_missed(pods: Sequence[Seen[PodView]], neighbours: Counts, now: datetime) -> list[Seen[PodView]]:
    return sorted(pods, key=lambda pod: _worth(pod, neighbours, now))


def _worth(pod: Seen[PodView], neighbours: Counts, now: datetime) -> tuple[Any, ...]:
    """Sort key: the pod that is missed least comes first."""
    view = pod.view
    return (
        bool(view.node),
        _PHASES.get(view.phase, 0),
        view.ready,
        view.deletion_cost,
        -neighbours.get(view.node, 0),
        _age_class(view.ready_since, now) if view.ready else 0,
        -view.restarts,
        _age_class(view.created, now),
        pod.uid,
    )


def _age_class(since: datetime | None, now: datetime) -> int:
    """Ages by powers of two: of pods about as old any may go, so that not all the young ones do."""
    nanoseconds = (now - since) / timedelta(microseconds=1) * 1000 if since else 0.0
    return int(math.log2(nanoseconds)) if nanoseconds > 0 else -1


def _matching(wanted: Mapping[str, str], pods: Sequence[Seen[PodView]]) -> int:
    """How many have all these labels; they share them, so few are compared."""
    by_id = {id(pod.view.labels): pod.view.labels for pod in pods}
    having = {each for each, labels in by_id.items() if wanted.items() <= labels.items()}
    return sum(id(pod.view.labels) in having for pod in pods)


def _available(obj: Object, active: Sequence[Seen[PodView]]) -> list[datetime]:
    """When each pod that is ready has been so for long enough."""
    grace = int(obj["spec"].get("minReadySeconds") or 0)
    return [moment for pod in active if (moment := pod.view.available_at(grace)) is not None]


def _status(obj: Object, pods: Sequence[Seen[PodView]], active: Sequence[Seen[PodView]], available: int) -> Object:
    labels = (obj["spec"]["template"].get("metadata") or {}).get("labels") or {}
    counts = {
        "fullyLabeledReplicas": _matching(labels, active),
        "readyReplicas": sum(pod.view.ready for pod in active),
        "availableReplicas": available,
        "observedGeneration": obj["metadata"].get("generation", 0),
    }
    status = {"replicas": len(active), **{key: value for key, value in counts.items() if value}}
    status["terminatingReplicas"] = sum(pod.view.terminating for pod in pods)
    conditions = (obj.get("status") or {}).get("conditions")
    return {**status, "conditions": conditions} if conditions else status
