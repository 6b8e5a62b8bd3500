"""A job and its pods, and the questions that all parts of the controller ask about them.

Upstream: pkg/controller/job/job_controller.go and tracking_utils.go, v1.36.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pullscope.controllers.cache import Seen
from pullscope.controllers.job.failures import NONE, Failures
from pullscope.controllers.pods import PodView
from pullscope.kube import meta
from pullscope.kube.api import Object

Pod = Seen[PodView]
FINALIZER = "batch.kubernetes.io/job-tracking"
FINISHED = ("Complete", "Failed")


@dataclass(frozen=True)
class Observed:
    """A job with its pods. `failures` is what is remembered of failed pods. Without `may_create`, creating was refused."""

    job: Object
    pods: Sequence[Pod]
    now: datetime
    failures: Failures = field(default=NONE)
    may_create: bool = True

    @property
    def spec(self) -> Object:
        spec: Object = self.job["spec"]
        return spec

    @property
    def status(self) -> Object:
        return self.job.get("status") or {}

    @property
    def name(self) -> str:
        name: str = self.job["metadata"]["name"]
        return name

    @property
    def deleting(self) -> bool:
        return self.job["metadata"].get("deletionTimestamp") is not None

    @property
    def suspended(self) -> bool:
        return bool(self.spec.get("suspend"))

    @property
    def indexed(self) -> bool:
        return bool(self.spec.get("completionMode") == "Indexed")

    @property
    def completions(self) -> int | None:
        """How many pods shall succeed; None: one of them decides for all."""
        return self.spec.get("completions")

    @property
    def active(self) -> list[Pod]:
        return [pod for pod in self.pods if pod.view.active]

    @property
    def uncounted(self) -> dict[str, list[str]]:
        """The uids of pods that ended and are not in the counters yet, by `succeeded` and `failed`."""
        given = self.status.get("uncountedTerminatedPods") or {}
        return {outcome: list(given.get(outcome) or ()) for outcome in ("succeeded", "failed")}

    def has_failed(self, pod: Pod) -> bool:
        """A pod that is deleted before its end has failed, unless only pods that ended are replaced."""
        if pod.view.phase == "Failed":
            return True
        if self.spec.get("podReplacementPolicy") == "Failed":
            return False
        return pod.deleting and pod.view.phase != "Succeeded"

    def counts(self, pod: Pod) -> bool:
        """Whether the pod's end is one of the job's: of an indexed job's pods those with a valid index."""
        return not self.indexed or is_valid(pod.view.index, self.completions or 0)

    def newly(self, outcome: str) -> list[Pod]:
        """The pods that succeeded or failed and are not in the status yet."""
        known = set(self.uncounted[outcome])
        ended = self.has_failed if outcome == "failed" else has_succeeded
        tracked = (pod for pod in self.pods if is_tracked(pod) and pod.uid not in known)
        return [pod for pod in tracked if self.counts(pod) and ended(pod)]


def is_valid(index: int | None, completions: int) -> bool:
    return index is not None and index < completions


def is_tracked(pod: Pod) -> bool:
    """Whether it has the finalizer: its end is not counted yet."""
    return FINALIZER in pod.finalizers


def has_succeeded(pod: Pod) -> bool:
    return pod.view.phase == "Succeeded"


def condition(job: Object, type_: str) -> Object | None:
    """The job's condition of that type, where it is true."""
    found = meta.get_condition((job.get("status") or {}).get("conditions"), type_)
    return found if found is not None and found["status"] == "True" else None


def is_finished(job: Object) -> bool:
    return any(condition(job, type_) for type_ in FINISHED)


def least_missed(pods: Sequence[Pod]) -> list[Pod]:
    """In the order in which superfluous pods go (upstream: ActivePods)."""
    return sorted(pods, key=_worth)


def _worth(pod: Pod) -> tuple[Any, ...]:
    view = pod.view
    phase = {"Pending": 0, "Unknown": 1, "Running": 2}.get(view.phase, 0)
    ready = view.ready_since.timestamp() if view.ready and view.ready_since else 0.0
    return (bool(view.node), phase, view.ready, -ready, -view.restarts, -view.created.timestamp(), pod.uid)
