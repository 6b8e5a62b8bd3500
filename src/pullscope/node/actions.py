"""What a pod needs next, as a pure decision: which sandbox and containers to make, restart or stop.

Upstream: computePodActions and its helpers, pkg/kubelet/kuberuntime/kuberuntime_manager.go and pkg/kubelet/container/helpers.go,
Kubernetes v1.36, without restartable init containers and ephemeral containers, which `unsupported` refuses by name.
"""

from dataclasses import dataclass
from typing import Any

from pullscope.cri.api import ContainerState, ContainerStatus
from pullscope.kube.api import Object
from pullscope.kube.events import Note
from pullscope.node import podstate, probes, reasons
from pullscope.node.podstate import PodState
from pullscope.node.probes import Health


@dataclass(frozen=True)
class Kill:
    """A running container that has to end, and why."""

    container: ContainerStatus
    note: Note


@dataclass(frozen=True)
class Actions:
    """In this order: kill the pod or single containers, make a sandbox (its `attempt`), start containers.

    `start` holds containers of the spec, init containers alone or app containers alone. `sandbox_lost`: there was one before.
    """

    kill_pod: bool = False
    create_sandbox: bool = False
    attempt: int = 0
    sandbox_lost: bool = False
    kill: tuple[Kill, ...] = ()
    start: tuple[dict[str, Any], ...] = ()


def compute(pod: Object, state: PodState) -> Actions:
    """The next actions of a pod that is to run."""
    if state.ready_sandbox is None:
        return _new_sandbox(pod, state)
    if not initialized(pod, state):
        return _init_actions(pod, state)
    return _container_actions(pod, state)


def _new_sandbox(pod: Object, state: PodState) -> Actions:
    newest = state.sandbox
    attempt = newest.config.attempt + 1 if newest else 0
    done_for_good = podstate.restart_policy(pod) == "Never" and attempt > 0 and bool(state.containers)
    to_start = [c for c in podstate.containers(pod) if not _succeeded_for_good(pod, state, c["name"])]
    if done_for_good or not to_start:
        return Actions(kill_pod=True)
    init = podstate.init_containers(pod)
    return Actions(
        kill_pod=True,
        create_sandbox=True,
        attempt=attempt,
        sandbox_lost=newest is not None,
        start=(init[0],) if init else tuple(to_start),
    )


def _succeeded_for_good(pod: Object, state: PodState, name: str) -> bool:
    container = state.container(name)
    return podstate.restart_policy(pod) == "OnFailure" and container is not None and _succeeded(container)


def _succeeded(container: ContainerStatus) -> bool:
    return container.state is ContainerState.EXITED and container.exit_code == 0


def initialized(pod: Object, state: PodState) -> bool:
    """Whether app containers may start: any of them was created before, or the last init container succeeded."""
    if any(state.container(container["name"]) for container in podstate.containers(pod)):
        return True
    init = podstate.init_containers(pod)
    if not init:
        return True
    last = state.container(init[-1]["name"])
    return last is not None and _succeeded(last)


def _init_actions(pod: Object, state: PodState) -> Actions:
    init = podstate.init_containers(pod)
    seen = [(number, state.container(container["name"])) for number, container in enumerate(init)]
    for number, container in reversed(seen):
        if container and container.state is ContainerState.EXITED and container.exit_code:
            if podstate.restart_policy(pod) == "Never":
                return Actions(kill_pod=True)
            return Actions(start=(init[number],))
    for number, container in reversed(seen):
        if container is None:
            continue
        if container.state is ContainerState.RUNNING:
            return Actions()
        following = number + 1 if _succeeded(container) else number
        return Actions(start=(init[following],))
    return Actions(start=(init[0],))


def _container_actions(pod: Object, state: PodState) -> Actions:
    start, kill, kept = [], [], 0
    restarts = podstate.restart_policy(pod) != "Never"
    for container in podstate.containers(pod):
        name = container["name"]
        current = state.container(name)
        if current is None or current.state is not ContainerState.RUNNING:
            if should_be_restarted(pod, state, name):
                start.append(container)
        elif current.annotations.get(podstate.HASH_ANNOTATION) != podstate.container_hash(container):
            kill.append(Kill(current, reasons.killing_changed(name)))
            start.append(container)
        elif (failed := state.health.get(current.id, Health()).failed) is not None:
            kill.append(Kill(current, reasons.killing_unhealthy(name, probes.WORDS[failed], restarts=restarts)))
            start += [container] * restarts
        else:
            kept += 1
    return Actions(kill_pod=not kept and not start, kill=tuple(kill), start=tuple(start))


def should_be_restarted(pod: Object, state: PodState, name: str) -> bool:
    """Whether a container that does not run is to run (upstream: ShouldContainerBeRestarted)."""
    if pod["metadata"].get("deletionTimestamp"):
        return False
    container = state.container(name)
    if container is None:
        return True
    if container.state is ContainerState.RUNNING:
        return False
    if container.state in (ContainerState.CREATED, ContainerState.UNKNOWN):
        return True
    policy = podstate.restart_policy(pod)
    return policy == "Always" or (policy == "OnFailure" and container.exit_code != 0)
