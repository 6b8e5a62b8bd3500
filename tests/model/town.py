"""A whole lab for the lives of `test_lab`: at work in this process, asked over HTTPS, on a clock that stands still.

The event loop turns only while something is asked of it, so between two steps nothing happens.
"""

import asyncio
import base64
import contextlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from aiohttp import web
from tests.model import places
from tests.model.model import Name
from tests.model.places import WARS

from pullscope.base import tasks
from pullscope.base.clock import HeldClock, SystemClock
from pullscope.clusters import cluster, reflector
from pullscope.clusters.cluster import Cluster
from pullscope.content.memory import MemoryStore
from pullscope.images import probe
from pullscope.kube import resources
from pullscope.kube.api import LogOptions, Object
from pullscope.lab import assembly, faultcommands, nodecommands
from pullscope.lab.assembly import Lab
from pullscope.lab.config import LabConfig
from pullscope.lab.places import Port
from pullscope.node.dispatch import Dispatcher
from pullscope.oci import reference
from pullscope.oci.digest import Digest
from pullscope.pull import keyring
from pullscope.pull.keyring import Keyring
from pullscope.registry.faults import Fault
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PATIENCE = 20.0
"""Seconds of the machine's time, for what must happen without any of the lab's."""

_LOWEST, _RANGE = 20000, 12000  # ports below those that systems give away
_LOOK = 0.02  # seconds of the machine's time, after which it is looked at what no watch tells of
_AT_WORK = Dispatcher._run.__qualname__  # that a kubelet rests is nobody else's business
_CHUNK = 10.0  # seconds of the lab's time; a node is missed after 40
_PROVING = re.compile(r'Deployed "/deployments/(\w+\.war)"')
_LAST = re.compile(r'^Back-off pulling image "[^"]*": (\w+): ')


@dataclass(frozen=True)
class Seen:
    """What is seen of a pod: what its container has proven to run, or why it waits, and the `version` of the object.

    `container` is the last one that has been, whether it runs or not.
    """

    outcome: str
    container: str = ""
    running: bool = False
    restarts: int = 0
    version: int = 0
    ended: bool = False

    def runs(self, container: str) -> bool:
        """Whether that container still runs."""
        return self.running and self.container == container


class Town:
    """One lab, which stops and starts again in the same directory."""

    lab: Lab
    api: Cluster

    def __init__(self, config: LabConfig) -> None:
        self.loop = asyncio.new_event_loop()
        self.clock = HeldClock()
        self.root = Path(tempfile.mkdtemp(prefix="pullscope-model-"))
        self.locks: dict[str, str] = {}
        self.pods: dict[str, Object] = {}
        self.proven: dict[str, str] = {}
        self.store = MemoryStore()
        self.images = {war: probe.variant(self.store, war) for war in WARS}
        self._config = config
        self._port = Port(
            _LOWEST + os.getpid() * 7 % _RANGE
        )  # the lab comes back to it, and nobody else comes meanwhile
        self._known: dict[str, set[Digest]] = {}
        self._leases: dict[str, str] = {}
        self._changed = asyncio.Event()
        self._stop = asyncio.Event()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    # ----------------------------------------------------------------------------------- the lab

    async def up(self, **changes: Any) -> None:
        """Start it, with those changes of its configuration."""
        self._config = replace(self._config, **changes)
        seams = replace(self._config.seams, registry=self._guarded)
        config = replace(self._config, root=self.root, clock=self.clock, registry_port=self._port, seams=seams)
        self._stop, ready = asyncio.Event(), asyncio.Event()
        self._living = asyncio.ensure_future(self._live(config, ready))
        waiting = asyncio.ensure_future(ready.wait())
        await asyncio.wait((self._living, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._living.done():
            self._living.result()
        self._port = Port(int(self.lab.registry.rpartition(":")[2]), exact=True)

    async def _live(self, config: LabConfig, ready: asyncio.Event) -> None:
        async with (
            assembly.running(config) as self.lab,
            cluster.connect(self.lab.kubeconfig) as self.api,
            aiohttp.ClientSession(headers=places.OWNER) as self.http,
        ):
            watches = [asyncio.ensure_future(watch()) for watch in (self._watch_pods, self._watch_leases)]
            ready.set()
            await self._stop.wait()
            for each in watches:
                await tasks.end(each)

    async def down(self) -> None:
        self._stop.set()
        await self._living

    def leave(self) -> None:
        self.run(self.down())
        self.loop.close()
        shutil.rmtree(self.root, ignore_errors=True)

    async def _watch_pods(self) -> None:
        follow = reflector.follow(self.api, resources.PODS, None, SystemClock())
        async with contextlib.aclosing(follow) as changes:
            async for change in changes:
                name = change.object["metadata"]["name"]
                if change.type == "DELETED":
                    self.pods.pop(name, None)
                else:
                    self.pods[name] = change.object
                    await self._prove(change.object)
                self._changed.set()

    async def _watch_leases(self) -> None:
        follow = reflector.follow(self.api, resources.LEASES, "kube-node-lease", SystemClock())
        async with contextlib.aclosing(follow) as changes:
            async for change in changes:
                self._leases[change.object["metadata"]["name"]] = change.object["spec"]["renewTime"]
                self._changed.set()

    async def until(self, true: Callable[[], bool]) -> bool:
        """Whether that becomes true, as soon as it is."""

        async def wait() -> bool:
            while not true():
                self._changed.clear()
                await tasks.within(SystemClock(), _LOOK, self._changed.wait())
            return True

        return bool(await tasks.within(SystemClock(), PATIENCE, wait()))

    def idle(self) -> bool:
        """Whether no kubelet is at work on a pod: what a pod's status says of a try, it says before or after that."""
        running = (task.get_coro() for task in asyncio.all_tasks(self.loop))
        return not any(getattr(coroutine, "__qualname__", "") == _AT_WORK for coroutine in running)

    async def advance(self) -> None:
        """Let some time pass, in which no node is missed."""
        now = self.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f")
        self.clock.advance(_CHUNK)
        assert await self.until(lambda: all(lease >= now for lease in self._leases.values())), "a node does not answer"

    # ----------------------------------------------------------------------------------- pods

    async def _prove(self, pod: Object) -> None:
        """What a new container runs: by its log, and its imageID says the same."""
        status = _status(pod)
        if "running" not in status.get("state", {}) or status["containerID"] in self.proven:
            return
        metadata, found = pod["metadata"], None
        following = self.api.follow_logs(metadata["namespace"], metadata["name"], LogOptions())
        async with contextlib.aclosing(following) as lines:
            async for line in lines:  # a container runs before its program has said anything
                if found := _PROVING.fullmatch(line):
                    break
        digests = {str(root.digest): war for war, root in self.images.items()}
        named = digests.get(status["imageID"].rpartition("@")[2])
        self.proven[status["containerID"]] = found[1] if found and found[1] == named else f"{found}, not {named}"

    def namespace(self, name: str) -> str:
        """Where that pod is."""
        return str(self.pods[name]["metadata"]["namespace"])

    def seen(self, name: str) -> Seen | None:
        """None: there is no such pod."""
        pod = self.pods.get(name)
        if pod is None:
            return None
        status, version = _status(pod), int(pod["metadata"]["resourceVersion"])
        state, restarts = status.get("state", {}), int(status.get("restartCount", 0))
        container = status.get("containerID", "")
        waiting = state.get("waiting", {})
        last = _LAST.match(waiting.get("message", ""))
        outcome = last[1] if last else waiting.get("reason", "")
        if "running" in state:
            outcome = self.proven.get(container, "")
        return Seen(outcome, container, "running" in state, restarts, version, "terminated" in state)

    # ----------------------------------------------------------------------------------- the registry

    def text(self, name: Name) -> str:
        """The name as a pod writes it."""
        digest = f"@{self.images[name.image].digest}" if name.image else ""
        return f"{self.lab.registry}/{name.repository}" + (f":{name.tag}" if name.tag else "") + digest

    async def push(self, name: Name, war: str) -> None:
        client = RegistryClient(self.http, self.lab.registry)
        known = self._known.setdefault(name.repository, set())
        await transfer.push(client, reference.parse(self.text(name)), self.store, self.images[war], known=known)

    async def delete(self, repository: str, locator: str) -> None:
        await RegistryClient(self.http, self.lab.registry).delete_manifest(repository, locator)

    async def fault(self, fault: Fault | None) -> None:
        """As `pullscope registry fault` does it; None clears all."""
        commands = faultcommands.of(self.lab.registry_faults)
        said = asdict(fault) if fault else {}
        call = commands["fault"]({"fault": said}) if fault else commands["clear-faults"]({"ids": []})
        async with contextlib.aclosing(call) as answers:
            assert [answer async for answer in answers]

    def _guarded(self, application: web.Application) -> web.Application:
        """Who pulls from a repository in `locks` needs the password; who pushes does not."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            repository = re.match("/v2/([^/]+)/(?:manifests|blobs)/", request.path)
            password = self.locks.get(repository[1], "") if repository else ""
            owner = "X-Owner" in request.headers
            if not password or owner or request.headers.get("Authorization") == f"Basic {places.login(password)}":
                return await handler(request)
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})

        application.middlewares.append(guard)
        return application

    # ----------------------------------------------------------------------------------- nodes

    async def node(self, command: str, node: str, image: str) -> Object:
        """As `pullscope node COMMAND NODE IMAGE` does it."""
        call = nodecommands.of(self.lab)[command]({"words": [node, image]})
        async with contextlib.aclosing(call) as answers:
            (answer,) = [part async for part in answers]
            return dict(answer)

    async def stop_container(self, node: str, container: str) -> None:
        """As `crictl stop` does it."""
        (kubelet,) = (each for each in self.lab.nodes if each.name == node)
        await kubelet.runtime.stop_container(container.rpartition("//")[2], 0)

    # ----------------------------------------------------------------------------------- credentials

    def keyring(self, password: str) -> Keyring:
        """What `podman login` with that password leaves for the nodes; empty: nothing."""
        login = {"auths": {self.lab.registry: {"auth": places.login(password)}}}
        return keyring.of_config(login if password else {})

    async def project(self, name: str) -> None:
        """A namespace in which pods are admitted."""
        await self.api.create(resources.NAMESPACES, None, {"metadata": {"name": name}})
        await reflector.until(self.api, resources.SERVICE_ACCOUNTS, name, "default", clock=SystemClock())

    def secret(self, name: str, password: str) -> Object:
        """A pull secret for the lab's registry."""
        config = json.dumps({"auths": {self.lab.registry: {"auth": places.login(password)}}})
        data = {".dockerconfigjson": base64.b64encode(config.encode()).decode()}
        return {"metadata": {"name": name}, "type": "kubernetes.io/dockerconfigjson", "data": data}


def _status(pod: Object) -> Object:
    found = pod.get("status", {}).get("containerStatuses") or [{}]
    return dict(found[0])
