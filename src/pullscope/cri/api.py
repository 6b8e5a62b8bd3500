"""The seam between kubelet and container runtime: CRI v1 (k8s.io/cri-api v0.36 pkg/apis/runtime/v1/api.proto) as values.

Names are the proto's, in Python's case. Only fields that Pullscope uses exist. Times are nanoseconds since the epoch,
sizes bytes, as in the proto. Every call raises `CriError`, whose `code` is a gRPC status code name.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from pullscope.kube.streams import Session


class CriError(Exception):
    """A failed call. `str()` is the message without the gRPC frame.

    `code` is the gRPC status code's name (`NotFound`, `Unknown`, `Unavailable`, `InvalidArgument` …). Upstream's kubelet
    tells pull errors apart by prefixes of the message (`RegistryUnavailable`, `SignatureValidationFailed`): see `reason`.
    """

    def __init__(self, message: str, *, code: str = "Unknown", reason: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.reason = reason

    @property
    def framed(self) -> str:
        """The message in gRPC's frame."""
        return f"rpc error: code = {self.code} desc = {self.message}"

    @property
    def told(self) -> str:
        """As the kubelet and crictl hand it on: without the frame where its code says nothing (cri-client remote_image.go)."""
        return self.message if self.code == "Unknown" else self.framed


# ------------------------------------------------------------------------------------------------ images


@dataclass(frozen=True)
class AuthConfig:
    """Credentials for one pull. Either username and password, or an identity token."""

    username: str = ""
    password: str = ""
    identity_token: str = ""


@dataclass(frozen=True)
class Image:
    """An image on the node. `id` is the config's digest as the runtime writes it: CRI-O as bare hex, containerd whole.

    `executable` is False for one whose containers would be held (see `ContainerStatus`).
    """

    id: str
    repo_tags: tuple[str, ...] = ()
    repo_digests: tuple[str, ...] = ()
    size: int = 0
    username: str = ""
    pinned: bool = False
    executable: bool = True


class ImageService(Protocol):
    """runtime.v1.ImageService: the node's image cache."""

    async def list_images(self) -> list[Image]: ...

    async def image_status(self, image: str) -> Image | None:
        """The image that a normalised reference or an image id names; None when it is not there."""

    async def pull_image(self, image: str, auth: AuthConfig | None = None) -> str:
        """Pull, whatever is there already; returns the image id (CRI's image_ref)."""

    async def remove_image(self, image: str) -> None:
        """Remove by reference or id, with all its names; not being there is not an error."""


# ------------------------------------------------------------------------------------------------ pods


@dataclass(frozen=True)
class PodSandboxConfig:
    """What the kubelet says about a pod before any container."""

    name: str
    uid: str
    namespace: str
    attempt: int = 0
    hostname: str = ""
    log_directory: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    host_network: bool = False


class PodSandboxState(StrEnum):
    READY = "SANDBOX_READY"
    NOT_READY = "SANDBOX_NOTREADY"


@dataclass(frozen=True)
class PodSandbox:
    """A sandbox and its address. `created_at` in nanoseconds."""

    id: str
    config: PodSandboxConfig
    state: PodSandboxState
    created_at: int
    ip: str = ""


@dataclass(frozen=True)
class Mount:
    """A host directory or file shown in the container."""

    container_path: str
    host_path: str
    readonly: bool = False


@dataclass(frozen=True)
class ContainerConfig:
    """One container to create. `image` is the id that the kubelet resolved, `user_specified_image` what the pod says.

    `log_path` is relative to the sandbox's log directory. `memory_limit` in bytes, 0 for none.
    """

    name: str
    image: str
    user_specified_image: str = ""
    attempt: int = 0
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    working_dir: str = ""
    envs: tuple[tuple[str, str], ...] = ()
    mounts: tuple[Mount, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    log_path: str = ""
    memory_limit: int = 0
    stdin: bool = False
    stdin_once: bool = False
    tty: bool = False


class ContainerState(StrEnum):
    CREATED = "CONTAINER_CREATED"
    RUNNING = "CONTAINER_RUNNING"
    EXITED = "CONTAINER_EXITED"
    UNKNOWN = "CONTAINER_UNKNOWN"


@dataclass(frozen=True)
class ContainerStatus:
    """What is known of a container.

    `image` is the name it shows (may be another name of the same image), `image_ref` is `repository@digest` or the id (kubelet's
    imageID), `image_id` the image's id. `executed` is False for a *held* container: an image of another platform,
    Running as far as CRI is concerned, whose program the embedded runtime cannot execute.
    """

    id: str
    pod_sandbox_id: str
    name: str
    attempt: int
    state: ContainerState
    image: str
    image_ref: str
    image_id: str
    created_at: int
    started_at: int = 0
    finished_at: int = 0
    exit_code: int = 0
    reason: str = ""
    message: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    log_path: str = ""
    executed: bool = True


class ContainerEventType(StrEnum):
    CREATED = "CONTAINER_CREATED_EVENT"
    STARTED = "CONTAINER_STARTED_EVENT"
    STOPPED = "CONTAINER_STOPPED_EVENT"
    DELETED = "CONTAINER_DELETED_EVENT"


@dataclass(frozen=True)
class ContainerEvent:
    """Something happened to a container or sandbox of a pod (CRI's evented PLEG)."""

    container_id: str
    type: ContainerEventType
    pod_sandbox_id: str
    pod_uid: str


@dataclass(frozen=True)
class Version:
    """What the runtime calls itself; `nodeInfo.containerRuntimeVersion` is `name://version`."""

    runtime_name: str
    runtime_version: str
    runtime_api_version: str = "v1"


class RuntimeService(Protocol):
    """runtime.v1.RuntimeService. Calls are idempotent where the proto says so (stop and remove)."""

    async def version(self) -> Version: ...

    async def run_pod_sandbox(self, config: PodSandboxConfig) -> str: ...

    async def stop_pod_sandbox(self, pod_sandbox_id: str) -> None: ...

    async def remove_pod_sandbox(self, pod_sandbox_id: str) -> None: ...

    async def pod_sandbox_status(self, pod_sandbox_id: str) -> PodSandbox: ...

    async def list_pod_sandbox(self) -> list[PodSandbox]: ...

    async def create_container(self, pod_sandbox_id: str, config: ContainerConfig) -> str: ...

    async def start_container(self, container_id: str) -> None: ...

    async def stop_container(self, container_id: str, timeout: int) -> None:  # noqa: ASYNC109 (CRI's field, seconds)
        """Stop with `timeout` seconds of grace, then kill; returns when the container has exited."""

    async def remove_container(self, container_id: str) -> None: ...

    async def list_containers(self) -> list[ContainerStatus]: ...

    async def container_status(self, container_id: str) -> ContainerStatus: ...

    async def exec(self, container_id: str, command: list[str], *, stdin: bool, tty: bool) -> Session:
        """Start a command in a running container. One that cannot be found says so on stderr and has exit code 1."""

    async def attach(self, container_id: str, *, stdin: bool, tty: bool) -> Session:
        """Join the container's own streams: what it writes from now on, and its stdin when it has one.

        `tty` is what the container was made with. Without `stdin_once` the session ends with its stdin (no terminal), and
        the container's stdin stays open; with it, the container's stdin ends with that of the session.
        """

    def container_events(self) -> AsyncIterator[ContainerEvent]:
        """Every event from the call on; ends when the runtime closes."""
