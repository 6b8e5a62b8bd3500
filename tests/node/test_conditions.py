"""Phases and conditions, as upstream's TestPodPhaseWith… and status/generate_test.go state them."""

from typing import Any

import pytest

from pullscope.node import conditions

WAITING = {"waiting": {"reason": "ContainerCreating"}}
RUNS = {"running": {"startedAt": "t"}}


def ended(code: int) -> dict[str, Any]:
    return {"terminated": {"exitCode": code}}


def status(name: str, state: dict[str, Any], last: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "state": state, "lastState": last or {}, "ready": "running" in state}


def pod(policy: str = "Always", **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "p"}, "spec": {"restartPolicy": policy, **spec}}


@pytest.mark.parametrize(
    ("policy", "states", "terminal", "phase"),
    [
        ("Always", [WAITING, RUNS], False, "Pending"),
        ("Always", [RUNS, RUNS], False, "Running"),
        ("Always", [RUNS, ended(1)], False, "Running"),
        ("Always", [ended(0), ended(0)], False, "Running"),
        ("Always", [ended(0), ended(0)], True, "Succeeded"),
        ("Always", [ended(0), ended(1)], True, "Failed"),
        ("Never", [ended(0), ended(0)], False, "Succeeded"),
        ("Never", [ended(0), ended(1)], False, "Failed"),
        ("Never", [RUNS, ended(1)], False, "Running"),
        ("OnFailure", [ended(0), ended(0)], False, "Succeeded"),
        ("OnFailure", [ended(0), ended(1)], False, "Running"),
    ],
)
def test_phase(policy: str, states: list[dict[str, Any]], *, terminal: bool, phase: str) -> None:
    containers = [status(str(number), state) for number, state in enumerate(states)]
    assert conditions.phase(pod(policy), [], containers, terminal=terminal) == phase


def test_a_container_that_waits_to_be_restarted_has_run() -> None:
    waiting = status("a", {"waiting": {"reason": "CrashLoopBackOff"}}, last=ended(1))
    assert conditions.phase(pod(), [], [waiting], terminal=False) == "Running"


@pytest.mark.parametrize(
    ("policy", "init", "phase"),
    [
        ("Always", WAITING, "Pending"),
        ("Always", RUNS, "Pending"),
        ("Always", ended(1), "Pending"),
        ("Never", ended(1), "Failed"),
        ("Never", ended(0), "Pending"),
    ],
)
def test_phase_while_init_containers_run(policy: str, init: dict[str, Any], phase: str) -> None:
    app = [status("a", {"waiting": {"reason": "PodInitializing"}})]
    assert conditions.phase(pod(policy), [status("i", init)], app, terminal=False) == phase


def made(phase: str, *states: dict[str, Any], spec: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    containers = [status(chr(ord("a") + number), state) for number, state in enumerate(states)]
    options: dict[str, Any] = {"init": [], "sandbox_ready": True, "held": [], **more}
    found = conditions.generate(spec or pod(), phase=phase, containers=containers, **options)
    return {condition.pop("type"): condition for condition in found}


def test_conditions_of_a_pod_that_waits() -> None:
    found = made("Pending", WAITING, RUNS, sandbox_ready=False)
    unready = {
        "status": "False",
        "reason": "ContainersNotReady",
        "message": "containers with unready status: [a]",
    }
    assert found == {
        "PodReadyToStartContainers": {"status": "False"},
        "Initialized": {"status": "True"},
        "Ready": unready,
        "ContainersReady": unready,
        "PodScheduled": {"status": "True"},
    }


def test_conditions_of_a_pod_that_is_done() -> None:
    assert made("Succeeded", ended(0))["Initialized"] == {"status": "True", "reason": "PodCompleted"}
    assert made("Failed", ended(1))["Ready"] == {"status": "False", "reason": "PodFailed"}


def test_readiness_gates() -> None:
    gated = pod(readinessGates=[{"conditionType": "x/a"}, {"conditionType": "x/b"}])
    gated["status"] = {"conditions": [{"type": "x/a", "status": "False"}]}
    assert made("Running", RUNS, spec=gated)["Ready"] == {
        "status": "False",
        "reason": "ReadinessGatesNotReady",
        "message": (
            'the status of pod readiness gate "x/a" is not "True", but False, '
            'corresponding condition of pod readiness gate "x/b" does not exist.'
        ),
    }
    gated["status"] = {"conditions": [{"type": kind, "status": "True"} for kind in ("x/a", "x/b")]}
    assert made("Running", RUNS, spec=gated)["Ready"] == {"status": "True"}


def test_others_conditions_are_kept_and_come_first() -> None:
    old = [
        {"type": "Ready", "status": "True", "lastTransitionTime": "then"},
        {"type": "x/mine", "status": "True", "lastTransitionTime": "then"},
        {"type": "pullscope.dev/Executed", "status": "False", "lastTransitionTime": "then"},
    ]
    new = [{"type": "Ready", "status": "True"}, {"type": "PodScheduled", "status": "True"}]
    found = conditions.merge(old, new, generation=2, now="now")
    assert [c["type"] for c in found] == ["x/mine", "Ready", "PodScheduled"]
    assert [c["lastTransitionTime"] for c in found] == ["then", "then", "now"]
    assert found[1]["observedGeneration"] == 2
    changed = conditions.merge(old, [{"type": "Ready", "status": "False"}], generation=None, now="now")
    assert changed[1]["lastTransitionTime"] == "now"
    assert "observedGeneration" not in changed[1]
