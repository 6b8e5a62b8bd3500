"""The Node object and its status, pure: what the node says of itself and of the images that it has.

Upstream: pkg/kubelet/nodestatus/setters.go and kubelet_node_status.go, Kubernetes v1.36. The pressure conditions are reported as
upstream words them, but nothing is measured: the embedded runtime has no evictions.
"""

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pullscope.cri.api import Image
from pullscope.kube import meta
from pullscope.kube.api import Object

MAX_PODS = 110  # maxPods
MAX_NAMES = 5  # MaxNamesPerImageInNodeStatus

_CONDITIONS = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)


@dataclass(frozen=True)
class Machine:
    """What the node runs on. `runtime` is `name://version`, `memory` bytes, `pods` how many it takes."""

    cpus: int
    memory: int
    runtime: str
    operating_system: str = "linux"
    architecture: str = "amd64"
    kernel: str = ""
    os_image: str = ""
    pods: int = MAX_PODS

    @property
    def resources(self) -> dict[str, str]:
        """Capacity and, as nothing is reserved, allocatable."""
        return {"cpu": str(self.cpus), "memory": f"{self.memory // 1024}Ki", "pods": str(self.pods)}


def os_image() -> str:
    """How the system calls itself, such as `Debian GNU/Linux 12 (bookworm)`."""
    if platform.system() == "Linux":
        try:
            return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
        except OSError:
            return "Linux"
    return f"{platform.system()} {platform.release()}"


def node(name: str, machine: Machine, labels: Mapping[str, str], pod_cidr: str = "") -> Object:
    """The object to register, without its status. `pod_cidr` is where its pods have their addresses, when it is known."""
    arch, system = machine.architecture, machine.operating_system
    own = {
        "beta.kubernetes.io/arch": arch,
        "beta.kubernetes.io/os": system,
        "kubernetes.io/arch": arch,
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": system,
    }
    annotations = {"volumes.kubernetes.io/controller-managed-attach-detach": "true"}
    metadata = {"name": name, "labels": {**own, **labels}, "annotations": annotations}
    spec = {"podCIDR": pod_cidr, "podCIDRs": [pod_cidr]} if pod_cidr else {}
    return {"kind": "Node", "apiVersion": "v1", "metadata": metadata, "spec": spec}


@dataclass(frozen=True)
class Report:
    """What a status is made of. `now` is metav1.Time; `told`: how many images are named, -1 for all.

    No port is reported: this kubelet does not listen.
    """

    name: str
    host_ip: str
    kubelet_version: str
    machine: Machine
    images: tuple[Image, ...]
    now: str
    told: int


def status(report: Report, old: Object) -> Object:
    """The whole status; conditions keep the time of their last change, and only the heartbeat moves."""
    machine = report.machine
    return {
        "capacity": machine.resources,
        "allocatable": machine.resources,
        "conditions": conditions(old.get("conditions") or [], report.now),
        "addresses": [
            {"type": "InternalIP", "address": report.host_ip},
            {"type": "Hostname", "address": report.name},
        ],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 0}},
        "nodeInfo": {
            "machineID": "",
            "systemUUID": "",
            "bootID": "",
            "kernelVersion": machine.kernel,
            "osImage": machine.os_image,
            "containerRuntimeVersion": machine.runtime,
            "kubeletVersion": report.kubelet_version,
            "kubeProxyVersion": "",
            "operatingSystem": machine.operating_system,
            "architecture": machine.architecture,
        },
        "images": images(report.images, report.told),
    }


def conditions(old: Iterable[Object], now: str) -> list[Object]:
    """All is well, since when it is."""
    before = list(old)
    made = []
    for kind, word, reason, message in _CONDITIONS:
        was = meta.get_condition(before, kind)
        since = was["lastTransitionTime"] if was is not None and was["status"] == word else now
        times = {"lastHeartbeatTime": now, "lastTransitionTime": since}
        made.append({"type": kind, "status": word, **times, "reason": reason, "message": message})
    return made


def images(found: Iterable[Image], told: int) -> list[Object]:
    """node.status.images: the largest, each with at most five names, digests before tags (which five may hide)."""
    largest = sorted(found, key=lambda image: -image.size)[: None if told < 0 else told]
    named = [(sorted(image.repo_digests) + sorted(image.repo_tags), image.size) for image in largest]
    return [{"names": names[:MAX_NAMES], "sizeBytes": size} for names, size in named]


def same(old: Object, new: Object) -> bool:
    """Whether nothing but the heartbeat differs."""
    return _without_heartbeat(old) == _without_heartbeat(new)


def _without_heartbeat(found: Object) -> Object:
    listed = [{**condition, "lastHeartbeatTime": None} for condition in found.get("conditions") or []]
    return {**found, "conditions": listed}
