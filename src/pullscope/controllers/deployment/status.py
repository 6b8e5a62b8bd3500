"""What a deployment's status says: counts, and the conditions Available, Progressing and ReplicaFailure.

Upstream: pkg/controller/deployment/progress.go, sync.go (calculateStatus, checkPausedConditions) and util
(SetDeploymentCondition), v1.36. A condition that changes moves to the end of the list, as upstream's does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pullscope.controllers.deployment.facts import Deployment, ReplicaSet
from pullscope.kube import meta
from pullscope.kube.api import Object

AVAILABLE, PROGRESSING, REPLICA_FAILURE = "Available", "Progressing", "ReplicaFailure"

CREATED_REASON = "NewReplicaSetCreated"
FOUND_REASON = "FoundNewReplicaSet"
FAILED_CREATE_REASON = "ReplicaSetCreateError"
UPDATED_REASON = "ReplicaSetUpdated"
AVAILABLE_REASON = "NewReplicaSetAvailable"
TIMED_OUT_REASON = "ProgressDeadlineExceeded"
PAUSED_REASON = "DeploymentPaused"
RESUMED_REASON = "DeploymentResumed"


@dataclass(frozen=True)
class Condition:
    """A condition as it is to be set; the times are filled in by `put`."""

    type: str
    status: str
    reason: str
    message: str


def put(conditions: Sequence[Object], condition: Condition, now: datetime, *, refresh: bool = False) -> list[Object]:
    """`conditions` with this one set. The same status and reason change nothing, unless `refresh`: then the update
    time (and the message) do."""
    moment = meta.timestamp(now)
    old = meta.get_condition(conditions, condition.type)
    same_status = old is not None and old["status"] == condition.status
    if old is not None and same_status and old.get("reason") == condition.reason and not refresh:
        return list(conditions)
    new = {
        "type": condition.type,
        "status": condition.status,
        "lastUpdateTime": moment,
        "lastTransitionTime": old["lastTransitionTime"] if old is not None and same_status else moment,
        "reason": condition.reason,
        "message": condition.message,
    }
    return [*without(conditions, condition.type), new]


def without(conditions: Sequence[Object], type: str) -> list[Object]:  # noqa: A002 (the field's own word)
    """`conditions` but the one of that type."""
    return [each for each in conditions if each["type"] != type]


def counted(deployment: Deployment, new: ReplicaSet | None, old: Sequence[ReplicaSet]) -> Object:
    """The status without its conditions; counts of 0 are left out, as upstream's JSON does."""
    everything = [*old, *([new] if new else [])]
    available = sum(each.available for each in everything)
    status = {
        "observedGeneration": deployment.generation,
        "replicas": sum(each.replicas for each in everything),
        "updatedReplicas": new.replicas if new else 0,
        "readyReplicas": sum(each.ready for each in everything),
        "availableReplicas": available,
        "unavailableReplicas": max(sum(each.size for each in everything) - available, 0),
    }
    status = {key: value for key, value in status.items() if value}
    status["terminatingReplicas"] = sum(each.terminating for each in everything)
    if deployment.collision_count is not None:
        status["collisionCount"] = deployment.collision_count
    return status


def with_availability(deployment: Deployment, counts: Object, conditions: Sequence[Object], now: datetime) -> Object:
    """The status with the Available condition brought up to date."""
    enough = counts.get("availableReplicas", 0) >= deployment.replicas - deployment.max_unavailable
    condition = (
        Condition(AVAILABLE, "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
        if enough
        else Condition(
            AVAILABLE, "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."
        )
    )
    return {**counts, "conditions": put(conditions, condition, now)}


def paused_or_resumed(deployment: Deployment, conditions: Sequence[Object], now: datetime) -> list[Object]:
    """Progress is not judged while paused: say so, and say so when it goes on."""
    current = meta.get_condition(conditions, PROGRESSING)
    reason = current.get("reason") if current else None
    if deployment.deadline is None or reason == TIMED_OUT_REASON:
        return list(conditions)
    if deployment.paused and reason != PAUSED_REASON:
        return put(conditions, Condition(PROGRESSING, "Unknown", PAUSED_REASON, "Deployment is paused"), now)
    if not deployment.paused and reason == PAUSED_REASON:
        return put(conditions, Condition(PROGRESSING, "Unknown", RESUMED_REASON, "Deployment is resumed"), now)
    return list(conditions)


def is_complete(deployment: Deployment, status: Object) -> bool:
    """All replicas are of the new template, there and available, and no old one is left."""
    counts = {status.get(key, 0) for key in ("updatedReplicas", "replicas", "availableReplicas")}
    return counts == {deployment.replicas} and status.get("observedGeneration", 0) >= deployment.generation


def with_progress(deployment: Deployment, new: ReplicaSet | None, status: Object, now: datetime) -> Object:
    """The status with the Progressing condition brought up to date (or removed, without a deadline)."""
    conditions = status["conditions"]
    if deployment.deadline is None:
        return {**status, "conditions": without(conditions, PROGRESSING)}
    current = meta.get_condition(conditions, PROGRESSING)
    reason = current.get("reason") if current else None
    if reason == AVAILABLE_REASON and status.get("replicas", 0) == status.get("updatedReplicas", 0):
        return status
    subject = f'ReplicaSet "{new.name}"' if new else f'Deployment "{deployment.name}"'
    if is_complete(deployment, status):
        done = Condition(PROGRESSING, "True", AVAILABLE_REASON, f"{subject} has successfully progressed.")
        return {**status, "conditions": put(conditions, done, now)}
    if _has_progressed(deployment.status, status):
        going = Condition(PROGRESSING, "True", UPDATED_REASON, f"{subject} is progressing.")
        return {**status, "conditions": put(conditions, going, now, refresh=True)}
    if reason == TIMED_OUT_REASON or _is_overdue(deployment.deadline, current, now):
        late = Condition(PROGRESSING, "False", TIMED_OUT_REASON, f"{subject} has timed out progressing.")
        return {**status, "conditions": put(conditions, late, now)}
    return status


def with_failure(status: Object, new: ReplicaSet | None, old: Sequence[ReplicaSet]) -> Object:
    """The status with the first failure that a replica set reports, the new one's first."""
    failures = [
        each
        for replica_set in [*([new] if new else []), *old]
        for each in replica_set.conditions
        if each["type"] == REPLICA_FAILURE
    ]
    conditions = without(status["conditions"], REPLICA_FAILURE)
    if not failures:
        return {**status, "conditions": conditions}
    first = failures[0]
    before = meta.get_condition(status["conditions"], REPLICA_FAILURE)
    if before and (before["status"], before.get("reason")) == (first["status"], first.get("reason")):
        return status
    return {**status, "conditions": [*conditions, {**first, "lastUpdateTime": first["lastTransitionTime"]}]}


def next_check(deployment: Deployment, status: Object, now: datetime) -> float | None:
    """Seconds until a rollout that stands still is overdue; None when that cannot happen."""
    current = meta.get_condition(status["conditions"], PROGRESSING)
    if deployment.deadline is None or current is None or deployment.paused:
        return None
    if is_complete(deployment, status) or current.get("reason") in (TIMED_OUT_REASON, AVAILABLE_REASON):
        return None
    due = meta.parse_time(current["lastUpdateTime"]) + timedelta(seconds=deployment.deadline)
    return max((due - now).total_seconds(), 0.0) + 1.0  # the API's times are cut to whole seconds


def _has_progressed(before: Object, after: Object) -> bool:
    def gone(status: Object) -> int:
        return int(status.get("replicas", 0) - status.get("updatedReplicas", 0))

    grown = ("updatedReplicas", "readyReplicas", "availableReplicas")
    return gone(after) < gone(before) or any(after.get(key, 0) > before.get(key, 0) for key in grown)


def _is_overdue(deadline: int, current: Object | None, now: datetime) -> bool:
    if current is None or current.get("reason") == AVAILABLE_REASON:
        return False
    return meta.parse_time(current["lastUpdateTime"]) + timedelta(seconds=deadline) < now
