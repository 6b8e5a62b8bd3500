"""What a job's status counts, and which pods may go once it is written.

Three steps, so that a crash between any two loses nothing: the uid of a pod that ended goes into
`uncountedTerminatedPods`, the pod's finalizer goes, the uid becomes one more in the counter. Of an indexed job's pods that
succeeded the index is note enough. Upstream: pkg/controller/job/job_controller.go (trackJobStatusAndRemoveFinalizers,
cleanUncountedPodsWithoutFinalizers), v1.36.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pullscope.controllers.job import facts
from pullscope.controllers.job.facts import Observed, Pod
from pullscope.controllers.job.indexes import Indexes

UNCOUNTED_MAX = 500


@dataclass(frozen=True)
class Count:
    """The counters as they are to be written, and the pods whose finalizer goes afterwards."""

    succeeded: int
    failed: int
    uncounted: dict[str, list[str]]
    done: Indexes
    release: tuple[Pod, ...]


def count(observed: Observed, done: Indexes, *, over: bool, lost: bool) -> Count:
    """`done` are the indexes that the status has; `over`: the job is decided; `lost`: every pod left has failed."""
    uncounted, counted = _settled(observed)
    succeeded: list[int] = []
    release = []
    for pod in _ordered(observed):
        failed = observed.has_failed(pod)
        if not (observed.deleting or over or facts.has_succeeded(pod) or failed):
            continue
        release.append(pod)
        if facts.has_succeeded(pod) and pod.uid not in uncounted["failed"]:
            _note(observed, pod, uncounted["succeeded"], succeeded)
        elif (failed or lost) and observed.counts(pod) and pod.uid not in uncounted["failed"]:
            uncounted["failed"].append(pod.uid)
        if len(succeeded) + sum(map(len, uncounted.values())) >= UNCOUNTED_MAX:
            break
    done = done.with_(succeeded)
    return Count(
        succeeded=len(done) if observed.indexed else observed.status.get("succeeded", 0) + counted["succeeded"],
        failed=observed.status.get("failed", 0) + counted["failed"],
        uncounted=uncounted,
        done=done,
        release=tuple(release),
    )


def _settled(observed: Observed) -> tuple[dict[str, list[str]], dict[str, int]]:
    """The uids that stay uncounted, and how many became counted because their pods have no finalizer any more."""
    tracked = {pod.uid for pod in observed.pods if facts.is_tracked(pod)}
    before = observed.uncounted
    left = {outcome: [uid for uid in uids if uid in tracked] for outcome, uids in before.items()}
    return left, {outcome: len(before[outcome]) - len(left[outcome]) for outcome in before}


def _ordered(observed: Observed) -> Iterable[Pod]:
    """The pods that have the finalizer, by index."""
    tracked = [pod for pod in observed.pods if facts.is_tracked(pod)]
    return sorted(tracked, key=lambda pod: -1 if pod.view.index is None else pod.view.index)


def _note(observed: Observed, pod: Pod, uids: list[str], indexes: list[int]) -> None:
    """Note a pod that succeeded, by its index or its uid."""
    if observed.indexed:
        if pod.view.index is not None and observed.counts(pod):
            indexes.append(pod.view.index)
    elif pod.uid not in uids:
        uids.append(pod.uid)
