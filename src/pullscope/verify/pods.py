"""Read a pod and an event of the API: what `oc get pod` shows, and whether the container has come to something. [pure]"""

from collections.abc import Sequence
from typing import Any

from pullscope.kube import meta
from pullscope.kube.api import Object
from pullscope.pull import reasons
from pullscope.verify import evidence, failures
from pullscope.verify.objects import CONTAINER

EXECUTED = "pullscope.dev/Executed"
"""The pod condition that is False for a held container: Running for Kubernetes, executed by nobody."""

_INITIALIZING = "PodInitializing"
_STARTING = (None, reasons.CONTAINER_CREATING, _INITIALIZING)
_TEMPLATE_HASH = "pod-template-hash"


def container_status(pod: Object, name: str = CONTAINER) -> dict[str, Any]:
    """The status of a container, empty while the kubelet has not written one."""
    overall = pod.get("status") or {}
    statuses = [*(overall.get("containerStatuses") or []), *(overall.get("initContainerStatuses") or [])]
    return next((status for status in statuses if status["name"] == name), {})


def status(pod: Object) -> str:
    """The STATUS column (kubernetes v1.36 pkg/printers/internalversion/printers.go, printPod), for one container of each kind."""
    if pod["metadata"].get("deletionTimestamp"):
        return "Terminating"
    overall = pod.get("status") or {}
    for number, each in enumerate(overall.get("initContainerStatuses") or []):
        state = each.get("state") or {}
        if (state.get("terminated") or {}).get("exitCode") != 0:
            why = (state.get("waiting") or state.get("terminated") or {}).get("reason")
            shown = f"{number}/{len(pod['spec']['initContainers'])}" if why in (None, _INITIALIZING) else why
            return f"Init:{shown}"
    state = container_status(pod).get("state") or {}
    reason = (state.get("waiting") or state.get("terminated") or {}).get("reason")
    return str(reason or overall.get("reason") or overall.get("phase") or "Pending")


def is_running(pod: Object, container: str = CONTAINER) -> bool:
    """Whether the container runs; one that comes before the others: whether it has run to its end."""
    state = container_status(pod, container).get("state") or {}
    return "running" in state or (container != CONTAINER and (state.get("terminated") or {}).get("exitCode") == 0)


def has_settled(pod: Object, container: str = CONTAINER) -> bool:
    """Whether the container runs, or waits for something else than its start, or the pod has failed."""
    waiting = (container_status(pod, container).get("state") or {}).get("waiting") or {}
    failed = (pod.get("status") or {}).get("phase") == "Failed"
    return is_running(pod, container) or failed or waiting.get("reason") not in _STARTING


def closing_message(pod: Object, container: str = CONTAINER) -> str:
    """The message (or, for a started container, the reason) of the event that comes last once the pod has settled."""
    waiting = (container_status(pod, container).get("state") or {}).get("waiting") or {}
    reason = waiting.get("reason") or status(pod)
    if is_running(pod, container):
        return reasons.STARTED
    return reasons.sync_failed(reasons.IMAGE_PULL_BACK_OFF if reason in failures.PULL_REASONS else reason).message


def template_hash(obj: Object) -> str:
    """The pod-template-hash that a ReplicaSet or its pod carries."""
    return str((obj["metadata"].get("labels") or {}).get(_TEMPLATE_HASH, ""))


def describe(pod: Object, timeline: Sequence[evidence.StatusChange], container: str = CONTAINER) -> evidence.Pod:
    """The pod as evidence. The policy and the image are those that the API server gives back."""
    specs = [*pod["spec"]["containers"], *pod["spec"].get("initContainers", ())]
    spec = next((each for each in specs if each["name"] == container), specs[0])
    current = container_status(pod, container)
    waiting = (current.get("state") or {}).get("waiting") or {}
    overall = pod.get("status") or {}
    running = is_running(pod, container)
    executed = meta.get_condition(overall.get("conditions"), EXECUTED)
    scheduled = meta.get_condition(overall.get("conditions"), "PodScheduled")
    return evidence.Pod(
        uid=pod["metadata"]["uid"],
        name=pod["metadata"]["name"],
        template_hash=template_hash(pod),
        node=pod["spec"].get("nodeName", ""),
        policy=spec.get("imagePullPolicy", ""),
        image=spec["image"],
        status=status(pod),
        running=running,
        reason=None if running else waiting.get("reason") or overall.get("reason"),
        message=waiting.get("message") or overall.get("message") or "",
        image_id=current.get("imageID", ""),
        container_id=current.get("containerID") or "",
        restarts=current.get("restartCount", 0),
        executed=executed is None or executed["status"] != "False",
        unscheduled=scheduled.get("message", "") if scheduled and scheduled["status"] == "False" else "",
        timeline=tuple(timeline),
    )


def describe_event(event: Object, seconds: float) -> evidence.Event:
    """The event as evidence. Old (`count`) and new (`series`) events count differently."""
    source = (event.get("source") or {}).get("component") or event.get("reportingComponent") or ""
    return evidence.Event(
        seconds=seconds,
        type=event.get("type", ""),
        reason=event.get("reason", ""),
        message=event.get("message", ""),
        kind=event["involvedObject"].get("kind", ""),
        component=source,
        count=event.get("count") or (event.get("series") or {}).get("count") or 1,
    )
