"""What the runtime is told: the CRI configuration of a pod's sandbox and of its containers, pure.

Upstream: pkg/kubelet/kuberuntime/kuberuntime_sandbox.go and kuberuntime_container.go (generateContainerConfig), v1.36. What this
node cannot do is refused by name (`unsupported`), never left out in silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pullscope.cri.api import ContainerConfig, Mount, PodSandboxConfig
from pullscope.kube import quantity
from pullscope.kube.api import Object
from pullscope.node import env, hostpaths, podstate, probes, volumes
from pullscope.node.env import ConfigError
from pullscope.node.hostpaths import Host

_HOSTNAME_MAX = 63
_UNSUPPORTED = ("lifecycle", "volumeDevices", "restartPolicyRules")
_UNSUPPORTED_OF_PODS = (
    "shareProcessNamespace",
    "runtimeClassName",
    "resourceClaims",
    "ephemeralContainers",
)


def sandbox(pod: Object, attempt: int, log_root: Path) -> PodSandboxConfig:
    """The sandbox of a pod; `log_root` is the node's directory of all logs."""
    metadata, spec = pod["metadata"], pod["spec"]
    return PodSandboxConfig(
        name=metadata["name"],
        uid=metadata["uid"],
        namespace=metadata["namespace"],
        attempt=attempt,
        hostname=_hostname(pod),
        log_directory=str(log_root / podstate.log_directory(pod)),
        labels={**(metadata.get("labels") or {}), **_pod_labels(pod)},
        annotations=metadata.get("annotations") or {},
        host_network=bool(spec.get("hostNetwork")),
    )


def _hostname(pod: Object) -> str:
    """The pod's own, or on the host's network the node's, which is its name here (upstream: GeneratePodHostNameAndDomain)."""
    spec = pod["spec"]
    if spec.get("hostNetwork"):
        return str(spec["nodeName"])
    return str(spec.get("hostname") or pod["metadata"]["name"])[:_HOSTNAME_MAX].rstrip("-.")


def _pod_labels(pod: Object) -> dict[str, str]:
    metadata = pod["metadata"]
    return {
        podstate.POD_NAME_LABEL: metadata["name"],
        podstate.POD_NAMESPACE_LABEL: metadata["namespace"],
        podstate.POD_UID_LABEL: metadata["uid"],
    }


def unsupported(pod: Object, container: Mapping[str, Any]) -> str | None:
    """What the spec asks for that this node cannot do; None when it can do it all."""
    asked = [name for name in _UNSUPPORTED_OF_PODS if pod["spec"].get(name)]
    asked += [name for name in _UNSUPPORTED if container.get(name)]
    asked += probes.unsupported(container)
    if asked:
        return f"{asked[0]} is not supported by this node"
    if container.get("restartPolicy"):
        return "restartPolicy of a container is not supported by this node"
    for mount in container.get("volumeMounts") or []:
        if mount.get("mountPropagation", "None") != "None":
            return f"mountPropagation {mount['mountPropagation']} is not supported by this node"
    return None


@dataclass(frozen=True)
class Given:
    """What was found out for one container: the image's id, its environment, where its pod's volumes are,
    and what pods may see of the node."""

    image_id: str
    attempt: int
    environment: Mapping[str, str]
    volumes: Path
    host: Host | None = None


def container(pod: Object, spec: Mapping[str, Any], given: Given) -> ContainerConfig:
    """The configuration of one container. Raises ConfigError."""
    limits = (spec.get("resources") or {}).get("limits") or {}
    return ContainerConfig(
        name=spec["name"],
        image=given.image_id,
        user_specified_image=spec["image"],
        attempt=given.attempt,
        command=env.expand_all(spec.get("command") or (), given.environment),
        args=env.expand_all(spec.get("args") or (), given.environment),
        working_dir=spec.get("workingDir") or "",
        envs=tuple(given.environment.items()),
        mounts=_mounts(pod, spec, given),
        labels={podstate.CONTAINER_NAME_LABEL: spec["name"], **_pod_labels(pod)},
        annotations={
            podstate.HASH_ANNOTATION: podstate.container_hash(spec),
            podstate.RESTART_COUNT_ANNOTATION: str(given.attempt),
        },
        log_path=f"{spec['name']}/{given.attempt}.log",
        memory_limit=int(quantity.parse(str(limits["memory"])).value) if "memory" in limits else 0,
        stdin=bool(spec.get("stdin")),
        stdin_once=bool(spec.get("stdinOnce")),
        tty=bool(spec.get("tty")),
    )


def sees_host(pod: Object) -> bool:
    """Whether it has volumes that show the node."""
    return any("hostPath" in volume for volume in pod["spec"].get("volumes") or ())


def _mounts(pod: Object, spec: Mapping[str, Any], given: Given) -> tuple[Mount, ...]:
    listed = pod["spec"].get("volumes") or ()
    of_host = {volume["name"] for volume in listed if "hostPath" in volume}
    projected = {volume["name"] for volume in listed if volumes.is_projected(volume)}
    found: list[Mount] = []
    for mount in spec.get("volumeMounts") or ():
        if given.host is None or mount["name"] not in of_host:
            found.append(_mount(mount, given, readonly=mount["name"] in projected or bool(mount.get("readOnly"))))
        elif mount.get("subPath") or mount.get("subPathExpr"):
            raise ConfigError("subPath of a hostPath volume is not supported by this node")
        else:
            found += hostpaths.mounts(mount["mountPath"], given.host)
    return tuple(found)


def _mount(mount: Mapping[str, Any], given: Given, *, readonly: bool) -> Mount:
    path = given.volumes / mount["name"]
    inside = mount.get("subPath") or env.expand(mount.get("subPathExpr") or "", given.environment)
    if inside:
        parts = PurePosixPath(inside).parts
        if PurePosixPath(inside).is_absolute() or ".." in parts or "\\" in inside or ":" in inside:
            raise ConfigError(f'failed to prepare subPath for volumeMount "{mount["name"]}": {inside} leads out of it')
        path = path.joinpath(*parts)
    return Mount(mount["mountPath"], str(path), readonly=readonly)
