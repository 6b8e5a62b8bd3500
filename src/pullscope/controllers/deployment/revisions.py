"""Which replica set is a deployment's current one, what a new one looks like, and how they are numbered.

Upstream: pkg/controller/deployment/util/deployment_util.go (SetNewReplicaSetAnnotations, FindNewReplicaSet) and sync.go
(getNewReplicaSet, cleanupDeployment), v1.36.
"""

from collections.abc import Sequence
from typing import Any

from pullscope.controllers.deployment.facts import (
    DESIRED_REPLICAS,
    MAX_REPLICAS,
    REVISION,
    REVISION_HISTORY,
    TEMPLATE_HASH,
    Deployment,
    ReplicaSet,
    oldest_first,
    template_without_hash,
)
from pullscope.kube import meta, resources
from pullscope.kube.api import Object

NOT_COPIED = {
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    REVISION_HISTORY,
    DESIRED_REPLICAS,
    MAX_REPLICAS,
    "deprecated.deployment.rollback.to",
}
"""A deployment's annotations that are about the deployment alone."""


def current(deployment: Deployment, sets: Sequence[ReplicaSet]) -> ReplicaSet | None:
    """The replica set with the deployment's template: of several the oldest, so that the choice never changes."""
    wanted = template_without_hash(deployment.spec["template"])
    return next((each for each in oldest_first(sets) if template_without_hash(each.template) == wanted), None)


def following(old: Sequence[ReplicaSet]) -> int:
    """The revision that comes after those of the old replica sets."""
    return max((each.revision for each in old), default=0) + 1


def annotations(deployment: Deployment, existing: ReplicaSet, revision: int) -> dict[str, str]:
    """The annotations that the current replica set shall have."""
    wanted = dict(existing.annotations) | _copied(deployment)
    if existing.revision < revision:
        if REVISION in existing.annotations:
            before = existing.annotations.get(REVISION_HISTORY)
            wanted[REVISION_HISTORY] = ",".join(filter(None, [before, existing.annotations[REVISION]]))
        wanted[REVISION] = str(revision)
    return wanted


def build(deployment: Deployment, revision: int, size: int) -> Object:
    """A new replica set for the deployment's template."""
    template = deployment.spec["template"]
    digest = meta.template_hash(template, deployment.collision_count)
    labels = {**(template["metadata"].get("labels") or {}), TEMPLATE_HASH: digest}
    selector = deployment.spec["selector"]
    match_labels = {**(selector.get("matchLabels") or {}), TEMPLATE_HASH: digest}
    spec: dict[str, Any] = {"replicas": size, "selector": {**selector, "matchLabels": match_labels}}
    if deployment.min_ready_seconds:
        spec["minReadySeconds"] = deployment.min_ready_seconds
    spec["template"] = {**template, "metadata": {**template["metadata"], "labels": labels}}
    return {
        "apiVersion": resources.REPLICA_SETS.api_version,
        "kind": resources.REPLICA_SETS.kind,
        "metadata": {
            "name": f"{deployment.name}-{digest}",
            "namespace": deployment.object["metadata"]["namespace"],
            "labels": labels,
            "annotations": {**_copied(deployment), REVISION: str(revision), **deployment.size_annotations()},
            "ownerReferences": [meta.owner_reference(deployment.object)],
        },
        "spec": spec,
    }


def surplus(deployment: Deployment, old: Sequence[ReplicaSet]) -> list[str]:
    """The names of old replica sets beyond the history limit, oldest revision first; only empty ones may go."""
    alive = [each for each in old if not each.deleting]
    if deployment.history_limit is None:
        return []
    beyond = sorted(alive, key=lambda each: each.revision)[: max(len(alive) - deployment.history_limit, 0)]
    return [each.name for each in beyond if each.size == each.replicas == 0 and each.observed]


def _copied(deployment: Deployment) -> dict[str, str]:
    return {key: value for key, value in deployment.annotations.items() if key not in NOT_COPIED}
