"""The node lifecycle controller's loop: listens for signs of life, and says what it hears.

A sign of life is a new report of the node or a renewal of its Lease. Silence is measured on the monotonic clock, so that a
machine that slept has not lost its nodes. Upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go and
pkg/controller/util/node/controller_utils.go, v1.36.
"""

from pullscope.controllers import queue
from pullscope.controllers.cache import Seen
from pullscope.controllers.context import Context
from pullscope.controllers.nodelifecycle import plan as planning
from pullscope.controllers.nodes import NodeView
from pullscope.controllers.pods import PodView
from pullscope.kube import events, meta, resources
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError

NAME = "node-controller"
LEASES_NAMESPACE = "kube-node-lease"

N, P = resources.NODES, resources.PODS


async def run(context: Context) -> None:
    """Work until cancelled."""
    await _Controller(context).run()


class _Controller:
    def __init__(self, context: Context) -> None:
        self._clock = context.clock
        self._api = context.acting_as(NAME)
        self._recorder = events.Recorder(self._api, NAME, context.clock)
        self._queue: queue.WorkQueue[str] = queue.WorkQueue(context.clock)
        self._nodes = context.cache[N]
        self._leases = context.cache[resources.LEASES]
        self._pods = context.cache[P]
        self._heard: dict[str, float] = {}
        self._known: dict[str, Object] = {}
        self._was_ready: set[str] = set()

    async def run(self) -> None:
        self._nodes.subscribe(self._on_node)
        self._leases.subscribe(self._on_lease)
        for seen in list(self._nodes.all()):
            self._on_node(None, seen)
        await queue.work(self._queue, self._reconcile)

    def _on_node(self, old: Seen[NodeView] | None, new: Seen[NodeView] | None) -> None:
        if new is None:
            assert old is not None
            self._queue.add(old.name)
            return
        if old is None or old.view.heartbeat != new.view.heartbeat:
            self._heard[new.name] = self._clock.monotonic()
        if old is None or old.view != new.view:
            self._queue.add(new.name)
        if old is None or old.view.ready != new.view.ready:  # what becomes of one silent node depends on the others
            for seen in self._nodes.all():
                self._queue.add(seen.name)

    def _on_lease(self, old: Seen[str] | None, new: Seen[str] | None) -> None:
        if new is not None and new.namespace == LEASES_NAMESPACE and (old is None or old.view != new.view):
            self._heard[new.name] = self._clock.monotonic()

    async def _reconcile(self, name: str) -> float | None:
        seen = self._nodes.get(("", name))
        if seen is None:
            await self._forget(name)
            return None
        await self._greet(seen)
        everyone = [node.view for node in self._nodes.all()]
        silent = self._clock.monotonic() - self._heard[name]
        planned = planning.plan(seen.view, silent, everyone, self._clock.now())
        if planned.is_lost:
            await self._give_up(seen)
            return None  # what that means for its taints, the changed node says
        if planned.taints is not None:
            metadata = {"resourceVersion": str(seen.revision)}
            patch = {"metadata": metadata, "spec": {"taints": list(planned.taints)}}
            self._nodes.absorb(await self._api.patch(N, None, name, patch))
        await self._tell_readiness(seen)
        return planned.again

    async def _greet(self, seen: Seen[NodeView]) -> None:
        """A node is new once."""
        if self._known.get(seen.name, {}).get("uid") != seen.uid:
            self._known[seen.name] = {"name": seen.name, "uid": seen.uid}
            message = f"Node {seen.name} event: Registered Node {seen.name} in Controller"
            await self._say(seen.name, "RegisteredNode", message)

    async def _forget(self, name: str) -> None:
        self._heard.pop(name, None)
        self._was_ready.discard(name)
        if name in self._known:
            await self._say(name, "RemovingNode", f"Node {name} event: Removing Node {name} from Controller")
            del self._known[name]

    async def _give_up(self, seen: Seen[NodeView]) -> None:
        node = await self._api.get(N, None, seen.name)
        conditions = planning.unknown(node, self._clock.now())
        updated = {**node, "status": {**(node.get("status") or {}), "conditions": conditions}}
        self._nodes.absorb(await self._api.update(N, None, updated, subresource="status"))

    async def _tell_readiness(self, seen: Seen[NodeView]) -> None:
        if seen.view.ready:
            self._was_ready.add(seen.name)
        elif seen.name in self._was_ready:
            await self._say(seen.name, "NodeNotReady", f"Node {seen.name} status is now: NodeNotReady")
            for pod in list(self._pods.all()):
                if pod.view.node == seen.name and pod.view.ready:
                    await self._mark_not_ready(pod)
            self._was_ready.discard(seen.name)

    async def _mark_not_ready(self, seen: Seen[PodView]) -> None:
        try:
            pod = await self._api.get(P, seen.namespace, seen.name)
            ready = meta.get_condition((pod.get("status") or {}).get("conditions"), "Ready")
            if ready is None or ready["status"] == "False":
                return
            now = meta.timestamp(self._clock.now())
            conditions = meta.set_condition(pod["status"]["conditions"], {**ready, "status": "False"}, now)
            updated = {**pod, "status": {**pod["status"], "conditions": conditions}}
            self._pods.absorb(await self._api.update(P, seen.namespace, updated, subresource="status"))
        except ApiError as error:
            if error.code != 404:  # it went meanwhile
                raise
        else:
            await self._recorder.event(pod, "Warning", "NodeNotReady", "Node is not ready")

    async def _say(self, name: str, reason: str, message: str) -> None:
        about = {"kind": N.kind, "apiVersion": N.api_version, "metadata": self._known.get(name, {"name": name})}
        await self._recorder.event(about, "Normal", reason, message)


def renewal(lease: Object) -> str:
    """The projection of Leases: when it was renewed."""
    return (lease.get("spec") or {}).get("renewTime") or ""
