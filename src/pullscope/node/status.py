"""The status of a pod, as upstream's kubelet computes it at the start of each sync.

Pure: from the pod, what the runtime holds, what the *previous* sync failed to start, and the status reported last. Upstream:
generateAPIPodStatus, pkg/kubelet/kubelet_pods.go, and the merge of pkg/kubelet/status/status_manager.go, v1.36.
"""

from dataclasses import dataclass, field

from pullscope.kube import meta
from pullscope.kube.api import Object
from pullscope.kube.events import Note
from pullscope.node import conditions, containerstatuses, podstate
from pullscope.node.containerstatuses import Failures
from pullscope.node.podstate import PodState


@dataclass(frozen=True)
class Observed:
    """What a status is made of besides the pod. `now` is metav1.Time. `evicted` says why the pod must end, if it must."""

    state: PodState
    host_ip: str
    runtime_name: str
    now: str
    failures: Failures = field(default_factory=dict)
    terminal: bool = False
    evicted: Note | None = None


def generate(pod: Object, old: Object, observed: Observed) -> Object:
    """The whole new status; what the kubelet does not own (`qosClass` …) is kept from `old`."""
    state, name = observed.state, observed.runtime_name
    init = containerstatuses.of_init_containers(
        pod, state, old.get("initContainerStatuses") or [], observed.failures, runtime_name=name
    )
    app = containerstatuses.of_containers(
        pod, state, old.get("containerStatuses") or [], observed.failures, runtime_name=name
    )
    phase = _phase(pod, old, observed, init, app)
    owned = conditions.generate(
        {**pod, "status": old},
        phase=phase,
        init=init,
        containers=app,
        sandbox_ready=state.ready_sandbox is not None,
        held=_held(pod, state),
    )
    return _assembled(pod, old, observed, phase=phase, owned=owned) | (
        {"initContainerStatuses": init, "containerStatuses": app} if init else {"containerStatuses": app}
    )


def _phase(pod: Object, old: Object, observed: Observed, init: list[Object], app: list[Object]) -> str:
    """A phase that is the last one stays."""
    if observed.evicted is not None:
        return "Failed"
    if old.get("phase") in conditions.TERMINAL:
        return str(old["phase"])
    return conditions.phase(pod, init, app, terminal=observed.terminal)


def _held(pod: Object, state: PodState) -> list[str]:
    newest = [state.container(container["name"]) for container in podstate.containers(pod)]
    return [container.name for container in newest if container is not None and not container.executed]


def _assembled(pod: Object, old: Object, observed: Observed, *, phase: str, owned: list[Object]) -> Object:
    generation = pod["metadata"].get("generation")
    status: Object = {**old, "phase": phase, "startTime": old.get("startTime") or observed.now}
    if observed.evicted is not None:
        status |= {"reason": observed.evicted.reason, "message": observed.evicted.message}
    status["conditions"] = conditions.merge(old.get("conditions") or [], owned, generation=generation, now=observed.now)
    if generation is not None:
        status["observedGeneration"] = generation
    status |= {"hostIP": observed.host_ip, "hostIPs": [{"ip": observed.host_ip}]}
    address = observed.state.sandbox.ip if observed.state.sandbox else ""
    if not address and pod["spec"].get("hostNetwork"):
        address = observed.host_ip
    if address:
        status |= {"podIP": address, "podIPs": [{"ip": address}]}
    status.setdefault("resources", {})
    return status


def ready_to_start(pod: Object, old: Object, now: str) -> Object:
    """The status with PodReadyToStartContainers True and nothing else changed: said when the sandbox is there (1.36)."""
    changed = [
        {key: value for key, value in condition.items() if key != "lastTransitionTime"}
        | ({"status": "True"} if condition["type"] == conditions.READY_TO_START else {})
        for condition in old["conditions"]
        if condition["type"] in conditions.OWNED
    ]
    generation = pod["metadata"].get("generation")
    return {**old, "conditions": conditions.merge(old["conditions"], changed, generation=generation, now=now)}


def needs_readiness(pod: Object) -> bool:
    """Whether others opened or closed a readiness gate, so that the pod is not as ready as it says.

    Upstream: NeedToReconcilePodReadiness.
    """
    if not pod["spec"].get("readinessGates"):
        return False
    current = pod.get("status") or {}
    reported = meta.get_condition(current.get("conditions"), conditions.READY)
    if reported is None:
        return False
    expected = conditions.ready(pod, current["phase"], current.get("containerStatuses") or [])
    return any(reported.get(field) != expected.get(field) for field in ("status", "message"))


def difference(old: Object, new: Object) -> Object:
    """The JSON merge patch that makes `new` out of `old`, by top-level fields: lists are replaced whole."""
    changed = {key: value for key, value in new.items() if old.get(key) != value or key not in old}
    return changed | {key: None for key in old if key not in new}


def rebased(patch: Object, current: Object) -> Object:
    """The same patch for a status that others wrote to meanwhile: their conditions stay (upstream: mergePodStatus)."""
    if "conditions" not in patch:
        return patch
    theirs = [each for each in current.get("conditions") or [] if each["type"] not in conditions.OWNED]
    ours = [each for each in patch["conditions"] if each["type"] in conditions.OWNED]
    return {**patch, "conditions": [*theirs, *ours]}
