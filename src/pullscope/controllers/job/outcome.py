"""Whether a job is decided, and why.

Upstream: pkg/controller/job/job_controller.go (syncJob, pastBackoffLimitOnFailure, pastActiveDeadline), v1.36. A job is
decided first (SuccessCriteriaMet or FailureTarget) and over later, when its pods are gone and counted.
"""

from dataclasses import dataclass
from datetime import timedelta

from pullscope.controllers.job import facts
from pullscope.controllers.job.facts import Observed
from pullscope.kube import meta

SUCCEEDED, FAILED = "SuccessCriteriaMet", "FailureTarget"
_FINAL = {SUCCEEDED: "Complete", FAILED: "Failed"}


@dataclass(frozen=True)
class Outcome:
    """The condition that decides the job; `known`: the status has it already."""

    type: str
    reason: str
    message: str
    known: bool = False

    @property
    def final(self) -> str:
        """The condition of a job that is over."""
        return _FINAL[self.type]


REACHED = Outcome(SUCCEEDED, "CompletionsReached", "Reached expected number of succeeded pods")
_TOO_MANY = Outcome(FAILED, "BackoffLimitExceeded", "Job has reached the specified backoff limit")
_TOO_LONG = Outcome(FAILED, "DeadlineExceeded", "Job was active longer than specified deadline")


def of(observed: Observed, failed: int) -> Outcome | None:
    """What was decided before, or is by `failed` pods and the time; None for a job that goes on."""
    for type_ in (SUCCEEDED, FAILED):
        if (known := facts.condition(observed.job, type_)) is not None:
            return Outcome(type_, known.get("reason", ""), known.get("message", ""), known=True)
    if failed > int(observed.spec["backoffLimit"]) or _restarted_too_often(observed):
        return _TOO_MANY
    left = time_left(observed)
    return _TOO_LONG if left is not None and left <= 0 else None


def is_reached(observed: Observed, succeeded: int, active: int) -> bool:
    """Whether enough pods succeeded, and none is at work any more."""
    if observed.completions is None:
        return succeeded > 0 and active == 0
    return succeeded >= observed.completions and active == 0


def time_left(observed: Observed) -> float | None:
    """Seconds until the job's deadline; None without one, and while it is suspended."""
    deadline, start = observed.spec.get("activeDeadlineSeconds"), observed.status.get("startTime")
    if deadline is None or observed.suspended:
        return None
    began = meta.parse_time(start) if start else observed.now
    return (began + timedelta(seconds=deadline) - observed.now).total_seconds()


def _restarted_too_often(observed: Observed) -> bool:
    """Where containers restart by themselves, their restarts count together."""
    if observed.spec["template"]["spec"].get("restartPolicy") != "OnFailure":
        return False
    limit = int(observed.spec["backoffLimit"])
    running = (pod.view for pod in observed.pods if pod.view.phase in ("Running", "Pending"))
    restarts = sum(view.restarts + view.init_restarts for view in running)
    return restarts > 0 if limit == 0 else restarts >= limit
