"""Pods and events read as `oc get pod` shows them: every snapshot of the recorded cells, and the odd ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from pullscope.verify import pods

CELLS = Path(__file__).parents[1] / "data" / "cells"


def pod(status: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "case-1-abc-x", "uid": "u", **metadata},
        "spec": {"nodeName": "crc", "containers": [{"name": "app", "image": "r/x:v1", "imagePullPolicy": "Always"}]},
        "status": status,
    }


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    state = {"waiting": {"reason": reason, "message": message}}
    return {"phase": "Pending", "containerStatuses": [{"name": "app", "state": state, "imageID": ""}]}


RUNNING = {
    "phase": "Running",
    "containerStatuses": [
        {
            "name": "app",
            "state": {"running": {"startedAt": "2026-11-21T12:18:04Z"}},
            "imageID": "r/x@sha256:1",
            "containerID": "cri-o://2",
            "restartCount": 1,
        }
    ],
}


@pytest.mark.parametrize("path", sorted(CELLS.glob("*/*.json")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_status_is_the_recorded_column(path: Path) -> None:
    """Each STATUS that a real `kubectl get pods -w` printed comes out of the pod of that moment, in that order."""
    cell = json.loads(path.read_text(encoding="utf-8"))
    shown = [entry[1] for entry in cell["status"]]
    read = [
        pods.status(pod({"phase": seen["phase"], "containerStatuses": [{"name": "app", **seen["container"]}]}))
        if seen["container"]
        else pods.status(pod({"phase": seen["phase"]}))
        for seen in cell["pods"]
    ]
    assert [each for at, each in enumerate(read) if at == 0 or read[at - 1] != each] == [
        each for at, each in enumerate(shown) if at == 0 or shown[at - 1] != each
    ]


@pytest.mark.parametrize(
    ("status", "settled"),
    [
        ({"phase": "Pending"}, False),
        ({}, False),
        (waiting("ContainerCreating"), False),
        (waiting("PodInitializing"), False),
        (waiting("ErrImagePull"), True),
        (waiting("ErrImageNeverPull"), True),
        (waiting("CreateContainerError"), True),
        (RUNNING, True),
        ({"phase": "Failed", "reason": "OutOfcpu"}, True),
    ],
)
def test_when_a_pod_has_settled(status: dict[str, Any], settled: bool) -> None:
    assert pods.has_settled(pod(status)) is settled


def test_a_pod_that_goes_is_terminating() -> None:
    assert pods.status(pod(RUNNING, deletionTimestamp="2026-11-21T12:18:04Z")) == "Terminating"


def test_a_running_pod() -> None:
    seen = pods.describe(pod(RUNNING, labels={"pod-template-hash": "6f5f"}), ())
    assert (seen.running, seen.reason, seen.status, seen.executed) == (True, None, "Running", True)
    assert (seen.image_id, seen.container_id, seen.restarts) == ("r/x@sha256:1", "cri-o://2", 1)
    assert (seen.policy, seen.image, seen.node, seen.template_hash) == ("Always", "r/x:v1", "crc", "6f5f")


def test_a_held_container() -> None:
    held = {**RUNNING, "conditions": [{"type": pods.EXECUTED, "status": "False"}]}
    assert pods.describe(pod(held), ()).executed is False


def test_a_pod_that_no_node_takes() -> None:
    message = "0/1 nodes are available: 1 Insufficient cpu."
    unscheduled = {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "message": message}]}
    assert pods.describe(pod(unscheduled), ()).unscheduled == message


def test_a_pod_that_the_kubelet_refused() -> None:
    seen = pods.describe(pod({"phase": "Failed", "reason": "OutOfcpu", "message": "not enough"}), ())
    assert (seen.status, seen.reason, seen.message, seen.running) == ("OutOfcpu", "OutOfcpu", "not enough", False)


@pytest.mark.parametrize(
    ("status", "closing"),
    [
        (RUNNING, "Started"),
        (waiting("ErrImagePull"), "Error: ImagePullBackOff"),
        (waiting("RegistryUnavailable"), "Error: ImagePullBackOff"),
        (waiting("ErrImageNeverPull"), "Error: ErrImageNeverPull"),
        (waiting("InvalidImageName"), "Error: InvalidImageName"),
    ],
)
def test_the_event_that_comes_last(status: dict[str, Any], closing: str) -> None:
    assert pods.closing_message(pod(status)) == closing


def test_old_and_new_events() -> None:
    old: dict[str, Any] = {
        "type": "Normal",
        "reason": "Pulling",
        "message": "m",
        "involvedObject": {"kind": "Pod"},
        "count": 3,
    }
    old["source"] = {"component": "kubelet"}
    new: dict[str, Any] = {
        "type": "Normal",
        "reason": "Scheduled",
        "message": "m",
        "involvedObject": {"kind": "Pod"},
        "count": None,
    }
    new |= {"source": {}, "reportingComponent": "default-scheduler", "series": {"count": 2}}
    seen = [pods.describe_event(event, 0.5) for event in (old, new)]
    assert [(event.component, event.count) for event in seen] == [("kubelet", 3), ("default-scheduler", 2)]
