"""How many pods a job shall have: which to make, which to let go.

Upstream: pkg/controller/job/job_controller.go (manageJob, activePodsForRemoval) and indexed_job_utils.go
(firstPendingIndexes, appendDuplicatedIndexPodsForRemoval), v1.36.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from pullscope.controllers import podcontrol
from pullscope.controllers.job import facts
from pullscope.controllers.job.facts import Observed, Pod
from pullscope.controllers.job.failures import Failures
from pullscope.controllers.job.indexes import Indexes


@dataclass(frozen=True)
class Size:
    """`create` has an index for each pod to make (None for jobs without), `drop` are pods that go uncounted.

    `wait`: seconds until pods may be made again after failures.
    """

    create: tuple[int | None, ...] = ()
    drop: tuple[Pod, ...] = ()
    wait: float | None = None


def of(observed: Observed, succeeded: int, done: Indexes, failures: Failures) -> Size:
    """What to change for a job that goes on. `done` are the indexes that succeeded, `succeeded` how many pods did."""
    active = observed.active
    if observed.suspended:
        return Size(drop=tuple(active))
    wanted = _wanted(observed, succeeded, len(active))
    surplus = _surplus(observed, active, max(len(active) - wanted, 0))
    if surplus:
        return Size(drop=tuple(surplus[: podcontrol.BURST]))
    missing = min(wanted - len(active) - _awaited(observed), podcontrol.BURST)
    if missing <= 0 or not observed.may_create:
        return Size()
    wait = failures.remaining(observed.now)
    if wait > 0:
        return Size(wait=wait)
    return Size(create=tuple(_pending(observed, done, missing)) if observed.indexed else (None,) * missing)


def _wanted(observed: Observed, succeeded: int, active: int) -> int:
    parallelism = int(observed.spec["parallelism"])
    if observed.completions is None:
        return active if succeeded else parallelism
    return max(min(observed.completions - succeeded, parallelism), 0)


def _awaited(observed: Observed) -> int:
    """Pods that are going and are not replaced before they are gone."""
    if observed.spec.get("podReplacementPolicy") != "Failed":
        return 0
    return sum(pod.view.terminating for pod in observed.pods)


def _pending(observed: Observed, done: Indexes, count: int) -> list[int]:
    """The first indexes that have neither succeeded nor a pod at work on them."""
    at_work = [*observed.active]
    if _awaited(observed):
        at_work += [pod for pod in observed.pods if pod.view.terminating]
    taken = done.with_([pod.view.index for pod in at_work if pod.view.index is not None])
    return list(islice(taken.missing(observed.completions or 0), count))


def _surplus(observed: Observed, active: Sequence[Pod], least: int) -> list[Pod]:
    """At least so many pods; of an indexed job also those without a valid index, and all but one of each index."""
    gone, left = _doubled(observed, active) if observed.indexed else ([], list(active))
    return [*gone, *facts.least_missed(left)[: max(least - len(gone), 0)]]


def _doubled(observed: Observed, active: Sequence[Pod]) -> tuple[list[Pod], list[Pod]]:
    kept: dict[int, Pod] = {}
    gone = []
    for pod in facts.least_missed(active):  # the last one of each index stays
        if not observed.counts(pod) or pod.view.index is None:
            gone.append(pod)
            continue
        if pod.view.index in kept:
            gone.append(kept[pod.view.index])
        kept[pod.view.index] = pod
    return gone, list(kept.values())
