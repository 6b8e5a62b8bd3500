"""The STATUS word, RESTARTS and READY of `kubectl get pods`, row by row."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pullscope.apiserver.podspec import printing
from pullscope.kube.api import Object

NOW = datetime(2026, 1, 1, 0, 10, tzinfo=UTC)


def pod(*statuses: Object, phase: str = "Pending", inits: tuple[Object, ...] = (), **changes: Any) -> Object:
    """A pod with containers `c0`, `c1` … in these states; `inits` are those of its init containers."""
    metadata = {"name": "p", "creationTimestamp": "2026-01-01T00:00:00Z", **changes.pop("metadata", {})}
    spec = {"containers": [{"name": f"c{index}"} for index in range(max(1, len(statuses)))], **changes.pop("spec", {})}
    named = [{"name": f"c{index}", "restartCount": 0, **each} for index, each in enumerate(statuses)]
    ready = [{"name": f"i{index}", "restartCount": 0, **each} for index, each in enumerate(inits)]
    if inits and "initContainers" not in spec:
        spec["initContainers"] = [{"name": each["name"]} for each in ready]
    status = {"phase": phase, "containerStatuses": named, "initContainerStatuses": ready, **changes}
    return {"metadata": metadata, "spec": spec, "status": status}


def waiting(reason: str) -> Object:
    return {"state": {"waiting": {"reason": reason}}}


def ended(code: int, reason: str = "", **more: Any) -> Object:
    return {"state": {"terminated": {"exitCode": code, **({"reason": reason} if reason else {}), **more}}}


RUNNING: Object = {"state": {"running": {}}, "ready": True}
INITIALIZED = {"type": "Initialized", "status": "True"}
READY = {"type": "Ready", "status": "True"}

ROWS: list[tuple[str, Object, str, str, str]] = [
    ("new", pod(), "Pending", "0/1", "0"),
    ("creating", pod(waiting("ContainerCreating")), "ContainerCreating", "0/1", "0"),
    ("error", pod(waiting("ErrImagePull")), "ErrImagePull", "0/1", "0"),
    ("back-off", pod(waiting("ImagePullBackOff")), "ImagePullBackOff", "0/1", "0"),
    ("registry down", pod(waiting("RegistryUnavailable")), "RegistryUnavailable", "0/1", "0"),
    ("never", pod(waiting("ErrImageNeverPull")), "ErrImageNeverPull", "0/1", "0"),
    ("running", pod(RUNNING, phase="Running"), "Running", "1/1", "0"),
    ("one of two", pod(RUNNING, waiting("ErrImagePull"), phase="Pending"), "ErrImagePull", "1/2", "0"),
    ("the first speaks loudest", pod(waiting("A"), waiting("B")), "A", "0/2", "0"),
    ("completed", pod(ended(0, "Completed"), phase="Succeeded"), "Completed", "0/1", "0"),
    ("failed", pod(ended(1, "Error"), phase="Failed"), "Error", "0/1", "0"),
    ("exit code", pod(ended(7), phase="Failed"), "ExitCode:7", "0/1", "0"),
    ("signal", pod(ended(137, signal=9), phase="Failed"), "Signal:9", "0/1", "0"),
    (
        "one completed, one ready",
        pod(ended(0, "Completed"), RUNNING, phase="Running", conditions=[READY]),
        "Running",
        "1/2",
        "0",
    ),
    ("one completed, one not ready", pod(ended(0, "Completed"), RUNNING, phase="Running"), "NotReady", "1/2", "0"),
    ("evicted", pod(phase="Failed", reason="Evicted"), "Evicted", "0/1", "0"),
    (
        "going",
        pod(RUNNING, phase="Running", metadata={"deletionTimestamp": "2026-01-01T00:10:30Z"}),
        "Terminating",
        "1/1",
        "0",
    ),
    (
        "going and over",
        pod(ended(0, "Completed"), phase="Succeeded", metadata={"deletionTimestamp": "2026-01-01T00:10:30Z"}),
        "Completed",
        "0/1",
        "0",
    ),
    (
        "going with its node",
        pod(RUNNING, phase="Running", reason="NodeLost", metadata={"deletionTimestamp": "2026-01-01T00:10:30Z"}),
        "Unknown",
        "1/1",
        "0",
    ),
    (
        "restarted",
        pod(
            {**RUNNING, "restartCount": 3, "lastState": {"terminated": {"finishedAt": "2026-01-01T00:09:50Z"}}},
            phase="Running",
        ),
        "Running",
        "1/1",
        "3 (10s ago)",
    ),
    ("restarted, nobody knows when", pod({**RUNNING, "restartCount": 2}, phase="Running"), "Running", "1/1", "2"),
    ("initializing", pod(waiting("PodInitializing"), inits=(waiting("PodInitializing"),)), "Init:0/1", "0/1", "0"),
    ("second init", pod(inits=(ended(0, "Completed"), {"state": {"running": {}}})), "Init:1/2", "0/1", "0"),
    ("init fails", pod(inits=({**ended(1, "Error"), "restartCount": 4},)), "Init:Error", "0/1", "4"),
    ("init exit code", pod(inits=(ended(3),)), "Init:ExitCode:3", "0/1", "0"),
    ("init image", pod(inits=(waiting("ImagePullBackOff"),)), "Init:ImagePullBackOff", "0/1", "0"),
    (
        "initialized",
        pod(RUNNING, phase="Running", inits=(ended(0, "Completed"),), conditions=[INITIALIZED]),
        "Running",
        "1/1",
        "0",
    ),
    (
        "with a sidecar",
        pod(
            RUNNING,
            phase="Running",
            inits=({"state": {"running": {}}, "started": True, "ready": True, "restartCount": 1},),
            spec={"initContainers": [{"name": "i0", "restartPolicy": "Always"}]},
        ),
        "Running",
        "2/2",
        "1",
    ),
    (
        "gated",
        pod(conditions=[{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]),
        "SchedulingGated",
        "0/1",
        "0",
    ),
]


@pytest.mark.parametrize(
    ("given", "word", "ready", "restarts"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_a_row(given: Object, word: str, ready: str, restarts: str) -> None:
    assert printing.cells(given, NOW)[:5] == ["p", ready, word, restarts, "10m"]
    assert printing.status(given) == word


def test_the_wide_cells() -> None:
    gates = {"readinessGates": [{"conditionType": "a"}, {"conditionType": "b"}], "nodeName": "crc"}
    given = pod(spec=gates, podIPs=[{"ip": "10.0.0.1"}], conditions=[{"type": "a", "status": "True"}])
    assert printing.cells(given, NOW)[5:] == ["10.0.0.1", "crc", "<none>", "1/2"]
    assert printing.cells(pod(), NOW)[5:] == ["<none>"] * 4


def test_rows_that_are_over_are_marked() -> None:
    message = "The pod has completed successfully."
    over = {"type": "Completed", "status": "True", "reason": "Succeeded", "message": message}
    assert printing.conditions(pod(phase="Succeeded")) == [over]
    assert printing.conditions(pod(phase="Failed"))[0]["message"] == "The pod failed."
    assert printing.conditions(pod(phase="Running")) == []
