"""`NodeKubelet`: one node at work, made of the parts of this package.

    kubelet = NodeKubelet("crc", api=api, runtime=runtime, images=images, clock=clock, root=path)
    server.kubelets["crc"] = kubelet        # who answers for the logs of its pods
    await kubelet.run()                     # registers the Node, then works until cancelled

A cancelled kubelet leaves its containers running; one that starts with the same `root` and runtime finds them again.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from pullscope.base.clock import Clock
from pullscope.cri.api import ContainerState, ContainerStatus, CriError, ImageService, RuntimeService
from pullscope.kube import events, resources, status
from pullscope.kube.api import Api, LogOptions, Object
from pullscope.kube.status import ApiError
from pullscope.kube.streams import Session, StreamOptions
from pullscope.node import kubeletconfig, leftovers, logrotation, logs, machine, podstate, streams
from pullscope.node.context import Context, NodeOptions
from pullscope.node.dispatch import Dispatcher
from pullscope.node.heartbeat import Heartbeat
from pullscope.node.imagegc import Collector, Limits
from pullscope.node.images import ImageManager
from pullscope.node.lease import NodeLease
from pullscope.node.leftovers import Left
from pullscope.node.meters import Meters
from pullscope.node.records import Records
from pullscope.node.tokens import ApiTokens
from pullscope.node.volumes import Twins


@dataclass(eq=False)
class NodeKubelet:
    """A node. `root` is its own directory: volumes, logs, records of pulls."""

    name: str
    api: Api
    runtime: RuntimeService
    images: ImageService
    clock: Clock
    root: Path
    options: NodeOptions = field(default_factory=NodeOptions)
    _meters: Meters = field(init=False)
    _heartbeat: Heartbeat | None = field(default=None, init=False)
    _dispatcher: Dispatcher | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._meters = Meters(self.name, self.clock)
        self.runtime = self._meters.metered(self.runtime)
        self.images = self._meters.metered(self.images)

    async def metrics(self) -> bytes:
        """`kube.api.Metered`: what this kubelet has counted, and what runs now."""
        sandboxes = await self.runtime.list_pod_sandbox()
        return self._meters.text(sandboxes, await self.runtime.list_containers()).encode()

    def configz(self) -> Object:
        """`kube.api.Configured`: the parts that bear on images."""
        return {"kubeletconfig": kubeletconfig.shown(self.options.config)}

    def images_changed(self) -> None:
        """Somebody else changed the node's images (removed one, loaded one): report them now."""
        if self._heartbeat:
            self._heartbeat.images_changed()

    async def run(self) -> None:
        """Register the node and take care of its pods. Works until cancelled. Raises ApiError, CriError at the start."""
        version = await self.runtime.version()
        facts = machine.of_this(version, self.options.max_pods)
        heartbeat = Heartbeat(self.name, self.options, facts, self.api, self.images, self.clock)
        records = Records(self.root, self.clock, self.options.config.verification)
        self._meters.describe_records(records)
        if self.options.config.checks_credentials:
            await records.settle(await self.images.list_images())
        context = Context(
            name=self.name,
            options=self.options,
            runtime_name=version.runtime_name,
            root=self.root,
            api=self.api,
            runtime=self.runtime,
            images=ImageManager(
                self.images, records, self.clock, heartbeat.images_changed, self._meters, self.options.config
            ),
            recorder=events.Recorder(self.api, "kubelet", self.clock, host=self.name),
            clock=self.clock,
            allocatable=facts.resources,
            meters=self._meters,
            tokens=ApiTokens(self.api, self.clock),
            twins=Twins(self.root / "twins"),
        )
        self._heartbeat = heartbeat
        await heartbeat.register()
        async with asyncio.TaskGroup() as group:
            dispatcher = self._dispatcher = Dispatcher(context, group)
            group.create_task(self._listen(dispatcher))
            group.create_task(heartbeat.run())
            group.create_task(NodeLease(self.name, self.api, self.clock).run())
            group.create_task(dispatcher.timers.run())
            group.create_task(logrotation.run(context))
            group.create_task(self._collector(heartbeat, records).run())
            await self._watch(dispatcher, await leftovers.find(self.runtime))

    def _collector(self, heartbeat: Heartbeat, records: Records) -> Collector:
        options = self.options
        return Collector(
            self.images,
            self.runtime,
            self.clock,
            Limits(options.config.collection, options.image_disk, options.config.version),
            heartbeat.warn,
            heartbeat.images_changed,
            records.prune,
            self._meters.collected,
        )

    async def _listen(self, dispatcher: Dispatcher) -> None:
        async for event in self.runtime.container_events():
            dispatcher.event(event)

    # --------------------------------------------------------------------- pods

    async def _watch(self, dispatcher: Dispatcher, left: dict[str, Left] | None) -> None:
        """Follow the pods that are bound to this node. A watch that ends or expires begins anew with a list."""
        selector = f"spec.nodeName={self.name}"
        while True:
            listing = await self.api.list(resources.PODS, fields=selector)
            uids = {podstate.uid(pod) for pod in listing.items}
            if left is not None:
                await leftovers.remove(self.runtime, self.root, left, uids)
                for uid in left.keys() & uids:
                    dispatcher.leave(uid, left[uid])
                left = None
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

    # --------------------------------------------------------------------- streams

    async def exec(self, pod: Object, options: StreamOptions) -> Session:
        """`kube.api.Kubelet`: start a command in a container of a pod of this node."""
        return await streams.execute(self.runtime, pod, options)

    async def attach(self, pod: Object, options: StreamOptions) -> Session:
        """`kube.api.Kubelet`: join a container of a pod of this node."""
        return await streams.attach(self.runtime, pod, options)

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
