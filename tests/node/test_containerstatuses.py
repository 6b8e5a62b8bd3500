"""One container's status: states, the lag by one sync, mounts, resources."""

from typing import Any

from pullscope.cri.api import ContainerState, ContainerStatus, PodSandbox, PodSandboxConfig, PodSandboxState
from pullscope.node import containerstatuses
from pullscope.node.containerstatuses import Waiting
from pullscope.node.podstate import PodState

SECOND = 1_000_000_000
SANDBOX = PodSandbox("s", PodSandboxConfig("p", "u", "ns"), PodSandboxState.READY, 1)


def pod(container: dict[str, Any] | None = None, **metadata: str) -> dict[str, Any]:
    spec = {"name": "a", "image": "img", **(container or {})}
    return {"metadata": {"name": "p", **metadata}, "spec": {"containers": [spec], "restartPolicy": "Always"}}


def found(state: ContainerState, attempt: int = 0, **fields: Any) -> ContainerStatus:
    return ContainerStatus(
        f"c{attempt}",
        "s",
        "a",
        attempt,
        state,
        "shown:v1",
        "repo@sha256:1",
        "id",
        created_at=attempt * SECOND,
        **fields,
    )


def of(
    the_pod: dict[str, Any],
    *containers: ContainerStatus,
    old: dict[str, Any] | None = None,
    failures: dict[str, Waiting] | None = None,
) -> dict[str, Any]:
    state = PodState.of([SANDBOX], containers)
    (status,) = containerstatuses.of_containers(
        the_pod, state, [old] if old else [], failures or {}, runtime_name="cri-o"
    )
    return status


FAILED = {"a": Waiting("ErrImagePull", "no")}


def test_nothing_is_known_yet() -> None:
    assert of(pod()) == {
        "name": "a",
        "state": {"waiting": {"reason": "ContainerCreating"}},
        "lastState": {},
        "ready": False,
        "restartCount": 0,
        "image": "img",
        "imageID": "",
        "started": False,
    }


def test_it_runs_and_shows_what_the_runtime_shows() -> None:
    status = of(pod(), found(ContainerState.RUNNING, started_at=5 * SECOND + 999))
    assert status["state"] == {"running": {"startedAt": "1970-01-01T00:00:05Z"}}
    assert (status["image"], status["imageID"], status["containerID"]) == ("shown:v1", "repo@sha256:1", "cri-o://c0")
    assert (status["ready"], status["started"], status["resources"]) == (True, True, {})


def test_the_last_syncs_failure_is_what_it_waits_for() -> None:
    assert of(pod(), failures=FAILED)["state"] == {"waiting": {"reason": "ErrImagePull", "message": "no"}}


def test_a_failed_restart_moves_the_end_to_the_last_state() -> None:
    status = of(pod(), found(ContainerState.EXITED, exit_code=2, reason="OOMKilled", message="m"), failures=FAILED)
    assert status["state"]["waiting"]["reason"] == "ErrImagePull"
    assert status["lastState"]["terminated"]["reason"] == "OOMKilled"
    assert status["lastState"]["terminated"]["message"] == "m"


def test_a_failure_is_forgotten_when_the_container_runs_or_will_not_be_restarted() -> None:
    assert "running" in of(pod(), found(ContainerState.RUNNING), failures=FAILED)["state"]
    deleted = pod(deletionTimestamp="now")
    assert "terminated" in of(deleted, found(ContainerState.EXITED), failures=FAILED)["state"]


def test_the_one_before_is_the_last_state() -> None:
    status = of(pod(), found(ContainerState.EXITED, 0, exit_code=1), found(ContainerState.RUNNING, 1))
    assert (status["restartCount"], status["containerID"]) == (1, "cri-o://c1")
    assert status["lastState"]["terminated"]["containerID"] == "cri-o://c0"


def test_what_was_reported_of_an_end_stays_when_the_runtime_forgot_it() -> None:
    old = of(pod(), found(ContainerState.EXITED, exit_code=4))
    assert of(pod(), old=old) == old


def test_a_lost_container_counts_as_a_restart_unless_the_pod_ends() -> None:
    old = of(pod(), found(ContainerState.RUNNING))
    lost = of(pod(), old=old)
    assert (lost["restartCount"], lost["lastState"]["terminated"]["exitCode"]) == (1, 137)
    assert of(pod(), old=lost)["restartCount"] == 1
    assert of(pod(deletionTimestamp="now"), old=old)["restartCount"] == 0


def test_mounts_and_resources_are_shown() -> None:
    mounts = [{"name": "v", "mountPath": "/v", "readOnly": True}, {"name": "w", "mountPath": "/w"}]
    resources = {"requests": {"cpu": "1"}, "limits": {"cpu": "2"}}
    status = of(pod({"volumeMounts": mounts, "resources": resources}), found(ContainerState.RUNNING))
    assert status["volumeMounts"] == [
        {"name": "v", "mountPath": "/v", "readOnly": True, "recursiveReadOnly": "Disabled"},
        {"name": "w", "mountPath": "/w"},
    ]
    assert (status["resources"], status["allocatedResources"]) == (resources, {"cpu": "1"})


def test_a_created_container_waits_for_nothing_named() -> None:
    assert of(pod(), found(ContainerState.CREATED))["state"] == {"waiting": {}}
