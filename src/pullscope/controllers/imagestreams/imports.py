"""Imports tags that follow images of registries: once when they are written, and from time to time when they are scheduled.

Upstream: openshift-controller-manager 4.22 pkg/image/controller/imageimport (image_stream_controller.go,
scheduled_image_controller.go); scheduled imports every 15 minutes (imagePolicyConfig's default).
"""

from typing import Any

from pullscope.controllers import queue
from pullscope.controllers.cache import Key, Seen
from pullscope.controllers.context import Context
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.openshift import tagging

NAME = "image-import-controller"
INTERVAL = 15 * 60.0
"""Seconds between two scheduled imports of a stream."""
WORKERS = 5


def scheduled(stream: Object) -> list[Object]:
    """The spec tags that are imported from time to time."""
    tags = (stream.get("spec") or {}).get("tags") or ()
    return [tag for tag in tags if tagging.is_imported(tag) and (tag.get("importPolicy") or {}).get("scheduled")]


def request(stream: Object, tags: list[Object]) -> Object:
    """The import of these spec tags."""
    metadata = stream["metadata"]
    policies = ("from", "importPolicy", "referencePolicy")
    images = [{"to": {"name": tag["name"]}, **{key: tag[key] for key in policies if key in tag}} for tag in tags]
    return {
        "kind": resources.IMAGE_STREAM_IMPORTS.kind,
        "apiVersion": resources.IMAGE_STREAM_IMPORTS.api_version,
        "metadata": {"name": metadata["name"], "namespace": metadata["namespace"]},
        "spec": {"import": True, "images": images},
    }


async def run(context: Context) -> None:
    """Work until cancelled."""
    await _Controller(context).run()


class _Controller:
    def __init__(self, context: Context) -> None:
        self._clock = context.clock
        self._api = context.acting_as(NAME)
        self._streams = context.cache[resources.IMAGE_STREAMS]
        self._queue: queue.WorkQueue[Key] = queue.WorkQueue(context.clock)
        self._next: dict[str, float] = {}  # by the stream's uid, when its scheduled tags are due

    async def run(self) -> None:
        self._streams.subscribe(self._on_stream)
        for seen in self._streams.all():
            self._queue.add(seen.key)
        await queue.work(self._queue, self._reconcile, workers=WORKERS)

    def _on_stream(self, old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        if new is not None:
            self._queue.add(new.key)
        elif old is not None:
            self._next.pop(old.uid, None)

    async def _reconcile(self, key: Key) -> float | None:
        seen = self._streams.get(key)
        if seen is None or seen.deleting:
            return None
        stream, now = seen.view, self._clock.monotonic()
        regular = scheduled(stream)
        if not regular:
            self._next.pop(seen.uid, None)
        elif self._next.setdefault(seen.uid, now + INTERVAL) <= now:
            self._next[seen.uid] = now + INTERVAL
            await self._import(stream, regular)
        if due := tagging.due(stream):
            await self._import(stream, due)
        return self._next[seen.uid] - now if regular else None

    async def _import(self, stream: Object, tags: list[Object]) -> None:
        namespace = stream["metadata"]["namespace"]
        done = await self._api.create(resources.IMAGE_STREAM_IMPORTS, namespace, request(stream, tags))
        self._streams.absorb(done["status"]["import"])
