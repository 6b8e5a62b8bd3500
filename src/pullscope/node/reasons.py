"""The kubelet's words that are not about images: waiting reasons, event reasons and messages.

Upstream, Kubernetes v1.36: pkg/kubelet/events/event.go, pkg/kubelet/container/sync_result.go, kuberuntime/kuberuntime_manager.go
and kuberuntime_container.go. Words about images are in `pull.reasons`. The words of held containers are Pullscope's own.
"""

from datetime import timedelta

from pullscope.kube.events import Note
from pullscope.pull.reasons import NORMAL, WARNING, go_duration

# Waiting reasons.
POD_INITIALIZING = "PodInitializing"
CRASH_LOOP_BACK_OFF = "CrashLoopBackOff"
CREATE_CONTAINER_CONFIG_ERROR = "CreateContainerConfigError"
CREATE_CONTAINER_ERROR = "CreateContainerError"
RUN_CONTAINER_ERROR = "RunContainerError"

# Terminated reasons, where the runtime names none.
COMPLETED = "Completed"
ERROR = "Error"

EXECUTED = "pullscope.dev/Executed"
"""The pod condition that is False while a container is held: its program is not one that the runtime executes."""


def back_off_restarting(container: str, pod: str) -> Note:
    """`pod` is `name_namespace(uid)`."""
    return Note(WARNING, "BackOff", f"Back-off restarting failed container {container} in pod {pod}")


def crash_loop(window: timedelta, container: str, pod: str) -> str:
    """The waiting message of CrashLoopBackOff."""
    return f"back-off {go_duration(window)} restarting failed container={container} pod={pod}"


def killing(container: str) -> Note:
    return Note(NORMAL, "Killing", f"Stopping container {container}")


def killing_changed(container: str) -> Note:
    return Note(NORMAL, "Killing", f"Container {container} definition changed, will be restarted")


def killing_unhealthy(container: str, probe: str, *, restarts: bool) -> Note:
    """`probe` is its word in upper case: `Liveness`."""
    end = ", will be restarted" if restarts else ""
    return Note(NORMAL, "Killing", f"Container {container} failed {probe.lower()} probe{end}")


def unhealthy(probe: str, said: str) -> Note:
    """A probe failed, saying that."""
    return Note(WARNING, "Unhealthy", f"{probe} probe failed: {said}")


def probe_errored(probe: str, error: str) -> Note:
    """A probe could not be run."""
    return Note(WARNING, "Unhealthy", f"{probe} probe errored: {error}")


def failed(error: str) -> Note:
    """A step of starting a container failed."""
    return Note(WARNING, "Failed", f"Error: {error}")


def sandbox_failed(error: str) -> Note:
    return Note(WARNING, "FailedCreatePodSandBox", f"Failed to create pod sandbox: {error}")


def sandbox_changed() -> Note:
    return Note(NORMAL, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.")


def mount_failed(volume: str, error: str) -> Note:
    return Note(WARNING, "FailedMount", f'MountVolume.SetUp failed for volume "{volume}" : {error}')


def kill_failed(error: str) -> Note:
    return Note(WARNING, "FailedKillPod", f"error killing pod: {error}")


def deadline_exceeded() -> Note:
    """The reason and message are the pod's too."""
    return Note(NORMAL, "DeadlineExceeded", "Pod was active on the node longer than the specified deadline")


def held(container: str, runtime: str) -> Note:
    message = (
        f"Container {container} is held, not executed: its image has no program that the {runtime} runtime can run"
    )
    return Note(WARNING, "NotExecuted", message)


def held_refused(runtime: str) -> str:
    """The error of a strict node."""
    return f"image has no program that the {runtime} runtime can run, and the node is strict: it holds no containers"
