"""The pod of a build for tests: its volumes, and an API that keeps one Build."""

import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import aiohttp

from pullscope.base.clock import ManualClock
from pullscope.builder.job import Powers
from pullscope.builder.words import programs
from pullscope.content import api as content
from pullscope.content.memory import MemoryStore
from pullscope.kube import status
from pullscope.kube.api import Api, Object
from pullscope.oci import reference
from pullscope.oci.documents import Manifest
from pullscope.oci.platform import WASI, Platform
from pullscope.openshift import builder
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient
from pullscope.remote.registries import Registries
from pullscope.runtime.exits import Exit
from pullscope.runtime.rootfs import Root, Volume
from pullscope.runtime.toolbox.context import Context
from pullscope.runtime.toolbox.process import Process

PLATFORMS = (WASI, Platform("linux", "amd64"))


class Builds:
    """An API with one Build; the first `conflicts` writes come too late."""

    def __init__(self, build: Object) -> None:
        self.build = build
        self.conflicts = 0
        self.tokens: list[str] = []

    def connect(self, token: str) -> Api:
        self.tokens.append(token)
        if token != "of the pod":
            raise status.unauthorized()
        return cast(Api, self)

    async def get(self, _resource: Any, _namespace: str, _name: str) -> Object:
        found: Object = json.loads(json.dumps(self.build))
        return found

    async def update(self, _resource: Any, _namespace: str, obj: Object, *, subresource: str) -> Object:
        assert subresource == "details"
        if self.conflicts:
            self.conflicts -= 1
            raise status.ApiError(409, "Conflict", "try again")
        self.build = obj
        return obj


async def nothing() -> None:
    return


@dataclass
class Pod:
    """The volumes of a build's pod, and what its containers wrote."""

    directory: Path
    registry: str
    session: aiohttp.ClientSession
    build: Object
    log: str = ""
    api: Builds = field(init=False)
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        self.api = Builds({**self.build, "status": {"phase": "Running"}})
        for name in ("work", "storage", "account", "push", "tree"):
            (self.directory / name).mkdir()
        (self.directory / "account" / "token").write_text("of the pod\n")

    @property
    def root(self) -> Root:
        places = {"work": builder.WORK, "storage": builder.STORAGE, "push": builder.PUSH}
        volumes = [Volume(path, self.directory / name) for name, path in places.items()]
        account = Volume(str(Path(builder.TOKEN).parent), self.directory / "account", readonly=True)
        return Root(self.directory / "tree", (*volumes, account))

    @property
    def powers(self) -> Powers:
        return Powers(self.api.connect, Registries(self.session), PLATFORMS)

    def start(self, container: str) -> Process:
        def write(_stream: int, data: bytes) -> None:
            self.log += data.decode()

        async def flush() -> None:
            return

        env = {builder.BUILD: json.dumps(self.build)}
        context = Context(self.root, env, "/", self.clock, write, flush)
        program = cast(Callable[..., Coroutine[Any, Any, int]], programs(self.powers)[builder.word(container)])
        return Process(context, program(context, ()))

    async def take(self, upload: bytes, *, broken: bool = False) -> Exit:
        process = self.start("git-clone")
        for start in range(0, len(upload), 1000):
            await process.write(upload[start : start + 1000])
        process.hang_up() if broken else process.close_stdin()
        return await process.exited

    async def run(self, *containers: str) -> int:
        """Run containers one after the other, up to the first that fails."""
        for container in containers:
            if code := (await self.start(container).exited).code:
                return code
        return 0

    @property
    def inputs(self) -> Path:
        return self.directory / "work" / "inputs"

    @property
    def status(self) -> Object:
        found: Object = self.api.build["status"]
        return found

    async def made(self) -> tuple[Manifest, dict[str, Any]]:
        """The image that was pushed, and its config."""
        pulled = await transfer.pull(
            RegistryClient(self.session, self.registry),
            reference.parse(f"{self.registry}/demo/app:latest"),
            store := MemoryStore(),
            PLATFORMS,
        )
        assert self.status["output"] == {"to": {"imageDigest": str(pulled.manifest.digest)}}
        return pulled.document, json.loads(content.get(store, pulled.document.config.digest))


Make = Callable[..., Pod]


def pod_of(directory: Path, session: aiohttp.ClientSession, registry: str, **spec: Any) -> Pod:
    output = {"to": {"kind": "DockerImage", "name": f"{registry}/demo/app:latest"}}
    base = {"kind": "DockerImage", "name": f"{registry}/pullscope/probe:base"}
    whole = {"source": {"binary": {}}, "strategy": {"sourceStrategy": {"from": base}}, "output": output, **spec}
    build = {"metadata": {"name": "app-1", "namespace": "demo"}, "spec": whole}
    return Pod(directory, registry, session, build)


WAR = {"ROOT.war": b"archive"}
