"""What a container that failed said last: its termination message, where it has the policy FallbackToLogsOnError.

Upstream: pkg/kubelet/kuberuntime/kuberuntime_container.go (getTerminationMessage, readLastStringFromContainerLogs), v1.36.
A container's own file (terminationMessagePath) is not read.
"""

import contextlib
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from pullscope.cri.api import ContainerState, ContainerStatus
from pullscope.kube.api import Object
from pullscope.node import logs, podstate

_POLICY = "FallbackToLogsOnError"
_LINES, _BYTES = 80, 2048


def may_have(container: ContainerStatus) -> bool:
    """Whether it failed and has a log."""
    return container.state is ContainerState.EXITED and container.exit_code != 0 and bool(container.log_path)


class LastWords:
    """Those of one pod's containers; each log is read once."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def added(self, pod: Object, container: ContainerStatus, directory: Path) -> ContainerStatus:
        """The status with what a container that `may_have` them said last in its message, if its policy wants that."""
        if container.id not in self._known:
            wanted = _policy(pod, container.name) == _POLICY
            self._known[container.id] = _end(directory / container.log_path) if wanted else ""
        said = self._known[container.id]
        return replace(container, message=": ".join(filter(None, (container.message, said)))) if said else container

    def keep_only(self, containers: Collection[str]) -> None:
        """Forget the others, which are gone."""
        for container in self._known.keys() - set(containers):
            del self._known[container]


def _policy(pod: Object, name: str) -> str:
    for spec in (*podstate.containers(pod), *podstate.init_containers(pod)):
        if spec["name"] == name:
            return str(spec.get("terminationMessagePolicy") or "")
    return ""


def _end(path: Path) -> str:
    """The end of a log; nothing when it is gone."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        file.seek(logs.tail_offset(file, _LINES))
        entries = [entry for line in file.read().split(b"\n") if (entry := logs.parse(line)) is not None]
        return b"".join(entry.content for entry in entries)[-_BYTES:].decode(errors="replace")
    return ""
