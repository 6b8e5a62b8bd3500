"""The taint eviction controller's loop: pods leave nodes that have NoExecute taints, when their time there is over.

Upstream: pkg/controller/tainteviction/taint_eviction.go v1.36.
"""

from pullscope.controllers import queue
from pullscope.controllers.cache import Key, Seen
from pullscope.controllers.context import Context
from pullscope.controllers.nodelifecycle import eviction
from pullscope.controllers.nodes import NodeView
from pullscope.controllers.pods import PodView
from pullscope.kube import events, meta, resources
from pullscope.kube.api import DeleteOptions, Object
from pullscope.kube.status import ApiError

NAME = "taint-eviction-controller"
WORKERS = 8
REASON = "TaintManagerEviction"

N, P = resources.NODES, resources.PODS


async def run(context: Context) -> None:
    """Work until cancelled."""
    await _Controller(context).run()


class _Controller:
    """`_since` has the pods whose time is running, with the moment when it began."""

    def __init__(self, context: Context) -> None:
        self._clock = context.clock
        self._api = context.acting_as(NAME)
        self._recorder = events.Recorder(self._api, NAME, context.clock)
        self._queue: queue.WorkQueue[Key] = queue.WorkQueue(context.clock)
        self._nodes = context.cache[N]
        self._pods = context.cache[P]
        self._since: dict[Key, float] = {}

    async def run(self) -> None:
        self._nodes.subscribe(self._on_node)
        self._pods.subscribe(self._on_pod)
        for seen in self._nodes.all():
            self._on_node(None, seen)
        await queue.work(self._queue, self._reconcile, workers=WORKERS)

    def _on_node(self, old: Seen[NodeView] | None, new: Seen[NodeView] | None) -> None:
        if _evicting(old) != _evicting(new):
            names = {seen.name for seen in (old, new) if seen is not None}
            for pod in self._pods.all():
                if pod.view.node in names:
                    self._queue.add(pod.key)

    def _on_pod(self, _old: Seen[PodView] | None, new: Seen[PodView] | None) -> None:
        if new is not None and new.view.node and _evicting(self._nodes.get(("", new.view.node))):
            self._queue.add(new.key)

    async def _reconcile(self, key: Key) -> float | None:
        seen = self._pods.get(key)
        taints = _evicting(self._nodes.get(("", seen.view.node))) if seen is not None else ()
        if seen is None or seen.deleting or not taints:
            await self._stay(seen, key)
            return None
        pod = await self._api.get(P, *key)
        seconds = eviction.after(pod, taints)
        if seconds is None:
            await self._stay(seen, key)
            return None
        now = self._clock.monotonic()
        left = self._since.setdefault(key, now) + seconds - now
        if left > 0:
            return left
        await self._evict(pod)
        self._since.pop(key, None)
        return None

    async def _stay(self, seen: Seen[PodView] | None, key: Key) -> None:
        """The pod does not have to go any more; or it is going."""
        if self._since.pop(key, None) is not None and seen is not None and not seen.deleting:
            pod = await self._api.get(P, *key)
            message = f"Cancelling deletion of Pod {'/'.join(key)}"
            await self._recorder.event(pod, "Normal", REASON, message)

    async def _evict(self, pod: Object) -> None:
        metadata, status = pod["metadata"], pod.get("status") or {}
        where = f"{metadata['namespace']}/{metadata['name']}"
        await self._recorder.event(pod, "Normal", REASON, f"Marking for deletion Pod {where}")
        condition = {
            "type": "DisruptionTarget",
            "status": "True",
            "reason": "DeletionByTaintManager",
            "message": "Taint manager: deleting due to NoExecute taint",
            "lastProbeTime": None,
        }
        now = meta.timestamp(self._clock.now())
        conditions = meta.set_condition(status.get("conditions"), condition, now)
        updated = {**pod, "status": {**status, "conditions": conditions}}
        try:
            await self._api.update(P, metadata["namespace"], updated, subresource="status")
            options = DeleteOptions(uid=metadata["uid"])
            await self._api.delete(P, metadata["namespace"], metadata["name"], options)
        except ApiError as error:
            if error.code != 404:
                raise


def _evicting(node: Seen[NodeView] | None) -> tuple[Object, ...]:
    taints: tuple[Object, ...] = node.view.taints if node is not None else ()
    return tuple(taint for taint in taints if taint.get("effect") == "NoExecute")
