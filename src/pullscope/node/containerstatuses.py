"""status.containerStatuses and initContainerStatuses, from the spec, the runtime and the last failures.

Upstream: convertToAPIContainerStatuses, pkg/kubelet/kubelet_pods.go, Kubernetes v1.36. What the containers failed to start for is
known from the *previous* sync (the kubelet's reason cache), which is why STATUS lags the events by one sync.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pullscope.cri.api import ContainerState, ContainerStatus
from pullscope.kube import meta
from pullscope.kube.api import Object
from pullscope.node import actions, podstate, reasons
from pullscope.node.podstate import PodState
from pullscope.node.probes import Health
from pullscope.pull.reasons import CONTAINER_CREATING

_LOST = {
    "terminated": {
        "exitCode": 137,
        "reason": "ContainerStatusUnknown",
        "message": "The container could not be located when the pod was deleted.  The container used to be Running",
        "startedAt": None,
        "finishedAt": None,
    }
}
"""The last state of a container that ran and of which the runtime knows nothing any more."""


@dataclass(frozen=True)
class Waiting:
    """Why the last sync did not start a container."""

    reason: str
    message: str


Failures = Mapping[str, Waiting]
"""By container name."""


def _moment(nanoseconds: int) -> str:
    return meta.timestamp(podstate.moment(nanoseconds))


def of_containers(
    pod: Object, state: PodState, old: Sequence[Object], failures: Failures, *, runtime_name: str
) -> list[Object]:
    """The app containers' statuses, sorted by name; `old` are those reported last."""
    default = reasons.POD_INITIALIZING if podstate.init_containers(pod) else CONTAINER_CREATING
    statuses = _Statuses(pod, state, old, failures, runtime_name)
    found = [statuses.of(container, default) for container in podstate.containers(pod)]
    return sorted(found, key=lambda status: str(status["name"]))


def of_init_containers(
    pod: Object, state: PodState, old: Sequence[Object], failures: Failures, *, runtime_name: str
) -> list[Object]:
    """The init containers' statuses, in the order of the spec."""
    statuses = _Statuses(pod, state, old, failures, runtime_name)
    return [statuses.of(container, reasons.POD_INITIALIZING) for container in podstate.init_containers(pod)]


class _Statuses:
    def __init__(
        self, pod: Object, state: PodState, old: Sequence[Object], failures: Failures, runtime_name: str
    ) -> None:
        self._pod = pod
        self._state = state
        self._old = {status["name"]: status for status in old}
        self._failures = failures
        self._runtime_name = runtime_name

    def of(self, container: dict[str, Any], default: str) -> Object:
        status = self._base(container, default)
        seen = [c for c in self._state.containers if c.name == container["name"]][:2]
        if seen:
            status |= self._of_runtime(seen[0]) | {"lastState": self._last_before(container, seen)}
        self._wait_when_failed(container, status)
        running = "running" in status["state"]
        health = self._state.health.get(seen[0].id, Health()) if running and seen else Health()
        status["started"] = running and health.started
        status["ready"] = self._succeeded(status) if self._is_init(container) else running and health.ready
        if running:
            status |= _resources(container)
        return status

    def _base(self, container: dict[str, Any], default: str) -> Object:
        status: Object = {"name": container["name"], "state": {"waiting": {"reason": default}}, "lastState": {}}
        status |= {"ready": False, "restartCount": 0, "image": container["image"], "imageID": "", "started": False}
        old = self._old.get(container["name"])
        if old and "terminated" in old["state"]:
            kept = ("state", "lastState", "restartCount", "image", "imageID", "containerID")
            status |= {key: old[key] for key in kept if key in old}
        elif old:
            status |= {"restartCount": old.get("restartCount", 0), "lastState": old.get("lastState") or {}}
            if "running" in old["state"]:  # the runtime may know it still: then all of this is overwritten
                deleted = bool(self._pod["metadata"].get("deletionTimestamp"))
                status |= {"restartCount": status["restartCount"] + (not deleted), "lastState": _LOST}
        mounts = [_mount(mount) for mount in container.get("volumeMounts") or []]
        return {**status, "volumeMounts": mounts} if mounts else status

    def _last_before(self, container: dict[str, Any], seen: list[ContainerStatus]) -> Object:
        if len(seen) > 1:
            return self._state_of(seen[1])
        return (self._old.get(container["name"]) or {}).get("lastState") or {}

    def _of_runtime(self, container: ContainerStatus) -> Object:
        return {
            "state": self._state_of(container),
            "restartCount": container.attempt,
            "image": container.image,
            "imageID": container.image_ref,
            "containerID": self._id(container),
        }

    def _id(self, container: ContainerStatus) -> str:
        return f"{self._runtime_name}://{container.id}"

    def _state_of(self, container: ContainerStatus) -> Object:
        match container.state:
            case ContainerState.RUNNING:
                return {"running": {"startedAt": _moment(container.started_at)}}
            case ContainerState.EXITED:
                return {"terminated": self._terminated(container)}
            case _:
                return {"waiting": {}}

    def _terminated(self, container: ContainerStatus) -> Object:
        reason = container.reason or (reasons.ERROR if container.exit_code else reasons.COMPLETED)
        ended: Object = {"exitCode": container.exit_code, "reason": reason}
        if container.message:
            ended["message"] = container.message
        started = container.started_at or container.created_at
        ended |= {"startedAt": _moment(started), "finishedAt": _moment(container.finished_at)}
        return {**ended, "containerID": self._id(container)}

    def _wait_when_failed(self, container: dict[str, Any], status: Object) -> None:
        """A container that the next sync will try to start again, and that the last one failed to, waits."""
        name = container["name"]
        failure = self._failures.get(name)
        if failure is None or (self._is_init(container) and self._succeeded(status)):
            return
        if not actions.should_be_restarted(self._pod, self._state, name):
            return
        if "terminated" in status["state"]:
            status["lastState"] = status["state"]
        status["state"] = {"waiting": {"reason": failure.reason, "message": failure.message}}

    def _is_init(self, container: dict[str, Any]) -> bool:
        return any(container["name"] == other["name"] for other in podstate.init_containers(self._pod))

    def _succeeded(self, status: Object) -> bool:
        terminated = status["state"].get("terminated")
        return terminated is not None and terminated["exitCode"] == 0


def _resources(container: dict[str, Any]) -> Object:
    """What a running container was given: nothing is enforced beyond what the spec says."""
    resources = container.get("resources") or {}
    requests = resources.get("requests")
    return {"resources": resources, **({"allocatedResources": requests} if requests else {})}


def _mount(mount: dict[str, Any]) -> Object:
    shown: Object = {"name": mount["name"], "mountPath": mount["mountPath"]}
    return {**shown, "readOnly": True, "recursiveReadOnly": "Disabled"} if mount.get("readOnly") else shown
