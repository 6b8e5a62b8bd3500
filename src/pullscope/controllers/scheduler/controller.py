"""The scheduler's loop: takes pods without a node, binds them, says why it cannot.

A pod that fits nowhere waits for a change that may help: a node's, or another pod's going. Upstream:
pkg/scheduler/schedule_one.go, v1.36; its queueing hints are one rule here.
"""

from pullscope.controllers import demand, queue
from pullscope.controllers.cache import Key, Seen
from pullscope.controllers.context import Context
from pullscope.controllers.demand import Demand
from pullscope.controllers.nodes import NodeView
from pullscope.controllers.pods import PodView
from pullscope.controllers.scheduler import plan as planning
from pullscope.controllers.scheduler.usage import Usage
from pullscope.kube import events, meta, resources
from pullscope.kube.api import Object, UserInfo
from pullscope.kube.status import ApiError

NAME = "default-scheduler"
USER = UserInfo("system:kube-scheduler", groups=("system:authenticated",))

BINDERS = 16
"""So many pods are being bound at a time, while the next one's node is chosen (upstream: the binding cycle)."""

P, N = resources.PODS, resources.NODES


async def run(context: Context) -> None:
    """Work until cancelled."""
    await _Scheduler(context).run()


class _Scheduler:
    def __init__(self, context: Context) -> None:
        self._clock = context.clock
        self._api = context.client(USER)
        self._recorder = events.Recorder(self._api, NAME, context.clock, host=context.host)
        self._queue: queue.WorkQueue[Key] = queue.WorkQueue(context.clock)
        self._pods = context.cache[P]
        self._nodes = context.cache[N]
        self._waiting: set[Key] = set()
        self._usage = Usage()

    async def run(self) -> None:
        self._pods.subscribe(self._on_pod)
        self._nodes.subscribe(self._on_node)
        for seen in list(self._pods.all()):
            self._on_pod(None, seen)
        await queue.work(self._queue, self._schedule, workers=BINDERS)

    def _on_pod(self, old: Seen[PodView] | None, new: Seen[PodView] | None) -> None:
        if old is not None and old.view.node and (new is None or new.view.finished):
            self._usage.release(old.key)
            self._retry_waiting()
        if new is None:
            return
        if new.view.node and not new.view.finished:
            self._usage.take(new.key, new.view.node, new.view.demand)
        elif _is_ours(new) and (old is None or old.view != new.view):  # not for the condition that is written here
            self._queue.add(new.key)

    def _on_node(self, old: Seen[NodeView] | None, new: Seen[NodeView] | None) -> None:
        if new is not None and (old is None or old.view != new.view):  # not for every heartbeat
            self._retry_waiting()

    def _retry_waiting(self) -> None:
        for key in self._waiting:
            self._queue.add(key)
        self._waiting.clear()

    async def _schedule(self, key: Key) -> None:
        seen = self._pods.get(key)
        if seen is None or not _is_ours(seen):
            return
        pod = await self._api.get(P, *key)
        if pod["spec"].get("nodeName") or pod["metadata"].get("deletionTimestamp"):
            return
        candidates = [node.view for node in self._nodes.all() if not node.deleting]
        wanted = demand.of(pod)
        match planning.plan(pod["spec"], wanted, candidates, self._usage.loads):
            case planning.Bind(node):
                await self._bind(pod, node, wanted)
            case planning.Unschedulable(message):
                self._waiting.add(key)
                await self._tell_unschedulable(pod, message)

    async def _bind(self, pod: Object, node: str, wanted: Demand) -> None:
        """Nothing is awaited between the plan and here: the next pod sees what this one takes (upstream: assume)."""
        metadata = pod["metadata"]
        namespace, name = metadata["namespace"], metadata["name"]
        binding = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"namespace": namespace, "name": name, "uid": metadata["uid"]},
            "target": {"kind": "Node", "name": node},
        }
        self._usage.take((namespace, name), node, wanted)
        try:
            await self._api.create(P, namespace, binding, subresource="binding")
        except ApiError:
            self._forget((namespace, name))
            raise
        message = f"Successfully assigned {namespace}/{name} to {node}"
        await self._recorder.announce(pod, "Normal", "Scheduled", message, action="Binding")

    def _forget(self, key: Key) -> None:
        """The pod was not bound here; somebody else may have bound it."""
        seen = self._pods.get(key)
        if seen is not None and seen.view.node and not seen.view.finished:
            self._usage.take(key, seen.view.node, seen.view.demand)
        else:
            self._usage.release(key)
            self._retry_waiting()

    async def _tell_unschedulable(self, pod: Object, message: str) -> None:
        await self._recorder.announce(pod, "Warning", "FailedScheduling", message, action="Scheduling")
        status = pod.get("status") or {}
        now = meta.timestamp(self._clock.now())
        condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
        before = meta.get_condition(status.get("conditions"), "PodScheduled") or {}
        if all(before.get(field) == value for field, value in condition.items()):
            return
        conditions = meta.set_condition(status.get("conditions"), {"lastProbeTime": None, **condition}, now)
        updated = {**pod, "status": {**status, "conditions": conditions}}
        self._pods.absorb(await self._api.update(P, pod["metadata"]["namespace"], updated, subresource="status"))


def _is_ours(seen: Seen[PodView]) -> bool:
    view = seen.view
    return not (view.node or view.deleting or view.finished or view.gated) and view.scheduler == NAME
