"""What `kubectl get pods` prints: the STATUS word, RESTARTS, READY.

Upstream: printPod, pkg/printers/internalversion/printers.go of Kubernetes v1.36; order and names of its steps are kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pullscope.kube import meta, table
from pullscope.kube.api import Object

FINISHED = ("Succeeded", "Failed")
_OVER: dict[str, list[Object]] = {
    "Succeeded": [
        {"type": "Completed", "status": "True", "reason": "Succeeded", "message": "The pod has completed successfully."}
    ],
    "Failed": [{"type": "Completed", "status": "True", "reason": "Failed", "message": "The pod failed."}],
}


@dataclass(frozen=True)
class _Count:
    """Containers that are ready, how often all have restarted, and when last (RFC 3339, empty for never)."""

    ready: int = 0
    restarts: int = 0
    last: str = ""

    def __add__(self, other: "_Count") -> "_Count":
        return _Count(self.ready + other.ready, self.restarts + other.restarts, max(self.last, other.last))


def conditions(pod: Object) -> list[Object]:
    """The row's conditions: kubectl hides or marks pods that are over by them."""
    return _OVER.get(pod.get("status", {}).get("phase", ""), [])


def cells(pod: Object, now: datetime) -> list[Any]:
    """All nine cells, the last four for `-o wide`."""
    state, spec = pod.get("status", {}), pod["spec"]
    word, count = _progress(pod)
    sidecars = sum(1 for container in spec.get("initContainers") or () if _restartable(container))
    total = len(spec.get("containers") or ()) + sidecars
    addresses = state.get("podIPs") or [{}]
    return [
        pod["metadata"]["name"],
        f"{count.ready}/{total}",
        word,
        f"{count.restarts} ({table.since(count.last, now)} ago)"
        if count.restarts and count.last
        else str(count.restarts),
        table.age(pod, now),
        addresses[0].get("ip") or table.NONE,
        spec.get("nodeName") or table.NONE,
        state.get("nominatedNodeName") or table.NONE,
        _gates(spec.get("readinessGates") or (), state),
    ]


def status(pod: Object) -> str:
    """The word of the STATUS column."""
    return _progress(pod)[0]


def _progress(pod: Object) -> tuple[str, _Count]:
    state = pod.get("status", {})
    word = state.get("reason") or state.get("phase", "")
    scheduled = meta.get_condition(state.get("conditions"), "PodScheduled")
    if scheduled is not None and scheduled.get("reason") == "SchedulingGated":
        word = "SchedulingGated"
    initializing, count, sidecars = _initialization(pod)
    initialized = meta.get_condition(state.get("conditions"), "Initialized")
    if initializing is None or (initialized is not None and initialized["status"] == "True"):
        running, main = _running(state, word)
        word, count = running, sidecars + main
    else:
        word = initializing
    if "deletionTimestamp" in pod["metadata"]:
        if state.get("reason") == "NodeLost":
            word = "Unknown"
        elif state.get("phase") not in FINISHED:
            word = "Terminating"
    return word, count


def _initialization(pod: Object) -> tuple[str | None, _Count, _Count]:
    """Where initialization stands (None: done), what all init containers count, and what the sidecars among them do."""
    inits = {container["name"]: container for container in pod["spec"].get("initContainers") or ()}
    count, sidecars = _Count(), _Count()
    for index, container in enumerate(pod.get("status", {}).get("initContainerStatuses") or ()):
        sidecar = _restartable(inits.get(container["name"], {}))
        here = _Count(0, container.get("restartCount", 0), _last(container))
        ready = _Count(1 if sidecar and container.get("started") and container.get("ready") else 0)
        count += here + ready
        sidecars += here + ready if sidecar else ready
        word = _init_word(container, index, len(inits), started=sidecar and bool(container.get("started")))
        if word is not None:
            return word, count, sidecars
    return None, count, sidecars


def _init_word(container: Object, index: int, total: int, *, started: bool) -> str | None:
    state = container.get("state") or {}
    ended, waiting = state.get("terminated"), state.get("waiting") or {}
    if (ended is not None and ended.get("exitCode") == 0) or started:
        return None
    if ended is not None:
        return "Init:" + (ended.get("reason") or _exit(ended))
    if waiting.get("reason") and waiting["reason"] != "PodInitializing":
        return f"Init:{waiting['reason']}"
    return f"Init:{index}/{total}"


def _running(state: Object, word: str) -> tuple[str, _Count]:
    """What the ordinary containers say, the first one loudest."""
    count, running = _Count(), False
    for container in reversed(state.get("containerStatuses") or ()):
        count += _Count(0, container.get("restartCount", 0), _last(container))
        now = container.get("state") or {}
        if (now.get("waiting") or {}).get("reason"):
            word = now["waiting"]["reason"]
        elif now.get("terminated") is not None:
            word = now["terminated"].get("reason") or _exit(now["terminated"])
        elif container.get("ready") and now.get("running") is not None:
            running = True
            count += _Count(ready=1)
    if word == "Completed" and running:
        ready = meta.get_condition(state.get("conditions"), "Ready")
        word = "Running" if ready is not None and ready["status"] == "True" else "NotReady"
    return word, count


def _exit(ended: Object) -> str:
    return f"Signal:{ended['signal']}" if ended.get("signal") else f"ExitCode:{ended.get('exitCode', 0)}"


def _last(container: Object) -> str:
    ended = (container.get("lastState") or {}).get("terminated") or {}
    return ended.get("finishedAt") or ""


def _restartable(container: Object) -> bool:
    return container.get("restartPolicy") == "Always"


def _gates(gates: Iterable[Object], state: Object) -> str:
    listed = list(gates)
    if not listed:
        return table.NONE
    found = (meta.get_condition(state.get("conditions"), gate["conditionType"]) for gate in listed)
    true = sum(1 for condition in found if condition is not None and condition["status"] == "True")
    return f"{true}/{len(listed)}"
