"""One step of a build: from what is there to what is to be done, without doing it.

Upstream: openshift-controller-manager 4.22 pkg/build/controller/build/build_controller.go (handleBuild, handleNewBuild,
handleActiveBuild, setBuildCompletionData).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pullscope.controllers.builds import policies
from pullscope.kube import meta
from pullscope.kube.api import Object
from pullscope.openshift import buildreasons, builds
from pullscope.openshift.buildreasons import Reason

_PATIENCE = timedelta(minutes=2)
"""How long a new build waits for another build's pod of the same name to go."""
_EXCERPT_LINES, _EXCERPT_WIDTH = 5, 120


@dataclass(frozen=True)
class Nothing:
    """There is nothing to do; `again` says in how many seconds there may be."""

    again: float | None = None


@dataclass(frozen=True)
class Supersede:
    """Cancel these builds: a newer one waits."""

    builds: tuple[Object, ...]


@dataclass(frozen=True)
class Start:
    """Its turn has come: make its pod."""


@dataclass(frozen=True)
class Cancel:
    """Delete its pod, and let it be cancelled."""


@dataclass(frozen=True)
class Write:
    """Write this status. `entered`: it is the first to say so."""

    status: Object
    entered: str = ""


Action = Nothing | Supersede | Start | Cancel | Write


def plan(build: Object, pod: Object | None, others: Sequence[Object], now: datetime) -> Action:
    """The next step. `pod` is that of the build's pod's name, `others` the builds of its config."""
    phase = build["status"]["phase"]
    if build["metadata"].get("deletionTimestamp"):
        return Nothing()
    if phase in builds.OVER:
        return _completed(build, pod, now)
    if build["status"].get("cancelled"):
        return Cancel()
    if phase in builds.ACTIVE or (pod is not None and is_of(pod, build)):
        return _active(build, pod, now)
    return _new(build, pod, others, now)


def is_of(pod: Object, build: Object) -> bool:
    """Whether the pod was made for this very build."""
    return meta.is_controlled_by(pod, build)


def _new(build: Object, pod: Object | None, others: Sequence[Object], now: datetime) -> Action:
    if pod is not None:
        return _occupied(build, pod, now)
    if older := policies.superseded(build, others):
        return Supersede(tuple(older))
    return Start() if policies.may_run(build, others) else Nothing()


def _occupied(build: Object, pod: Object, now: datetime) -> Action:
    """Another pod has the name: that of an older build of the same name goes by itself."""
    waited = now - meta.parse_time(build["metadata"]["creationTimestamp"])
    if meta.owners(pod) and waited < _PATIENCE:
        return Nothing(again=(_PATIENCE - waited).total_seconds())
    return enter(build, builds.ERROR, now, reason=buildreasons.POD_EXISTS)


def _active(build: Object, pod: Object | None, now: datetime) -> Action:
    if pod is None:
        return enter(build, builds.ERROR, now, reason=buildreasons.POD_DELETED)
    match _pod_phase(pod):
        case "Running" if build["status"]["phase"] != builds.RUNNING:
            return enter(build, builds.RUNNING, now, pod=pod)
        case "Succeeded":
            return _succeeded(build, pod, now)
        case "Failed":
            return _failed(build, pod, now)
        case "Pending" if build["status"]["phase"] == builds.NEW:
            return enter(build, builds.PENDING, now, pod=pod)
    return Nothing()


def _pod_phase(pod: Object) -> str:
    """A build runs as soon as the container that takes its source does, though the pod is still starting."""
    state = pod.get("status") or {}
    phase: str = state.get("phase", "Pending")
    for each in state.get("initContainerStatuses") or ():
        if each["name"] == builds.SOURCE_CONTAINER and phase == "Pending" and "waiting" not in each["state"]:
            return "Running"
    return phase


def _succeeded(build: Object, pod: Object, now: datetime) -> Action:
    if not _containers(pod, "containerStatuses"):
        return enter(build, builds.ERROR, now, reason=buildreasons.NO_STATUS, pod=pod)
    return enter(build, builds.COMPLETE, now, pod=pod)


def _failed(build: Object, pod: Object, now: datetime) -> Action:
    if _out_of_memory(pod):
        return enter(build, builds.FAILED, now, reason=buildreasons.OUT_OF_MEMORY, pod=pod)
    if pod["metadata"].get("deletionTimestamp"):
        return enter(build, builds.ERROR, now, reason=buildreasons.POD_DELETED, pod=pod)
    return enter(build, builds.FAILED, now, reason=buildreasons.GENERIC, pod=pod)


def _completed(build: Object, pod: Object | None, now: datetime) -> Action:
    """The builder says itself how its build ended; when, and with which last words, is said here."""
    state, phase = build["status"], build["status"]["phase"]
    if phase not in (builds.COMPLETE, builds.FAILED):
        return Nothing()
    new = _complete(state, phase, pod, now)
    if phase == builds.FAILED and pod is not None and _out_of_memory(pod):
        new |= _why(buildreasons.OUT_OF_MEMORY)
    return Nothing() if new == state else Write(new, "" if state.get("completionTimestamp") else phase)


def enter(
    build: Object, phase: str, now: datetime, *, reason: Reason = buildreasons.NONE, pod: Object | None = None
) -> Write:
    """The build reaches a phase."""
    state = {key: value for key, value in build["status"].items() if key not in ("reason", "message")}
    state |= {"phase": phase, **_why(reason)}
    if phase == builds.RUNNING and pod is not None and (started := (pod.get("status") or {}).get("startTime")):
        state["startTimestamp"] = started
    if phase in builds.OVER:
        state = _complete(state, phase, pod, now)
    return Write(state, phase if phase != build["status"]["phase"] else "")


def _why(reason: Reason) -> Object:
    return {"reason": reason.name, "message": reason.message} if reason.name else {}


def _complete(state: Object, phase: str, pod: Object | None, now: datetime) -> Object:
    """The status with when the build began and ended, and the end of its log if it failed."""
    new, moment = dict(state), meta.timestamp(now)
    pod_status = (pod.get("status") or {}) if pod is not None else {}
    started = new.setdefault("startTimestamp", pod_status.get("startTime") or moment)
    if not new.get("completionTimestamp"):
        new["completionTimestamp"] = moment
        took = meta.parse_time(moment) - meta.parse_time(started)
        if took > timedelta():
            new["duration"] = took // timedelta(seconds=1) * 10**9
    if phase == builds.FAILED and not new.get("logSnippet") and (excerpt := _excerpt(pod)):
        new["logSnippet"] = excerpt
    return new


def _excerpt(pod: Object | None) -> str:
    """The last lines of what the building container said before it failed, long ones cut in the middle."""
    first = next(iter(_containers(pod, "containerStatuses")), None) if pod is not None else None
    message = ((first or {}).get("state", {}).get("terminated") or {}).get("message", "").rstrip("\n")
    lines = message.split("\n")[-_EXCERPT_LINES:] if message else []
    return "\n".join(line if len(line) <= _EXCERPT_WIDTH else f"{line[:58]}...{line[-59:]}" for line in lines)


def _out_of_memory(pod: Object) -> bool:
    ended = [*_containers(pod, "initContainerStatuses"), *_containers(pod, "containerStatuses")]
    return any((each["state"].get("terminated") or {}).get("reason") == "OOMKilled" for each in ended)


def _containers(pod: Object, field: str) -> list[Object]:
    found: list[Object] = (pod.get("status") or {}).get(field) or []
    return found
