"""A registry on a loopback socket and an embedded runtime that pulls from it."""

import platform as machines
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import aiohttp
from tests.registry.serving import Served, serving

from pullscope.base.clock import Clock, SystemClock
from pullscope.content.api import BlobStore
from pullscope.content.memory import MemoryStore
from pullscope.cri.api import ContainerConfig, ContainerState, ContainerStatus, PodSandboxConfig
from pullscope.cri.embedded import EmbeddedRuntime
from pullscope.images import probe
from pullscope.oci import reference
from pullscope.oci.documents import Descriptor
from pullscope.oci.platform import Platform
from pullscope.pull.flavours import Flavour
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient
from pullscope.remote.registries import Registries

T = TypeVar("T")


@dataclass
class World:
    """What a test of the runtime needs."""

    root: Path
    served: Served
    runtime: EmbeddedRuntime
    clock: Clock
    blobs: BlobStore
    http: aiohttp.ClientSession

    @property
    def machine(self) -> str:
        """The platform whose images this machine's nodes pull beside those for WASI."""
        return str(Platform("linux", machines.machine().lower()).normalised())

    @property
    def registry(self) -> str:
        return self.served.address

    def name(self, repository: str = "team/app", tag: str = "v1") -> str:
        return f"{self.registry}/{repository}:{tag}"

    async def push(
        self, name: str, wars: Mapping[str, bytes] | str = "node.war", labels: Mapping[str, str] = MappingProxyType({})
    ) -> Descriptor:
        """Push a variant of the probe."""
        store = MemoryStore()
        root = probe.variant(store, wars, labels)
        await self.push_root(name, store, root)
        return root

    async def push_root(self, name: str, store: BlobStore, root: Descriptor) -> None:
        client = RegistryClient(self.served.session, self.registry)
        await transfer.push(client, reference.parse(name), store, root)

    def asked(self, repository: str = "team/app") -> list[str]:
        """What the registry answered to the node: `GET manifest 200`, in order."""
        records = self.served.log.records(repository=repository)
        return [f"{record.method} {record.kind} {record.status}" for record in records if record.method == "GET"]

    def held(self) -> set[str]:
        """The digests of the blobs that are stored."""
        return {str(digest) for digest in self.blobs.digests()}

    async def sandbox(self, name: str = "pod", uid: str = "uid-1") -> str:
        config = PodSandboxConfig(name, uid, "default", hostname=name, log_directory=str(self.root / "logs" / uid))
        return await self.runtime.run_pod_sandbox(config)

    async def container(self, sandbox: str, image: str, **fields: object) -> str:
        """Create a container of an image that is on the node, with its log in `app/0.log`."""
        found = await self.runtime.image_status(image)
        assert found is not None
        defaults = {"name": "app", "image": found.id, "user_specified_image": image, "log_path": "app/0.log"}
        return await self.runtime.create_container(sandbox, ContainerConfig(**{**defaults, **fields}))  # type: ignore[arg-type]

    async def started(self, image: str, **fields: object) -> str:
        """Pull, make a sandbox and start a container in it."""
        await self.runtime.pull_image(image)
        container = await self.container(await self.sandbox(), image, **fields)
        await self.runtime.start_container(container)
        return container

    async def state(self, container: str, wanted: ContainerState) -> ContainerStatus:
        """Wait until a container is in that state."""
        return await until(lambda: self.runtime.container_status(container), lambda status: status.state is wanted)

    def log(self, uid: str = "uid-1", path: str = "app/0.log") -> list[str]:
        """The lines of a log, without their times."""
        text = (self.root / "logs" / uid / path).read_text()
        return [line.partition(" ")[2] for line in text.splitlines()]

    async def logged(self, count: int) -> list[str]:
        """Wait for so many lines."""

        async def read() -> list[str]:
            return self.log()

        return await until(read, lambda lines: len(lines) >= count)


async def until(look: Callable[[], Awaitable[T]], good: Callable[[T], bool]) -> T:
    """Look until it is good; the test's timeout is the limit."""
    while not good(found := await look()):
        await SystemClock().sleep(0.002)
    return found


@asynccontextmanager
async def world(
    root: Path, *, blobs: BlobStore | None = None, clock: Clock | None = None, flavour: Flavour = "cri-o"
) -> AsyncIterator[World]:
    clock = clock or SystemClock()
    async with serving(None) as served, aiohttp.ClientSession() as http:
        blobs = blobs or MemoryStore()
        runtime = EmbeddedRuntime(root / "node", blobs, clock, Registries(http), flavour=flavour)
        try:
            yield World(root, served, runtime, clock, blobs, http)
        finally:
            await runtime.close()
