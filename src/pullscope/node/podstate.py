"""What the runtime holds of one pod, as a value: its sandboxes and containers, and how they are named and labelled.

Upstream: pkg/kubelet/container/runtime.go (PodStatus) and pkg/kubelet/types/labels.go, v1.36. Labels and annotations are how
a kubelet finds its containers again after a restart.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from pullscope.cri.api import ContainerState, ContainerStatus, PodSandbox, PodSandboxState
from pullscope.kube.api import Object
from pullscope.node.probes import Health

POD_NAME_LABEL = "io.kubernetes.pod.name"
POD_NAMESPACE_LABEL = "io.kubernetes.pod.namespace"
POD_UID_LABEL = "io.kubernetes.pod.uid"
CONTAINER_NAME_LABEL = "io.kubernetes.container.name"
HASH_ANNOTATION = "io.kubernetes.container.hash"
RESTART_COUNT_ANNOTATION = "io.kubernetes.container.restartCount"


@dataclass(frozen=True)
class PodState:
    """Sandboxes and containers of a pod, each newest first; `health` has those by their ids that are probed."""

    sandboxes: tuple[PodSandbox, ...] = ()
    containers: tuple[ContainerStatus, ...] = ()
    health: Mapping[str, Health] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        sandboxes: Iterable[PodSandbox],
        containers: Iterable[ContainerStatus],
        health: Mapping[str, Health] = MappingProxyType({}),
    ) -> "PodState":
        """Sort what a runtime lists; by attempt first, since a clock may be coarse, or set back."""
        return cls(
            tuple(sorted(sandboxes, key=lambda s: (s.config.attempt, s.created_at), reverse=True)),
            tuple(sorted(containers, key=lambda c: (c.attempt, c.created_at), reverse=True)),
            health,
        )

    @property
    def sandbox(self) -> PodSandbox | None:
        """The newest sandbox, ready or not."""
        return self.sandboxes[0] if self.sandboxes else None

    @property
    def ready_sandbox(self) -> PodSandbox | None:
        """The newest sandbox, when it is ready."""
        sandbox = self.sandbox
        return sandbox if sandbox and sandbox.state is PodSandboxState.READY else None

    def container(self, name: str) -> ContainerStatus | None:
        """The newest container of that name."""
        return next((container for container in self.containers if container.name == name), None)

    def ended(self, name: str) -> ContainerStatus | None:
        """The newest container of that name that has ended."""
        ended = (c for c in self.containers if c.name == name and c.state is ContainerState.EXITED)
        return next(ended, None)

    def running(self) -> list[ContainerStatus]:
        return [container for container in self.containers if container.state is ContainerState.RUNNING]


def moment(nanoseconds: int) -> datetime:
    """CRI's nanoseconds since the epoch."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=nanoseconds // 1000)


def reported(status: Object, name: str) -> Object | None:
    """What a pod's status says of the container of that name."""
    listed = [*(status.get("containerStatuses") or []), *(status.get("initContainerStatuses") or [])]
    return next((entry for entry in listed if entry["name"] == name), None)


def uid(pod: Object) -> str:
    return str(pod["metadata"]["uid"])


def full_name(pod: Object) -> str:
    """How messages name a pod (upstream: format.Pod): `name_namespace(uid)`."""
    metadata = pod["metadata"]
    return f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"


def containers(pod: Object) -> list[dict[str, Any]]:
    """The app containers of the spec."""
    found: list[dict[str, Any]] = pod["spec"]["containers"]
    return found


def init_containers(pod: Object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pod["spec"].get("initContainers") or []
    return found


def restart_policy(pod: Object) -> str:
    return str(pod["spec"].get("restartPolicy") or "Always")


def container_hash(container: Mapping[str, Any]) -> str:
    """What makes a container another one (upstream: HashContainer hashes name and image): a change restarts it."""
    return f"{container['name']}={container['image']}"


def log_directory(pod: Object) -> str:
    """The directory of a pod's logs, relative to the node's (upstream: BuildPodLogsDirectory)."""
    metadata = pod["metadata"]
    return f"{metadata['namespace']}_{metadata['name']}_{metadata['uid']}"


def is_init(pod: Object, name: str) -> bool:
    """Whether the container of that name is an init container."""
    return any(container["name"] == name for container in init_containers(pod))


def field_path(pod: Object, name: str) -> str:
    """How an event's involvedObject names a container."""
    listed = "initContainers" if is_init(pod, name) else "containers"
    return f"spec.{listed}{{{name}}}"
