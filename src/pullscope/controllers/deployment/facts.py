"""A deployment and its replica sets as values that the plan computes with.

Upstream: pkg/controller/deployment/util/deployment_util.go v1.36 (annotations, ResolveFenceposts, MaxSurge).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pullscope.controllers import shares
from pullscope.kube import meta
from pullscope.kube.api import Object

REVISION = "deployment.kubernetes.io/revision"
REVISION_HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas"
MAX_REPLICAS = "deployment.kubernetes.io/max-replicas"
TEMPLATE_HASH = "pod-template-hash"
UNLIMITED = 2**31 - 1
"""The number that means "no limit" in revisionHistoryLimit and progressDeadlineSeconds."""


@dataclass(frozen=True)
class ReplicaSet:
    """A replica set: what is asked of it (`size`) and what it reports."""

    name: str
    created: datetime
    annotations: Mapping[str, str]
    template: Object
    size: int
    min_ready_seconds: int = 0
    deleting: bool = False
    observed: bool = True
    replicas: int = 0
    ready: int = 0
    available: int = 0
    terminating: int = 0
    conditions: tuple[Object, ...] = ()

    @property
    def revision(self) -> int:
        return _number(self.annotations.get(REVISION))


@dataclass(frozen=True)
class Deployment:
    """A deployment. `max_surge` and `max_unavailable` are resolved to pods, `deadline` to seconds (None: none)."""

    object: Object
    replicas: int
    recreate: bool
    max_surge: int
    max_unavailable: int
    deadline: int | None
    history_limit: int | None

    @property
    def name(self) -> str:
        name: str = self.object["metadata"]["name"]
        return name

    @property
    def annotations(self) -> Mapping[str, str]:
        return self.object["metadata"].get("annotations") or {}

    @property
    def spec(self) -> Object:
        spec: Object = self.object["spec"]
        return spec

    @property
    def status(self) -> Object:
        return self.object.get("status") or {}

    @property
    def generation(self) -> int:
        return int(self.object["metadata"].get("generation", 0))

    @property
    def deleting(self) -> bool:
        return self.object["metadata"].get("deletionTimestamp") is not None

    @property
    def paused(self) -> bool:
        return bool(self.spec.get("paused"))

    @property
    def min_ready_seconds(self) -> int:
        return int(self.spec.get("minReadySeconds") or 0)

    @property
    def collision_count(self) -> int | None:
        return self.status.get("collisionCount")

    def size_annotations(self) -> dict[str, str]:
        """What each of its replica sets says about the whole deployment's size."""
        return {DESIRED_REPLICAS: str(self.replicas), MAX_REPLICAS: str(self.replicas + self.max_surge)}


def deployment(obj: Object) -> Deployment:
    """Read a Deployment object."""
    spec = obj["spec"]
    replicas = int(spec["replicas"])
    recreate = spec["strategy"]["type"] == "Recreate"
    surge, unavailable = (0, 0) if recreate else _fenceposts(spec["strategy"]["rollingUpdate"], replicas)
    return Deployment(
        object=obj,
        replicas=replicas,
        recreate=recreate,
        max_surge=surge,
        max_unavailable=min(unavailable, replicas),
        deadline=_limit(spec.get("progressDeadlineSeconds")),
        history_limit=_limit(spec.get("revisionHistoryLimit")),
    )


def replica_set(obj: Object) -> ReplicaSet:
    """Read a ReplicaSet object."""
    metadata, spec, status = obj["metadata"], obj["spec"], obj.get("status") or {}
    return ReplicaSet(
        name=metadata["name"],
        created=meta.parse_time(metadata["creationTimestamp"]),
        annotations=metadata.get("annotations") or {},
        template=spec["template"],
        size=int(spec["replicas"]),
        min_ready_seconds=int(spec.get("minReadySeconds") or 0),
        deleting=metadata.get("deletionTimestamp") is not None,
        observed=status.get("observedGeneration", 0) >= metadata.get("generation", 0),
        replicas=status.get("replicas", 0),
        ready=status.get("readyReplicas", 0),
        available=status.get("availableReplicas", 0),
        terminating=status.get("terminatingReplicas") or 0,
        conditions=tuple(status.get("conditions") or ()),
    )


def oldest_first(sets: Iterable[ReplicaSet]) -> list[ReplicaSet]:
    return sorted(sets, key=lambda each: (each.created, each.name))


def template_without_hash(template: Object) -> Object:
    """The template as the deployment wrote it, to compare it with a replica set's."""
    metadata = template.get("metadata") or {}
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if key != TEMPLATE_HASH}
    return {**template, "metadata": {**metadata, "labels": labels}}


def _fenceposts(rolling: Mapping[str, Any], replicas: int) -> tuple[int, int]:
    """maxSurge rounded up and maxUnavailable rounded down; never both 0, or nothing could move."""
    surge = shares.scaled(rolling["maxSurge"], replicas, up=True)
    unavailable = shares.scaled(rolling["maxUnavailable"], replicas, up=False)
    return (surge, 1) if surge == unavailable == 0 else (surge, unavailable)


def _limit(value: int | None) -> int | None:
    return None if value is None or value == UNLIMITED else value


def _number(text: str | None) -> int:
    """An annotation's number; 0 without one, or for a text that is none (users may write there)."""
    try:
        return int(text or "0")
    except ValueError:
        return 0


def annotated(each: ReplicaSet, annotation: str) -> int | None:
    """The number in one of the size annotations, None without one."""
    return _number(each.annotations[annotation]) if annotation in each.annotations else None
