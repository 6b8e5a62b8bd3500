"""A kubelet at work over the real API server and a runtime in memory, on a clock that stands until the test moves it."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.node.fakes import FakeImages, FakeRuntime, image

from pullscope.apiserver.server import ApiServer
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import ManualClock
from pullscope.cri.api import ContainerConfig
from pullscope.kube import resources
from pullscope.kube.api import Api, DeleteOptions, LogOptions, Object, UserInfo, WatchEvent
from pullscope.node.context import NodeOptions
from pullscope.node.kubelet import NodeKubelet

ADMIN = UserInfo("system:admin", groups=("system:masters",))
NS = "demo"
IMAGE = "127.0.0.1:5001/m/app:v1"


class Steady(random.Random):
    """Spreads nothing: retries come as early as they may."""

    def random(self) -> float:
        return 0.0


class World:
    """What a test does and looks at. `pods` and `events` hold every change since the start, in order."""

    def __init__(self, root: Path, api: Api, clock: ManualClock, options: NodeOptions) -> None:
        self.api = api
        self.clock = clock
        self.images = FakeImages()
        self.runtime = FakeRuntime(self.images, clock, output=self._output)
        self.root = root
        self.pods: list[WatchEvent] = []
        self.events: list[Object] = []
        self.kubelet = NodeKubelet("crc", api, self.runtime, self.images, clock, root, options)
        self._running: asyncio.Task[None] | None = None

    def _output(self, config: ContainerConfig) -> list[str]:
        return [f"runs {config.image[:7]}", "ready"]

    # --------------------------------------------------------------------- time

    async def quiet(self) -> None:
        """Wait until all have seen all, and the kubelet has nothing to do before time goes on."""
        calm = 0
        async with asyncio.timeout(20):
            while calm < 30 or not await self._up_to_date():
                await self.clock.sleep(0)
                calm = calm + 1 if self._idle() else 0

    def _idle(self) -> bool:
        dispatcher = self.kubelet._dispatcher
        return dispatcher is not None and all(work.task is None for work in dispatcher._work.values())

    async def _up_to_date(self) -> bool:
        """Whether the kubelet's watch and the test's have brought what the API holds now."""
        dispatcher = self.kubelet._dispatcher
        assert dispatcher is not None
        pods = (await self.api.list(resources.PODS, NS)).items
        mine = {pod["metadata"]["uid"]: pod for pod in pods if pod["spec"].get("nodeName") == "crc"}
        known = {uid: dispatcher._work[uid].pod.statuses._version for uid in dispatcher.uids}
        events = (await self.api.list(resources.EVENTS, NS)).items
        seen = {version(change.object) for change in self.pods} | {version(event) for event in self.events}
        return (
            known == {uid: int(version(pod)) for uid, pod in mine.items()}
            and seen >= {version(obj) for obj in (*pods, *events)}
            and {uid_of(change) for change in self.pods}
            - {uid_of(change) for change in self.pods if change.type == "DELETED"}
            == {pod["metadata"]["uid"] for pod in pods}
        )

    async def advance(self, seconds: float) -> None:
        """Let that time pass, every alarm on its way ringing in its turn."""
        until = self.clock.monotonic() + seconds
        await self.quiet()
        while (wake := self.clock.next_wake()) is not None and self.clock.monotonic() + wake <= until:
            self.clock.advance(wake)
            await self.quiet()
        self.clock.advance(until - self.clock.monotonic())
        await self.quiet()

    # --------------------------------------------------------------------- the kubelet

    async def start(self) -> None:
        self._running = asyncio.create_task(self.kubelet.run())
        await self.quiet()

    async def stop(self) -> None:
        """As if the process had been killed: containers stay as they are."""
        if self._running:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def restart(self, options: NodeOptions) -> None:
        """Another kubelet on the same root and runtime."""
        await self.stop()
        self.kubelet = NodeKubelet("crc", self.api, self.runtime, self.images, self.clock, self.root, options)
        await self.start()

    # --------------------------------------------------------------------- objects

    async def run(self, *, name: str = "p", **spec: Any) -> Object:
        """Make a pod that is bound to this node, and let the kubelet work."""
        made = await self.api.create(resources.PODS, NS, pod(name, **spec))
        await self.quiet()
        return made

    async def pod(self, name: str = "p") -> Object:
        return await self.api.get(resources.PODS, NS, name)

    async def container(self, name: str = "p") -> Object:
        """The status of the pod's only container."""
        found: list[Object] = (await self.pod(name))["status"]["containerStatuses"]
        return found[0]

    async def conditions(self, name: str = "p") -> dict[str, str]:
        return {c["type"]: c["status"] for c in (await self.pod(name))["status"]["conditions"]}

    async def delete(self, name: str = "p", *, grace: int | None = None) -> None:
        await self.api.delete(resources.PODS, NS, name, DeleteOptions(grace_period_seconds=grace))
        await self.quiet()

    def keep_event(self, change: WatchEvent) -> None:
        if change.type in ("ADDED", "MODIFIED"):
            self.events.append(change.object)

    async def log(self, name: str = "p", **options: Any) -> str:
        chosen = LogOptions(**{"container": "app", **options})
        return b"".join([line async for line in self.kubelet.logs(await self.pod(name), chosen)]).decode()

    async def told(self) -> list[str]:
        """`reason xCOUNT message` of all events, each as it is now."""
        found = (await self.api.list(resources.EVENTS, NS)).items
        found.sort(key=lambda event: str(event["metadata"]["name"]).rpartition(".")[2])
        return [f"{event['reason']} x{event.get('count')} {event['message']}" for event in found]


def version(obj: Object) -> str:
    return str(obj["metadata"]["resourceVersion"])


def uid_of(change: WatchEvent) -> str:
    return str(change.object["metadata"]["uid"])


def pod(name: str = "p", **spec: Any) -> Object:
    """A pod of one container `app`, bound to the node; `container` adds to that container."""
    container = {"name": "app", "image": IMAGE, "imagePullPolicy": "IfNotPresent", **spec.pop("container", {})}
    body = {"nodeName": "crc", "containers": [container], "automountServiceAccountToken": False, **spec}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": body}


@asynccontextmanager
async def world(root: Path, options: NodeOptions | None = None) -> AsyncIterator[World]:
    """The API server with a namespace and its service account; the kubelet is not started."""
    clock = ManualClock()
    store = Store.open(None)
    server = ApiServer(store, clock)
    api = server.client(ADMIN)
    for namespace in ("default", "kube-node-lease", NS):
        await api.create(resources.NAMESPACES, None, {"metadata": {"name": namespace}})
    await api.create(resources.SERVICE_ACCOUNTS, NS, {"metadata": {"name": "default"}})
    made = World(root, api, clock, options or NodeOptions(random=Steady()))
    made.images.load(image(IMAGE, "cached"))
    watching = [
        asyncio.create_task(_collect(api.watch(resources.PODS, NS, resource_version="0"), made.pods.append)),
        asyncio.create_task(_collect(api.watch(resources.EVENTS, NS, resource_version="0"), made.keep_event)),
    ]
    try:
        yield made
    finally:
        await made.stop()
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        await store.close()


async def _collect(changes: AsyncIterator[WatchEvent], keep: Callable[[WatchEvent], None]) -> None:
    async for change in changes:
        keep(change)
