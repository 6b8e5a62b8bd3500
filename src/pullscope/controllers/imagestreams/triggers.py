"""Lets the images of workloads follow the tags of image streams, as their trigger annotations say.

Upstream: openshift-controller-manager 4.22 pkg/image/trigger (image_trigger_controller.go, annotations).
"""

from collections.abc import Iterable
from typing import Any

from pullscope.controllers import queue
from pullscope.controllers.cache import Informer, Key, Seen
from pullscope.controllers.context import Context
from pullscope.kube import resources
from pullscope.kube.resources import Resource
from pullscope.openshift import streams, triggers
from pullscope.openshift.streams import TagName

NAME = "image-trigger-controller"
WORKERS = 5
WORKLOADS = (resources.DEPLOYMENTS, resources.DAEMON_SETS)
"""Those kinds that upstream knows, as far as they are served."""

Item = tuple[Resource, Key]


async def run(context: Context) -> None:
    """Work until cancelled."""
    await _Controller(context).run()


class _Controller:
    def __init__(self, context: Context) -> None:
        self._api = context.acting_as(NAME)
        self._streams = context.cache[resources.IMAGE_STREAMS]
        self._workloads: dict[Resource, Informer[Any]] = {kind: context.cache[kind] for kind in WORKLOADS}
        self._queue: queue.WorkQueue[Item] = queue.WorkQueue(context.clock)

    async def run(self) -> None:
        self._streams.subscribe(self._on_stream)
        for informer in self._workloads.values():
            informer.subscribe(self._on_workload)
            self._add(informer.all())
        await queue.work(self._queue, self._reconcile, workers=WORKERS)

    def _on_workload(self, _old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        if new is not None:
            self._add([new])

    def _on_stream(self, _old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        """Look at what follows a tag of the stream again."""
        if new is None:
            return
        for informer in self._workloads.values():
            self._add(seen for seen in informer.all() if any(_is_of(new, each) for each in triggers.of(seen.view)))

    def _add(self, every: Iterable[Seen[Any]]) -> None:
        for seen in every:
            if triggers.of(seen.view):
                self._queue.add((seen.resource, seen.key))

    async def _reconcile(self, item: Item) -> float | None:
        resource, key = item
        seen = self._workloads[resource].get(key)
        if seen is None or seen.deleting:
            return None
        obj = await self._api.get(resource, seen.namespace, seen.name)
        if triggers.apply(obj, self._resolve):
            self._workloads[resource].absorb(await self._api.update(resource, seen.namespace, obj))
        return None

    def _resolve(self, name: TagName) -> str | None:
        """By which name pods pull the tag's image; None while it has none."""
        seen = self._streams.get((name.namespace, name.stream))
        item = streams.newest(seen.view, name.tag) if seen else None
        return streams.pull_reference(seen.view, name.tag, item) if seen and item else None


def _is_of(stream: Seen[Any], trigger: triggers.Trigger) -> bool:
    return (trigger.source.namespace, trigger.source.stream) == stream.key
