"""How many pods each replica set of a deployment shall have: the arithmetic of rollouts, nothing else.

Each function returns the sizes that change, by replica set name. Upstream: pkg/controller/deployment rolling.go, sync.go
(scale), recreate.go and util/deployment_util.go (NewRSNewReplicas, GetReplicaSetProportion), v1.36.
"""

from collections.abc import Sequence
from dataclasses import replace

from pullscope.controllers.deployment.facts import (
    DESIRED_REPLICAS,
    MAX_REPLICAS,
    Deployment,
    ReplicaSet,
    annotated,
    oldest_first,
)

Sizes = dict[str, int]


def apply(sets: Sequence[ReplicaSet], sizes: Sizes) -> list[ReplicaSet]:
    """The replica sets with the new sizes in place."""
    return [replace(each, size=sizes.get(each.name, each.size)) for each in sets]


def new_size(deployment: Deployment, new: ReplicaSet | None, old: Sequence[ReplicaSet]) -> int:
    """The size of the new replica set (None: still to be made) at this point of the rollout."""
    size = new.size if new else 0
    if deployment.recreate or size > deployment.replicas:
        return deployment.replicas
    room = deployment.replicas + deployment.max_surge - size - sum(each.size for each in old)
    return size + min(max(room, 0), deployment.replicas - size)


def old_sizes(deployment: Deployment, new: ReplicaSet, old: Sequence[ReplicaSet]) -> Sizes:
    """Which old replica sets shrink: first by the pods that are not available anyway, then by what may be missing."""
    least = deployment.replicas - deployment.max_unavailable
    total = new.size + sum(each.size for each in old)
    may_go = total - least - (new.size - new.available)
    if may_go <= 0:
        return {}
    sizes = _without_unhealthy(old, may_go)
    available = new.available + sum(each.available for each in old)
    return sizes | _shrunk(apply(old, sizes), available - least)


def _without_unhealthy(old: Sequence[ReplicaSet], may_go: int) -> Sizes:
    sizes: Sizes = {}
    for each in oldest_first(old):
        gone = min(may_go, each.size - each.available)
        if gone > 0:
            sizes[each.name] = each.size - gone
            may_go -= gone
    return sizes


def _shrunk(old: Sequence[ReplicaSet], may_go: int) -> Sizes:
    sizes: Sizes = {}
    for each in oldest_first(old):
        gone = min(may_go, each.size)
        if gone > 0:
            sizes[each.name] = each.size - gone
            may_go -= gone
    return sizes


def is_scaled(deployment: Deployment, sets: Sequence[ReplicaSet]) -> bool:
    """Whether the deployment's own size changed since its replica sets were last sized."""
    active = [each for each in sets if each.size > 0]
    wanted = [annotated(each, DESIRED_REPLICAS) for each in active]
    return any(size is not None and size != deployment.replicas for size in wanted)


def scaled(deployment: Deployment, new: ReplicaSet | None, old: Sequence[ReplicaSet]) -> Sizes:
    """The sizes after the deployment's size changed (or while it is paused), without going on with a rollout."""
    everything = [*old, *([new] if new else [])]
    active = [each for each in everything if each.size > 0]
    if len(active) < 2:
        only = active[0] if active else new or (oldest_first(old)[-1] if old else None)
        return {only.name: deployment.replicas} if only else {}
    if new and _saturated(deployment, new):
        return {each.name: 0 for each in old if each.size > 0}
    return {} if deployment.recreate else _proportional(deployment, active)


def _saturated(deployment: Deployment, new: ReplicaSet) -> bool:
    """The new replica set is whole: whatever size the others have is a remainder."""
    whole = new.size == new.available == deployment.replicas
    return whole and annotated(new, DESIRED_REPLICAS) == deployment.replicas


def _proportional(deployment: Deployment, active: Sequence[ReplicaSet]) -> Sizes:
    """Share a change of size in the middle of a rollout among all active replica sets, the largest first."""
    allowed = deployment.replicas + deployment.max_surge if deployment.replicas > 0 else 0
    to_add = allowed - sum(each.size for each in active)
    # Of two of one size the newer one grows and the older one shrinks; sorting is stable.
    aged = oldest_first(active)
    ordered = sorted(reversed(aged) if to_add > 0 else aged, key=lambda each: each.size, reverse=True)
    sizes: Sizes = {}
    added = 0
    for each in ordered:
        share = _share(deployment, each, to_add, added) if to_add else 0
        sizes[each.name] = each.size + share
        added += share
    first = ordered[0].name
    sizes[first] = max(sizes[first] + to_add - added, 0)
    return sizes


def _share(deployment: Deployment, each: ReplicaSet, to_add: int, added: int) -> int:
    """This replica set's part of `to_add`, of which `added` are given already."""
    left = to_add - added
    share = _fraction(deployment, each)
    return min(share, left) if to_add > 0 else max(share, left)


def _fraction(deployment: Deployment, each: ReplicaSet) -> int:
    if deployment.replicas == 0:
        return -each.size
    before = annotated(each, MAX_REPLICAS) or int(deployment.status.get("replicas", 0))
    if before == 0:
        return 0
    grown = each.size * (deployment.replicas + deployment.max_surge) / before
    return int(grown + 0.5) - each.size  # rounded half away from zero, as upstream's integer.RoundToInt32
