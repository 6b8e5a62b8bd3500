"""A container runtime in memory: images that may be on the node or in a registry, containers that run until told otherwise."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from pullscope.base.clock import Clock
from pullscope.cri.api import (
    AuthConfig,
    ContainerConfig,
    ContainerEvent,
    ContainerEventType,
    ContainerState,
    ContainerStatus,
    CriError,
    Image,
    PodSandbox,
    PodSandboxConfig,
    PodSandboxState,
    Version,
)
from pullscope.kube.streams import Session
from pullscope.oci import reference
from pullscope.oci.digest import Digest
from pullscope.pull import failures, flavours


def image(ref: str, content: str, *, size: int = 2_161_886) -> Image:
    """An image of that name whose id comes from its content."""
    name = reference.parse(ref).name
    return Image(
        Digest.of(content.encode()).hex, (ref,), (f"{name}@{Digest.of(f'manifest {content}'.encode())}",), size
    )


class FakeImages:
    """`cri.api.ImageService`. `registry` says what a pull of a name meets; a name that is not there is unknown."""

    def __init__(self, flavour: flavours.Flavour = "cri-o") -> None:
        self.flavour = flavour
        self.scheme = "http"
        self.node: dict[str, Image] = {}
        self.registry: dict[str, Image | failures.PullFailure] = {}
        self.calls: list[tuple[str, str]] = []
        self.auths: list[AuthConfig | None] = []
        self.passwords: dict[str, str] = {}
        self.broken: CriError | None = None
        self.gate: asyncio.Event | None = None
        self.stuck: set[str] = set()  # ids of images that cannot be removed

    def load(self, found: Image) -> None:
        """Put an image on the node, as skopeo would; containerd knows no repository's digest of what was loaded."""
        if self.flavour == "containerd":
            found = replace(found, repo_digests=())
        for name in found.repo_tags:
            self.node[name] = found

    async def list_images(self) -> list[Image]:
        return list({found.id: found for found in self.node.values()}.values())

    async def image_status(self, image: str) -> Image | None:
        self.calls.append(("status", image))
        if self.broken:
            raise self.broken
        by_id = {found.id: found for found in self.node.values()}
        return self.node.get(image) or by_id.get(image)

    async def pull_image(self, image: str, auth: AuthConfig | None = None) -> str:
        self.calls.append(("pull", image))
        self.auths.append(auth)
        if self.gate:
            await self.gate.wait()
        found = self.registry.get(image, failures.ManifestUnknown())
        wanted = self.passwords.get(image)
        if wanted is not None and (auth is None or auth.password != wanted):
            found = failures.AuthenticationRequired()
        if not isinstance(found, Image):
            said = flavours.sentence(self.flavour, reference.parse(image), found, scheme=self.scheme)
            raise CriError(said.message, code=said.code, reason=said.reason)
        self.node[image] = found
        return found.id

    async def remove_image(self, image: str) -> None:
        if image in self.stuck:
            raise CriError("image used by c1: image is in use by a container")
        self.node = {name: found for name, found in self.node.items() if image not in (name, found.id)}


@dataclass
class _Container:
    config: ContainerConfig
    status: ContainerStatus
    log: Path


class FakeSession:
    """A command that has run, or one that runs on until it is left."""

    def __init__(self, outcome: tuple[int, str] | None) -> None:
        self._outcome = outcome
        self._left = asyncio.Event()

    async def output(self) -> AsyncIterator[tuple[int, bytes]]:
        if self._outcome is None:
            await self._left.wait()
        else:
            yield 1, self._outcome[1].encode()

    async def write(self, data: bytes) -> None:
        raise NotImplementedError

    async def close_stdin(self) -> None:
        raise NotImplementedError

    def resize(self, columns: int, lines: int) -> None:
        raise NotImplementedError

    async def wait(self) -> int:
        assert self._outcome is not None
        return self._outcome[0]

    async def close(self) -> None:
        self._left.set()


@dataclass
class FakeRuntime:
    """`cri.api.RuntimeService`. `output` gives what a container of an image writes; `held` images are not executed.

    `commands` are exit code and output of what is executed in containers; None for what does not end.
    """

    images: FakeImages
    clock: Clock
    output: Callable[[ContainerConfig], list[str]] = lambda _: []
    held: set[str] = field(default_factory=set)
    sandboxes: dict[str, PodSandbox] = field(default_factory=dict)
    containers: dict[str, _Container] = field(default_factory=dict)
    refuse: dict[str, CriError] = field(default_factory=dict)
    commands: dict[str, tuple[int, str] | None] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    exit_code: int = 0

    def __post_init__(self) -> None:
        self._ids = itertools.count(1)
        self._listeners: list[asyncio.Queue[ContainerEvent]] = []

    def _call(self, name: str, about: str) -> None:
        self.calls.append((name, about))
        if name in self.refuse:
            raise self.refuse[name]

    def _now(self) -> int:
        return int(self.clock.now().timestamp() * 1e9)

    def _tell(self, runtime_id: str, kind: ContainerEventType, sandbox_id: str) -> None:
        uid = self.sandboxes[sandbox_id].config.uid
        for listener in self._listeners:
            listener.put_nowait(ContainerEvent(runtime_id, kind, sandbox_id, uid))

    async def version(self) -> Version:
        return Version(self.images.flavour, "1.0")

    async def run_pod_sandbox(self, config: PodSandboxConfig) -> str:
        self._call("run_pod_sandbox", config.name)
        number = next(self._ids)
        sandbox_id = f"sandbox{number}"
        ip = "" if config.host_network else f"10.217.0.{number + 1}"
        self.sandboxes[sandbox_id] = PodSandbox(sandbox_id, config, PodSandboxState.READY, self._now(), ip)
        for kind in (ContainerEventType.CREATED, ContainerEventType.STARTED):
            self._tell(sandbox_id, kind, sandbox_id)
        return sandbox_id

    async def stop_pod_sandbox(self, pod_sandbox_id: str) -> None:
        self._call("stop_pod_sandbox", pod_sandbox_id)
        sandbox = self.sandboxes.get(pod_sandbox_id)
        if sandbox and sandbox.state is PodSandboxState.READY:
            for container_id in list(self.containers):
                if self.containers[container_id].status.pod_sandbox_id == pod_sandbox_id:
                    self.end(container_id, 137)
            self.sandboxes[pod_sandbox_id] = replace(sandbox, state=PodSandboxState.NOT_READY)
            self._tell(pod_sandbox_id, ContainerEventType.STOPPED, pod_sandbox_id)

    async def remove_pod_sandbox(self, pod_sandbox_id: str) -> None:
        self._call("remove_pod_sandbox", pod_sandbox_id)
        self.sandboxes.pop(pod_sandbox_id, None)

    async def pod_sandbox_status(self, pod_sandbox_id: str) -> PodSandbox:
        return self.sandboxes[pod_sandbox_id]

    async def list_pod_sandbox(self) -> list[PodSandbox]:
        return list(self.sandboxes.values())

    async def create_container(self, pod_sandbox_id: str, config: ContainerConfig) -> str:
        self._call("create_container", config.name)
        found = await self.images.image_status(config.image)
        assert found is not None
        container_id = f"container{next(self._ids)}"
        status = ContainerStatus(
            id=container_id,
            pod_sandbox_id=pod_sandbox_id,
            name=config.name,
            attempt=config.attempt,
            state=ContainerState.CREATED,
            image=config.user_specified_image,
            image_ref=found.repo_digests[0] if found.repo_digests else f"sha256:{found.id}",
            image_id=found.id,
            created_at=self._now(),
            labels=config.labels,
            annotations=config.annotations,
            log_path=config.log_path,
            executed=found.id not in self.held,
        )
        log = Path(self.sandboxes[pod_sandbox_id].config.log_directory) / config.log_path
        self.containers[container_id] = _Container(config, status, log)
        self._tell(container_id, ContainerEventType.CREATED, pod_sandbox_id)
        return container_id

    async def start_container(self, container_id: str) -> None:
        self._call("start_container", container_id)
        container = self.containers[container_id]
        container.log.parent.mkdir(parents=True, exist_ok=True)
        moment = self.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
        lines = [f"{moment} stdout F {line}\n" for line in self.output(container.config)]
        container.log.write_text("".join(lines), encoding="utf-8", newline="\n")
        container.status = replace(container.status, state=ContainerState.RUNNING, started_at=self._now())
        self._tell(container_id, ContainerEventType.STARTED, container.status.pod_sandbox_id)

    def end(self, container_id: str, exit_code: int) -> None:
        """The container's program ends."""
        container = self.containers[container_id]
        if container.status.state is ContainerState.RUNNING:
            container.status = replace(
                container.status, state=ContainerState.EXITED, exit_code=exit_code, finished_at=self._now()
            )
            self._tell(container_id, ContainerEventType.STOPPED, container.status.pod_sandbox_id)

    async def stop_container(self, container_id: str, timeout: int) -> None:
        self._call("stop_container", f"{container_id} {timeout}")
        self.end(container_id, self.exit_code)

    async def remove_container(self, container_id: str) -> None:
        self._call("remove_container", container_id)
        self.containers.pop(container_id, None)

    async def list_containers(self) -> list[ContainerStatus]:
        return [container.status for container in self.containers.values()]

    async def container_status(self, container_id: str) -> ContainerStatus:
        if container_id not in self.containers:
            raise CriError(f"could not find container {container_id}", code="NotFound")
        return self.containers[container_id].status

    def only(self, name: str = "app") -> ContainerStatus:
        """The newest container of that name."""
        return [found.status for found in self.containers.values() if found.status.name == name][-1]

    def config(self, name: str = "app") -> ContainerConfig:
        """What the newest container of that name was given."""
        return [found.config for found in self.containers.values() if found.status.name == name][-1]

    async def exec(self, container_id: str, command: list[str], *, stdin: bool, tty: bool) -> Session:
        self._call("exec", f"{container_id} {command} {stdin=} {tty=}")
        return FakeSession(self.commands[" ".join(command)])

    async def attach(self, container_id: str, *, stdin: bool, tty: bool) -> Session:
        self._call("attach", f"{container_id} {stdin=} {tty=}")
        raise NotImplementedError

    async def container_events(self) -> AsyncIterator[ContainerEvent]:
        queue: asyncio.Queue[ContainerEvent] = asyncio.Queue()
        self._listeners.append(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._listeners.remove(queue)
