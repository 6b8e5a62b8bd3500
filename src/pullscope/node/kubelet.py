"""`NodeKubelet`: one node at work, made of the parts of this package.

    kubelet = NodeKubelet("crc", api=api, runtime=runtime, images=images, clock=clock, root=path)
    server.kubelets["crc"] = kubelet        # who answers for the logs of its pods
    await kubelet.run()                     # registers the Node, then works until cancelled

A cancelled kubelet leaves its containers running; one that starts with the same `root` and runtime finds them again.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from pullscope.base.clock import Clock
from pullscope.cri.api import ContainerState, ContainerStatus, CriError, ImageService, PodSandbox, RuntimeService
from pullscope.kube import events, resources, status
from pullscope.kube.api import Api, LogOptions, Object
from pullscope.kube.status import ApiError
from pullscope.node import logs, machine, podstate, volumes
from pullscope.node.context import Context, NodeOptions
from pullscope.node.dispatch import Dispatcher
from pullscope.node.heartbeat import Heartbeat
from pullscope.node.images import ImageManager
from pullscope.node.projection import Tokens
from pullscope.node.records import Records

Left = dict[str, tuple[list[PodSandbox], list[ContainerStatus]]]
"""Sandboxes and containers by pod uid."""


@dataclass(eq=False)
class NodeKubelet:
    """A node. `root` is its own directory: volumes, logs, records of pulls. Without `tokens` pods get no API token."""

    name: str
    api: Api
    runtime: RuntimeService
    images: ImageService
    clock: Clock
    root: Path
    options: NodeOptions = field(default_factory=NodeOptions)
    tokens: Tokens | None = None
    _heartbeat: Heartbeat | None = field(default=None, init=False)
    _dispatcher: Dispatcher | None = field(default=None, init=False)

    def images_changed(self) -> None:
        """Somebody else changed the node's images (removed one, loaded one): report them now."""
        if self._heartbeat:
            self._heartbeat.images_changed()

    async def run(self) -> None:
        """Register the node and take care of its pods. Works until cancelled. Raises ApiError, CriError at the start."""
        version = await self.runtime.version()
        facts = machine.of_this(version, self.options.max_pods)
        heartbeat = Heartbeat(self.name, self.options, facts, self.api, self.images, self.clock)
        records = Records(self.root, self.clock)
        records.settle(await self.images.list_images())
        context = Context(
            name=self.name,
            options=self.options,
            runtime_name=version.runtime_name,
            root=self.root,
            api=self.api,
            runtime=self.runtime,
            images=ImageManager(self.images, records, self.clock, heartbeat.images_changed),
            recorder=events.Recorder(self.api, "kubelet", self.clock, host=self.name, spam_by_type=True),
            clock=self.clock,
            allocatable=facts.resources,
            tokens=self.tokens,
        )
        self._heartbeat = heartbeat
        await heartbeat.register()
        async with asyncio.TaskGroup() as group:
            dispatcher = self._dispatcher = Dispatcher(context, group)
            group.create_task(self._listen(dispatcher))
            group.create_task(heartbeat.run())
            group.create_task(dispatcher.timers.run())
            await self._watch(dispatcher, await self._left_behind())

    async def _listen(self, dispatcher: Dispatcher) -> None:
        async for event in self.runtime.container_events():
            dispatcher.event(event)

    # --------------------------------------------------------------------- pods

    async def _watch(self, dispatcher: Dispatcher, left: Left) -> None:
        """Follow the pods that are bound to this node. A watch that ends or expires begins anew with a list."""
        selector = f"spec.nodeName={self.name}"
        while True:
            listing = await self.api.list(resources.PODS, fields=selector)
            uids = {podstate.uid(pod) for pod in listing.items}
            await self._remove_orphans(left, uids)
            for uid in left.keys() & uids:
                dispatcher.leave(uid, *left[uid])
            left = {}
            for uid in dispatcher.uids - uids:
                dispatcher.remove(uid)
            for pod in listing.items:
                dispatcher.update(pod)
            await self._follow(dispatcher, selector, listing.resource_version)

    async def _follow(self, dispatcher: Dispatcher, selector: str, version: str) -> None:
        changes = self.api.watch(resources.PODS, resource_version=version, fields=selector)
        try:
            async for change in changes:
                if change.type == "DELETED":
                    dispatcher.remove(podstate.uid(change.object))
                elif change.type != "BOOKMARK":
                    dispatcher.update(change.object)
        except ApiError as error:
            if error.reason != "Expired":
                raise

    async def _left_behind(self) -> Left:
        """What the runtime still holds of pods of a former kubelet, by pod uid."""
        runtime = self.runtime
        left: Left = defaultdict(lambda: ([], []))
        owners = {}
        for sandbox in await runtime.list_pod_sandbox():
            owners[sandbox.id] = sandbox.config.uid
            left[sandbox.config.uid][0].append(sandbox)
        for container in await runtime.list_containers():
            if container.pod_sandbox_id in owners:
                left[owners[container.pod_sandbox_id]][1].append(container)
        return left

    async def _remove_orphans(self, left: Left, uids: set[str]) -> None:
        """Pods whose objects went while no kubelet was there leave sandboxes and directories: end and remove them."""
        runtime = self.runtime
        for uid in left.keys() - uids:
            sandboxes, containers = left[uid]
            for container in containers:
                await runtime.stop_container(container.id, 0)
                await runtime.remove_container(container.id)
            for sandbox in sandboxes:
                await runtime.stop_pod_sandbox(sandbox.id)
                await runtime.remove_pod_sandbox(sandbox.id)
                logs.remove(sandbox.config.log_directory)
            volumes.remove(self.root, uid)

    # --------------------------------------------------------------------- logs

    async def logs(self, pod: Object, options: LogOptions) -> AsyncIterator[bytes]:
        """`kube.api.Kubelet`: the log of one container of a pod of this node."""
        mine = self._dispatcher.pod(podstate.uid(pod)) if self._dispatcher else None
        known = mine.statuses.current if mine else pod.get("status") or {}
        container_id = logs.container_id(pod, known, options)
        container = await self._container(container_id)
        if container is None:
            raise status.bad_request(f"unable to retrieve container logs for {container_id}")

        async def ended() -> bool:
            now = await self._container(container_id)
            return now is None or now.state is ContainerState.EXITED

        path = self.root / "logs" / podstate.log_directory(pod) / container.log_path
        async with contextlib.aclosing(logs.Reader(path, options, self.clock, ended).lines()) as lines:
            async for line in lines:
                yield line

    async def _container(self, container_id: str) -> ContainerStatus | None:
        try:
            return await self.runtime.container_status(container_id)
        except CriError as error:
            if error.code != "NotFound":
                raise
            return None
