"""status.phase and status.conditions of a pod, from its container statuses.

Upstream: getPhase, pkg/kubelet/kubelet_pods.go, and pkg/kubelet/status/generate.go, Kubernetes v1.36. When
PodReadyToStartContainers is told depends on the release: `pull.reasons.SANDBOX_TOLD`.
"""

from collections.abc import Iterable, Sequence

from pullscope.kube import meta
from pullscope.kube.api import Object
from pullscope.node import podstate, reasons

READY_TO_START = "PodReadyToStartContainers"
INITIALIZED = "Initialized"
READY = "Ready"
CONTAINERS_READY = "ContainersReady"
SCHEDULED = "PodScheduled"
OWNED = (READY_TO_START, INITIALIZED, READY, CONTAINERS_READY, SCHEDULED, reasons.EXECUTED)
"""The kubelet writes these, in this order; conditions of others are kept before them."""

TERMINAL = ("Succeeded", "Failed")


def phase(pod: Object, init: Sequence[Object], containers: Sequence[Object], *, terminal: bool) -> str:
    """The pod's phase; `terminal`: it is being terminated and will not be restarted."""
    policy = podstate.restart_policy(pod)
    pending_init = failed_init = 0
    for status in init:
        ended = status["state"].get("terminated")
        if ended is None and "waiting" in status["state"]:
            ended = (status.get("lastState") or {}).get("terminated")
        if ended is None:
            pending_init += 1
        elif ended["exitCode"]:
            failed_init += 1
    if failed_init and policy == "Never":
        return "Failed"
    return "Pending" if pending_init else _phase_of(containers, policy, terminal=terminal)


def _phase_of(containers: Sequence[Object], policy: str, *, terminal: bool) -> str:
    running = sum("running" in status["state"] for status in containers)
    ended = [status["state"]["terminated"] for status in containers if "terminated" in status["state"]]
    waiting = [status for status in containers if "waiting" in status["state"]]
    if any(not (status.get("lastState") or {}).get("terminated") for status in waiting):
        return "Pending"
    if running:
        return "Running"
    all_succeeded = len(ended) == len(containers) and not any(end["exitCode"] for end in ended)
    if not terminal and policy == "Always":
        return "Running"
    if all_succeeded:
        return "Succeeded"
    return "Failed" if terminal or policy == "Never" else "Running"


def generate(
    pod: Object,
    *,
    phase: str,
    init: Sequence[Object],
    containers: Sequence[Object],
    sandbox_ready: bool,
    held: Iterable[str],
) -> list[Object]:
    """The kubelet's own conditions, without times: `merge` adds those."""
    found = [{"type": READY_TO_START, "status": _word(sandbox_ready)}]
    found.append({"type": INITIALIZED, **_initialized(phase, init, containers)})
    found.append({"type": READY, **ready(pod, phase, containers)})
    found.append({"type": CONTAINERS_READY, **_containers_ready(phase, containers)})
    found.append({"type": SCHEDULED, "status": "True"})
    names = sorted(held)
    if names:
        message = f"containers held, not executed: [{' '.join(names)}]"
        found.append({"type": reasons.EXECUTED, "status": "False", "reason": "ContainersHeld", "message": message})
    return found


def _word(truth: bool) -> str:
    return "True" if truth else "False"


def _initialized(phase: str, init: Sequence[Object], containers: Sequence[Object]) -> Object:
    if phase == "Succeeded":
        return {"status": "True", "reason": "PodCompleted"}
    unready = [status["name"] for status in init if not status["ready"]]
    if not unready or any("running" in status["state"] or status.get("containerID") for status in containers):
        return {"status": "True"}
    message = f"containers with incomplete status: [{' '.join(unready)}]"
    return {"status": "False", "reason": "ContainersNotInitialized", "message": message}


def _containers_ready(phase: str, containers: Sequence[Object]) -> Object:
    if phase == "Succeeded":
        return {"status": "False", "reason": "PodCompleted"}
    if phase == "Failed":
        return {"status": "False", "reason": "PodFailed"}
    unready = [status["name"] for status in containers if not status["ready"]]
    if not unready:
        return {"status": "True"}
    message = f"containers with unready status: [{' '.join(unready)}]"
    return {"status": "False", "reason": "ContainersNotReady", "message": message}


def ready(pod: Object, phase: str, containers: Sequence[Object]) -> Object:
    """The condition Ready, without its type: the containers are, and the pod's readiness gates are open."""
    containers_ready = _containers_ready(phase, containers)
    if containers_ready["status"] != "True":
        return containers_ready
    messages = []
    for gate in pod["spec"].get("readinessGates") or []:
        kind = gate["conditionType"]
        condition = meta.get_condition((pod.get("status") or {}).get("conditions"), kind)
        if condition is None:
            messages.append(f'corresponding condition of pod readiness gate "{kind}" does not exist.')
        elif condition["status"] != "True":
            messages.append(f'the status of pod readiness gate "{kind}" is not "True", but {condition["status"]}')
    if messages:
        return {"status": "False", "reason": "ReadinessGatesNotReady", "message": ", ".join(messages)}
    return {"status": "True"}


def merge(old: Sequence[Object], new: Sequence[Object], *, generation: int | None, now: str) -> list[Object]:
    """Others' conditions as they are, then ours; a condition whose status did not change keeps its transition time."""
    kept = [condition for condition in old if condition["type"] not in OWNED]
    merged = []
    for condition in new:
        before = meta.get_condition(old, condition["type"])
        same = before is not None and before["status"] == condition["status"]
        since = before["lastTransitionTime"] if before is not None and same else now
        observed = {"observedGeneration": generation} if generation is not None else {}
        merged.append(
            {"type": condition["type"], **observed, "lastProbeTime": None, "lastTransitionTime": since} | condition
        )
    return [*kept, *merged]
