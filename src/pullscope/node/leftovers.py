"""What a former kubelet left on the node: found at the start, to be taken over with its pod or removed.

Upstream: HandlePodCleanups and cleanupOrphanedPodDirs, pkg/kubelet/kubelet_pods.go and kubelet_volumes.go, Kubernetes v1.36, which
look every two seconds; here only a kubelet that was killed can leave anything.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from pullscope.cri.api import ContainerStatus, PodSandbox, RuntimeService
from pullscope.node import logs, volumes


@dataclass
class Left:
    """What the runtime holds of one pod."""

    sandboxes: list[PodSandbox] = field(default_factory=list)
    containers: list[ContainerStatus] = field(default_factory=list)


async def find(runtime: RuntimeService) -> dict[str, Left]:
    """What the runtime holds, by the uids of the pods. Raises CriError."""
    found: defaultdict[str, Left] = defaultdict(Left)
    owners = {}
    for sandbox in await runtime.list_pod_sandbox():
        owners[sandbox.id] = sandbox.config.uid
        found[sandbox.config.uid].sandboxes.append(sandbox)
    for container in await runtime.list_containers():
        if container.pod_sandbox_id in owners:
            found[owners[container.pod_sandbox_id]].containers.append(container)
    return dict(found)


async def remove(runtime: RuntimeService, root: Path, left: dict[str, Left], pods: set[str]) -> None:
    """Pods that are not among `pods` (uids) went while no kubelet was there: end and remove what they left. Raises CriError."""
    for uid in left.keys() - pods:
        for container in left[uid].containers:
            await runtime.stop_container(container.id, 0)
            await runtime.remove_container(container.id)
        for sandbox in left[uid].sandboxes:
            await runtime.stop_pod_sandbox(sandbox.id)
            await runtime.remove_pod_sandbox(sandbox.id)
    volumes.keep_only(root, pods)
    logs.keep_only(root / "logs", pods)
