"""The end of pods whose node is gone: nobody is left to stop them.

Upstream: pkg/controller/podgc/gc_controller.go (gcOrphaned), v1.36, which waits 40 s, should the node come back, and looks
every 20 s. Pods that ended are kept however many there are (upstream: the newest 12,500).
"""

from pullscope.controllers import queue
from pullscope.controllers.cache import Seen
from pullscope.controllers.context import Context
from pullscope.controllers.nodes import NodeView
from pullscope.controllers.pods import FINISHED, PodView
from pullscope.kube import meta, resources
from pullscope.kube.api import DeleteOptions, Object
from pullscope.kube.status import ApiError

NAME = "pod-garbage-collector"
QUARANTINE_SECONDS = 40.0

N, P = resources.NODES, resources.PODS


async def run(context: Context) -> None:
    """Work until cancelled."""
    await _Controller(context).run()


class _Controller:
    def __init__(self, context: Context) -> None:
        self._clock = context.clock
        self._api = context.acting_as(NAME)
        self._queue: queue.WorkQueue[str] = queue.WorkQueue(context.clock)
        self._nodes = context.cache[N]
        self._pods = context.cache[P]

    async def run(self) -> None:
        self._nodes.subscribe(self._on_node)
        self._pods.subscribe(self._on_pod)
        for pod in self._pods.all():
            self._on_pod(None, pod)
        await queue.work(self._queue, self._reconcile)

    def _on_node(self, old: Seen[NodeView] | None, new: Seen[NodeView] | None) -> None:
        if new is None and old is not None:
            self._queue.add_after(old.name, QUARANTINE_SECONDS)

    def _on_pod(self, _old: Seen[PodView] | None, new: Seen[PodView] | None) -> None:
        if new is not None and new.view.node and self._nodes.get(("", new.view.node)) is None:
            self._queue.add_after(new.view.node, QUARANTINE_SECONDS)

    async def _reconcile(self, name: str) -> None:
        if self._nodes.get(("", name)) is not None or await self._exists(name):
            return
        for pod in list(self._pods.all()):
            if pod.view.node == name:
                await self._remove(pod)

    async def _exists(self, name: str) -> bool:
        try:
            await self._api.get(N, None, name)
        except ApiError as error:
            if error.code != 404:
                raise
            return False
        return True

    async def _remove(self, seen: Seen[PodView]) -> None:
        try:
            pod = await self._api.get(P, seen.namespace, seen.name)
            updated = {**pod, "status": ended(pod, meta.timestamp(self._clock.now()))}
            await self._api.update(P, seen.namespace, updated, subresource="status")
            options = DeleteOptions(grace_period_seconds=0, uid=seen.uid)
            await self._api.delete(P, seen.namespace, seen.name, options)
        except ApiError as error:
            if error.code != 404:
                raise


def ended(pod: Object, now: str) -> Object:
    """The pod's status when its node is gone."""
    status = pod.get("status") or {}
    condition = {
        "type": "DisruptionTarget",
        "status": "True",
        "reason": "DeletionByPodGC",
        "message": "PodGC: node no longer exists",
        "lastProbeTime": None,
    }
    phase = status["phase"] if status.get("phase") in FINISHED else "Failed"
    return {**status, "phase": phase, "conditions": meta.set_condition(status.get("conditions"), condition, now)}
