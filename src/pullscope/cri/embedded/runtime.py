"""The embedded runtime: CRI's two services over the node's parts."""

import asyncio
import ipaddress
import platform as machines
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson

from pullscope import __version__
from pullscope.base.clock import Clock
from pullscope.content import api as content
from pullscope.content.api import BlobStore
from pullscope.cri.api import (
    AuthConfig,
    ContainerConfig,
    ContainerEvent,
    ContainerStatus,
    CriError,
    Image,
    PodSandbox,
    PodSandboxConfig,
    Version,
)
from pullscope.cri.embedded import images, launch, sandboxes
from pullscope.cri.embedded.containers import Containers
from pullscope.cri.embedded.events import Events
from pullscope.cri.embedded.images import ImageRecord, ImageStore
from pullscope.cri.embedded.pulls import Puller
from pullscope.cri.embedded.sandboxes import Sandboxes
from pullscope.cri.embedded.sessions import AttachSession, ExecSession, InputSession, Output
from pullscope.cri.embedded.starters import Starters
from pullscope.cri.embedded.state import State
from pullscope.cri.embedded.trees import Trees
from pullscope.cri.embedded.underway import Bell, PullUnderWay, UnderWay
from pullscope.kube.streams import Session
from pullscope.oci.digest import Digest
from pullscope.oci.documents import ImageConfig
from pullscope.oci.platform import Platform
from pullscope.pull import flavours
from pullscope.pull.flavours import Flavour
from pullscope.remote.registries import Registries
from pullscope.runtime.executor import Executor
from pullscope.runtime.toolbox.context import Programs
from pullscope.runtime.toolbox.process import Process

NAME = "embedded"


class EmbeddedRuntime:
    """`cri.api.ImageService` and `cri.api.RuntimeService` in this process, for one event loop.

    `root` is the node's own directory, made when missing: names, trees, compiled programs and records, found again after a
    restart. `blobs` may be shared with other nodes. `registries` and `blobs` stay the caller's. A node whose content is shared
    gives `release`, which is told after every pull and removal the blobs that none of this node's images needs any more
    (perhaps none); otherwise they are deleted.
    Pods get their addresses from `network`. `words` are programs of this process that containers have beside the toolbox's,
    where their image marks them. `flavour` is the real runtime whose words and rules about images it follows; `pinned` are the
    patterns of images that are never to be collected.
    """

    def __init__(  # noqa: PLR0913 (its parts, and how it is to be)
        self,
        root: Path,
        blobs: BlobStore,
        clock: Clock,
        registries: Registries,
        *,
        release: Callable[[Collection[Digest]], None] | None = None,
        network: ipaddress.IPv4Network = sandboxes.NETWORK,
        words: Programs = MappingProxyType({}),
        flavour: Flavour = "cri-o",
        pinned: Sequence[str] = (),
    ) -> None:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        machine = Platform("linux", machines.machine().lower()).normalised()
        self._blobs = blobs
        self._clock = clock
        self._words = words
        self._release = release or self._delete
        self._state = State(root / "state.db")
        self._events = Events()
        self._images = ImageStore(self._state, flavour)
        self._trees = Trees(root / "trees", blobs)
        self._trees.keep_only({image.id for image in self._images})
        self._pinned = pinned
        self._rules, self._flavour = flavours.RULES[flavour], flavour
        self._under_way = under_way = UnderWay(clock, self._free)
        self._puller = Puller(
            self._images,
            self._trees,
            blobs,
            registries=registries,
            under_way=under_way,
            machine=machine,
            flavour=flavour,
        )
        self._sandboxes = Sandboxes(self._state, self._events, clock, network)
        self._containers = Containers(self._state, self._events, clock, self._images)
        self._executor = Executor(clock, root / "modules")
        self._starters = Starters(self._executor, clock)

    async def close(self) -> None:
        """End every program and pull. The records stay: the next runtime on this root reports them as ended."""
        self._events.close()
        await self._under_way.close()
        await self._containers.close()
        await self._executor.close()
        self._state.close()

    # ------------------------------------------------------------------------------------------------ images

    async def list_images(self) -> list[Image]:
        return [image.as_cri(self._flavour, self._pinned) for image in self._images]

    async def image_status(self, image: str) -> Image | None:
        found = self._images.find(image)
        return found.as_cri(self._flavour, self._pinned) if found else None

    async def pull_image(self, image: str, auth: AuthConfig | None = None) -> str:
        return await self._puller.pull(image, auth)

    async def remove_image(self, image: str) -> None:
        """As the protocol says. Raises CriError for an image that a container uses, where the runtime keeps it."""
        found = self._images.find(image)
        if found is None:
            return
        user = next(
            (status.id for status in self._containers.statuses() if images.bare(status.image_id) == found.id), None
        )
        if user is not None and self._rules.keeps_used:
            way = "delete image: " if found.is_called(image) else ""
            raise CriError(f"{way}image used by {user}: image is in use by a container")
        self._images.remove(found, used=user is not None)
        if user is None:
            await self._let_go(found)
        self.bell.ring()

    async def _let_go(self, image: ImageRecord) -> None:
        """Delete the content of an image that is not there any more."""
        self._puller.unneeded |= image.blobs
        self._free()
        detached = self._trees.detach(image.id)
        if detached is not None:
            await asyncio.to_thread(self._trees.delete, detached)

    def image_config(self, image_id: str) -> dict[str, Any]:
        """The configuration of the image of that id, as it was pulled. Raises CriError."""
        found = self._images.get(image_id)
        if found is None:
            raise CriError(f"{image_id}: image not known", code="NotFound")
        return dict(orjson.loads(self._config_blob(found)))

    @property
    def bell(self) -> Bell:
        """Rings when the images may have changed, and when a pull begins or ends."""
        return self._under_way.bell

    @property
    def pulls(self) -> Sequence[PullUnderWay]:
        """Those under way."""
        return self._under_way.pulls

    @property
    def pulling(self) -> bool:
        """Whether a pull is under way: it may count on blobs that no image of this node needs."""
        return bool(self._under_way)

    def blobs(self) -> set[Digest]:
        """The blobs that this node's images need."""
        return self._images.blobs()

    def _free(self) -> None:
        """Let go of blobs of removed images and failed pulls; not beside a pull, which may count on them."""
        if not self.pulling:
            unneeded, self._puller.unneeded = self._puller.unneeded - self._images.blobs(), set()
            self._release(unneeded)

    def _delete(self, unneeded: Collection[Digest]) -> None:
        for digest in unneeded:
            self._blobs.delete(digest)

    # ------------------------------------------------------------------------------------------------ pods

    async def version(self) -> Version:
        return Version(NAME, f"{__version__}+{self._flavour}")  # whose words and rules it follows

    async def run_pod_sandbox(self, config: PodSandboxConfig) -> str:
        self._executor.warm()  # while its image is pulled
        return self._sandboxes.run(config).id

    async def stop_pod_sandbox(self, pod_sandbox_id: str) -> None:
        sandbox = self._sandboxes.get(pod_sandbox_id)
        if sandbox is not None:
            for container_id in self._containers.of(pod_sandbox_id):
                await self._containers.stop(container_id)
            self._sandboxes.stop(sandbox)

    async def remove_pod_sandbox(self, pod_sandbox_id: str) -> None:
        await self.stop_pod_sandbox(pod_sandbox_id)
        for container_id in self._containers.of(pod_sandbox_id):
            await self.remove_container(container_id)
        sandbox = self._sandboxes.get(pod_sandbox_id)
        if sandbox is not None:
            self._sandboxes.remove(sandbox)

    async def pod_sandbox_status(self, pod_sandbox_id: str) -> PodSandbox:
        return self._sandboxes.status(pod_sandbox_id)

    async def list_pod_sandbox(self) -> list[PodSandbox]:
        return list(self._sandboxes)

    async def create_container(self, pod_sandbox_id: str, config: ContainerConfig) -> str:
        sandbox = self._sandboxes.ready(pod_sandbox_id)
        image = self._images.find(config.image)
        if image is None:
            raise CriError(f"{config.image}: image not known", code="NotFound")
        return self._containers.create(sandbox, image, config, self._launch(sandbox, image, config))

    def _launch(self, sandbox: PodSandbox, image: ImageRecord, config: ContainerConfig) -> launch.Launch:
        if not image.executable:
            return launch.Held()
        try:
            tree = self._trees.path(image.id)
            return launch.decide(self._config(image), tree, sandbox.config, config, extra=self._words)
        except CriError as error:
            raise CriError(f"container create failed: {error.message}", code=error.code) from error

    def _config(self, image: ImageRecord) -> ImageConfig:
        return ImageConfig.parse(self._config_blob(image))

    def _config_blob(self, image: ImageRecord) -> bytes:
        try:
            return content.get(self._blobs, Digest.parse(image.config))
        except content.BlobUnknownError as error:
            raise CriError(f"image {image.id} is damaged: {error.message}") from error

    async def start_container(self, container_id: str) -> None:
        await self._containers.start(container_id, self._starters.start)

    async def stop_container(self, container_id: str, timeout: int) -> None:  # noqa: ARG002, ASYNC109 (CRI's field)
        """As the protocol says, and at once: WASI has no signals that a program could answer within its grace."""
        await self._containers.stop(container_id)

    async def remove_container(self, container_id: str) -> None:
        await self._containers.remove(container_id)
        if self._images.any_unnamed:
            for image in self._images.unused({images.bare(status.image_id) for status in self._containers.statuses()}):
                await self._let_go(image)

    async def list_containers(self) -> list[ContainerStatus]:
        return self._containers.statuses()

    async def container_status(self, container_id: str) -> ContainerStatus:
        return self._containers.get(container_id).status

    async def exec(self, container_id: str, command: list[str], *, stdin: bool, tty: bool) -> Session:
        """As the protocol says, for words of the toolbox: nothing else can be started beside a program."""
        made, running = self._containers.running(container_id)
        if isinstance(made.launch, launch.Held):
            text = f"the container is held: its image is for {made.image.platform}, nothing in it can be executed"
            raise CriError(text, code="FailedPrecondition")
        config = self._config(made.image)
        found = launch.command(made.launch, command, config, made.sandbox.config, extra=self._words)
        output = Output()
        context = found.place.context(self._clock, output.put, output.room, tty=tty)
        process = Process(context, found.run(context))
        if not stdin:
            process.close_stdin()
        return ExecSession(process, output, running.exited)

    async def attach(self, container_id: str, *, stdin: bool, tty: bool) -> Session:
        """As the protocol says. Raises CriError: a program that was to have stdin has none here."""
        made, running = self._containers.running(container_id)
        if not stdin or not made.config.stdin:
            return AttachSession(made.log, running.exited)
        if not isinstance(running, Process):
            raise CriError("programs have no stdin in the embedded runtime", code="Unimplemented")
        return InputSession(made.log, running, once=made.config.stdin_once, tty=tty)

    def container_events(self) -> AsyncIterator[ContainerEvent]:
        return self._events.listen()
