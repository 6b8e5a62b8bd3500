"""One step of a job: from what is there to what is to be done, without doing it.

Upstream: pkg/controller/job/job_controller.go (syncJob), v1.36. Upstream writes the status up to three times in one sync,
around its removal of finalizers; here each write ends a step, and the pods' changes bring the next one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pullscope.controllers.job import counting, facts, indexes, outcome, sizing
from pullscope.controllers.job.counting import Count
from pullscope.controllers.job.facts import Observed, Pod
from pullscope.controllers.job.failures import NONE, Failures
from pullscope.controllers.job.outcome import Outcome
from pullscope.controllers.job.sizing import Size
from pullscope.kube import meta
from pullscope.kube.api import Object
from pullscope.kube.events import Note


@dataclass(frozen=True)
class Plan:
    """What to do, in this order.

    Make the pods of `size.create`; free and delete `size.drop`, delete `delete` (which still count); write `status` (None:
    it is over); tell `events`; take the finalizer off `release`. Then `failures` is what to remember, and `again` says in
    how many seconds to look again.
    """

    size: Size
    delete: tuple[Pod, ...]
    status: Object | None
    events: tuple[Note, ...]
    release: tuple[Pod, ...]
    failures: Failures
    again: float | None


def plan(observed: Observed) -> Plan:
    """The next step."""
    if facts.is_finished(observed.job):
        late = tuple(pod for pod in observed.pods if facts.is_tracked(pod))
        return Plan(Size(), (), None, (), late, NONE, None)
    succeeded, failed = observed.newly("succeeded"), observed.newly("failed")
    failures = observed.failures.after(succeeded, failed)
    kept = indexes.parse(observed.status.get("completedIndexes", ""), observed.completions or 0)
    done = kept.with_([pod.view.index for pod in succeeded if pod.view.index is not None])
    total = len(done) if observed.indexed else _total(observed, "succeeded", succeeded)
    decided = outcome.of(observed, _total(observed, "failed", failed))
    size = Size() if decided or observed.deleting else sizing.of(observed, total, done, failures)
    delete = tuple(observed.active) if decided else ()
    active = len(observed.active) + len(size.create) - len(size.drop) - len(delete)
    if decided is None and outcome.is_reached(observed, total, active):
        decided = outcome.REACHED
    lost = decided is not None and decided.type == outcome.FAILED
    count = counting.count(observed, kept, over=decided is not None, lost=lost)
    status, events = _report(observed, _counted(observed, count, size, delete), decided, count)
    left = None if decided else outcome.time_left(observed)
    return Plan(size, delete, status, events, count.release, failures, _soonest(left, size.wait))


def _total(observed: Observed, which: str, newly: Sequence[Pod]) -> int:
    return int(observed.status.get(which, 0)) + len(newly) + len(observed.uncounted[which])


def _counted(observed: Observed, count: Count, size: Size, delete: Sequence[Pod]) -> Object:
    """The status but for its conditions; counts of 0 are left out where upstream's JSON does."""
    going = [*size.drop, *delete]
    active = len(observed.active) + len(size.create) - len(going)
    ready = sum(pod.view.ready for pod in observed.active) - sum(pod.view.ready for pod in going)
    counts = {"active": active, "succeeded": count.succeeded, "failed": count.failed}
    terminating = sum(pod.view.terminating for pod in observed.pods) + len(going)
    uncounted = {outcome: uids for outcome, uids in count.uncounted.items() if uids}
    status = {key: value for key, value in observed.status.items() if key not in (*counts, "completedIndexes")}
    status |= {key: value for key, value in counts.items() if value}
    status |= {"ready": ready, "terminating": terminating, "uncountedTerminatedPods": uncounted}
    if observed.indexed and len(count.done):
        status["completedIndexes"] = str(count.done)
    if not observed.suspended:
        status.setdefault("startTime", meta.timestamp(observed.now))
    return status


def _report(
    observed: Observed, status: Object, decided: Outcome | None, count: Count
) -> tuple[Object, tuple[Note, ...]]:
    """The status with its conditions, and what is to be told."""
    if decided is None:
        return _suspension(observed, status)
    conditions = list(status.get("conditions") or ())
    if not decided.known:
        conditions.append(_condition(observed, decided.type, decided.reason, decided.message))
    events: tuple[Note, ...] = ()
    if not (count.release or any(count.uncounted.values()) or status["terminating"] or status.get("active")):
        conditions.append(_condition(observed, decided.final, decided.reason, decided.message))
        events = _ending(observed, decided, count.succeeded)
        if decided.type == outcome.SUCCEEDED:
            status = {**status, "completionTime": meta.timestamp(observed.now)}
    return {**status, "conditions": conditions}, events


def _suspension(observed: Observed, status: Object) -> tuple[Object, tuple[Note, ...]]:
    """Say when the job is suspended and when it goes on; its time starts anew then."""
    if observed.deleting:
        return status, ()
    now = "True" if observed.suspended else "False"
    reason, message = ("JobSuspended", "Job suspended") if observed.suspended else ("JobResumed", "Job resumed")
    conditions = list(status.get("conditions") or ())
    old = meta.get_condition(conditions, "Suspended")
    if old["status"] == now if old else not observed.suspended:
        return status, ()
    others = [each for each in conditions if each is not old]
    changed = {**_condition(observed, "Suspended", reason, message), "status": now}
    if not observed.suspended:
        status = {**status, "startTime": meta.timestamp(observed.now)}
    return {**status, "conditions": [*others, changed]}, (Note("Normal", reason.removeprefix("Job"), message),)


def _ending(observed: Observed, decided: Outcome, succeeded: int) -> tuple[Note, ...]:
    if decided.type == outcome.FAILED:
        return (Note("Warning", decided.reason, decided.message),)
    done = Note("Normal", "Completed", "Job completed")
    if observed.completions is not None and succeeded > observed.completions:
        why = "Too many succeeded pods running after completion count reached"
        return (Note("Warning", "TooManySucceededPods", why), done)
    return (done,)


def _condition(observed: Observed, type_: str, reason: str, message: str) -> Object:
    moment = meta.timestamp(observed.now)
    times = {"lastProbeTime": moment, "lastTransitionTime": moment}
    return {"type": type_, "status": "True", **times, "reason": reason, "message": message}


def _soonest(*seconds: float | None) -> float | None:
    return min((each for each in seconds if each is not None), default=None)
