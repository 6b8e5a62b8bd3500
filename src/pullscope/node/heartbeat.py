"""Register the node and keep its status: at once when its images change, else every 10 s when anything does.

Upstream: pkg/kubelet/kubelet_node_status.go, Kubernetes v1.36: nodeStatusUpdateFrequency 10 s, nodeStatusReportFrequency 5 min. Upstream
shows a change of images after 13 to 31 s (its own image cache); this node shows it at once, since cases are read from it.
"""

import asyncio
import contextlib
from typing import Literal

from pullscope.base import tasks
from pullscope.base.clock import Clock
from pullscope.cri.api import CriError, ImageService
from pullscope.kube import events, meta, resources
from pullscope.kube.api import Api, Object
from pullscope.kube.status import ApiError
from pullscope.node import nodestatus
from pullscope.node.context import NodeOptions
from pullscope.node.nodestatus import Machine, Report

_UPDATE = 10.0
_REPORT = 300.0
_REGISTERED = ("Starting", "Starting kubelet.")


class Heartbeat:
    """One node's object. `register` first, then `run`."""

    def __init__(
        self, name: str, options: NodeOptions, machine: Machine, api: Api, images: ImageService, clock: Clock
    ) -> None:
        self._name = name
        self._options = options
        self._machine = machine
        self._api = api
        self._images = images
        self._clock = clock
        self._recorder = events.Recorder(api, "kubelet", clock, host=name)
        self._stored: Object = {}
        self._reported = float("-inf")
        self._changed = asyncio.Event()

    def images_changed(self) -> None:
        """Report the node's images now."""
        self._changed.set()

    async def register(self) -> None:
        """Make the Node object, or take over the one that is there, and report Ready. Raises ApiError, CriError."""
        node = nodestatus.node(self._name, self._machine, self._options.labels, self._options.pod_cidr)
        try:
            stored = await self._api.create(resources.NODES, None, node)
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise
            patch = {"metadata": {key: node["metadata"][key] for key in ("labels", "annotations")}}
            stored = await self._api.patch(resources.NODES, None, self._name, patch)
        self._stored = stored.get("status") or {}
        await self._say(*_REGISTERED)
        await self._report()
        await self._say("NodeReady", f"Node {self._name} status is now: NodeReady")

    async def run(self) -> None:
        """Work until cancelled. A report that fails is made up for by the next one."""
        while True:
            self._changed.clear()
            with contextlib.suppress(ApiError, CriError):
                await self._report()
            await tasks.within(self._clock, _UPDATE, self._changed.wait())

    async def _report(self) -> None:
        """What others wrote there (that nobody has heard of the node) is put right too."""
        now = self._clock.monotonic()
        self._stored = (await self._api.get(resources.NODES, None, self._name)).get("status") or {}
        new = nodestatus.status(
            Report(
                self._name,
                self._options.host_ip,
                self._options.config.git_version,
                self._machine,
                tuple(await self._images.list_images()),
                meta.timestamp(self._clock.now()),
                self._options.config.told,
            ),
            self._stored,
        )
        if nodestatus.same(self._stored, {**self._stored, **new}) and now - self._reported < _REPORT:
            return
        node = await self._api.patch(resources.NODES, None, self._name, {"status": new}, subresource="status")
        self._stored, self._reported = node.get("status") or {}, now

    async def warn(self, reason: str, message: str) -> None:
        """A Warning event about this node."""
        await self._say(reason, message, "Warning")

    async def _say(self, reason: str, message: str, kind: Literal["Normal", "Warning"] = "Normal") -> None:
        """An event about this node; upstream names the node where other objects have their uid."""
        about = {"kind": "Node", "apiVersion": "v1", "metadata": {"name": self._name, "uid": self._name}}
        await self._recorder.event(about, kind, reason, message)
