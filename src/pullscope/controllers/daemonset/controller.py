"""The daemon set controller's loop: from changes of daemon sets, pods, nodes and revisions to writes and events.

Upstream: pkg/controller/daemon/daemon_controller.go v1.36.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pullscope.controllers import claims, queue
from pullscope.controllers.cache import Key, Seen
from pullscope.controllers.context import Context
from pullscope.controllers.daemonset import plan as planning
from pullscope.controllers.daemonset import pods
from pullscope.controllers.daemonset.revisions import History
from pullscope.controllers.nodes import NodeView
from pullscope.controllers.podcontrol import PodControl
from pullscope.controllers.pods import PodView
from pullscope.kube import events, resources
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError
from pullscope.pull.backoff import Backoff

NAME = "daemon-set-controller"
EVENTS_NAME = "daemonset-controller"
WORKERS = 2
_FAILED_INITIAL, _FAILED_MAXIMUM = timedelta(seconds=1), timedelta(minutes=15)

D, P, R = resources.DAEMON_SETS, resources.PODS, resources.CONTROLLER_REVISIONS


async def run(context: Context) -> None:
    """Work until cancelled."""
    await _Controller(context).run()


class _Controller:
    def __init__(self, context: Context) -> None:
        self._clock = context.clock
        self._api = context.acting_as(NAME)
        self._recorder = events.Recorder(self._api, EVENTS_NAME, context.clock)
        self._queue: queue.WorkQueue[Key] = queue.WorkQueue(context.clock)
        self._daemon_sets = context.cache[D]
        self._revisions = context.cache[R]
        self._pods = context.cache[P]
        self._nodes = context.cache[resources.NODES]
        self._control = PodControl(self._api, self._recorder, self._pods)
        self._failures = Backoff(_FAILED_INITIAL, _FAILED_MAXIMUM)

    async def run(self) -> None:
        self._daemon_sets.subscribe(self._on_daemon_set)
        self._revisions.subscribe(self._on_revision)
        self._pods.subscribe(self._on_pod)
        self._nodes.subscribe(self._on_node)
        self._queue_all()
        await queue.work(self._queue, self._reconcile, workers=WORKERS)

    def _queue_all(self) -> None:
        for seen in self._daemon_sets.all():
            self._queue.add(seen.key)

    def _on_daemon_set(self, _old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        if new is not None:
            self._queue.add(new.key)

    def _on_revision(self, old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        labels = new.view["metadata"].get("labels") or {} if new is not None else {}
        self._queue_owners(old, new, labels)

    def _on_pod(self, old: Seen[PodView] | None, new: Seen[PodView] | None) -> None:
        self._queue_owners(old, new, new.view.labels if new is not None else {})

    def _queue_owners(self, old: Seen[Any] | None, new: Seen[Any] | None, labels: Any) -> None:
        for key in claims.owner_keys(D.kind, old, new):
            self._queue.add(key)
        if new is not None and new.controller is None:
            for key in claims.adopters(self._daemon_sets, new.namespace, labels):
                self._queue.add(key)

    def _on_node(self, old: Seen[NodeView] | None, new: Seen[NodeView] | None) -> None:
        if old is None or new is None or old.view != new.view:  # not for every heartbeat
            self._queue_all()

    async def _reconcile(self, key: Key) -> float | None:
        seen = self._daemon_sets.get(key)
        if seen is None or seen.deleting:
            return None
        candidates = self._pods.owned_by(seen.uid) + self._pods.orphans(seen.namespace)
        daemon_pods = await claims.claim(seen, [(pod, pod.view.labels) for pod in candidates], self._api, self._pods)
        observed = planning.Observed(
            daemon_set=seen.view,
            nodes=[node.view for node in self._nodes.all()],
            pods=daemon_pods,
            revisions=[each.view for each in await self._claim_revisions(seen)],
            held_back=self._held_back(seen),
            now=self._clock.now(),
        )
        planned = planning.plan(observed)
        await self._carry_out(seen, planned)
        return planned.again

    async def _claim_revisions(self, seen: Seen[Any]) -> list[Seen[Any]]:
        listed = self._revisions.in_namespace(seen.namespace)
        candidates = [(each, each.view["metadata"].get("labels") or {}) for each in listed]
        return await claims.claim(seen, candidates, self._api, self._revisions)

    def _held_back(self, seen: Seen[Any]) -> dict[str, float]:
        """Seconds that each node's failed pods are still left alone."""
        now = self._clock.now()
        keys = {node.name: _failure_key(seen, node.name) for node in self._nodes.all()}
        return {
            node: self._failures.window(key).total_seconds()
            for node, key in keys.items()
            if self._failures.waiting_since_update(key, now)
        }

    async def _carry_out(self, seen: Seen[Any], planned: planning.Plan) -> None:
        obj = seen.view
        await self._record(obj, planned.history)
        await self._tell(seen, planned, self._clock.now())
        created = [pods.on_node(obj, planned.history.hash, node) for node in planned.create]
        refused = [await self._control.create(obj, created), await self._control.delete(obj, planned.delete)]
        await self._forget(seen.namespace, planned.forget)
        await self._update_status(obj, planned.status)
        for error in filter(None, refused):
            raise error

    async def _record(self, obj: Object, history: History) -> None:
        """Make the template's revision, or give it its number."""
        namespace, name = obj["metadata"]["namespace"], history.current["metadata"]["name"]
        if not history.is_new:
            if history.current["revision"] != history.number:
                patch = {"revision": history.number}
                self._revisions.absorb(await self._api.patch(R, namespace, name, patch))
            return
        try:
            self._revisions.absorb(await self._api.create(R, namespace, history.current))
        except ApiError as error:
            if error.reason == "AlreadyExists":
                await self._collide(obj, history.current)
            raise

    async def _collide(self, obj: Object, revision: Object) -> None:
        """The name is taken: by our own (the cache was late), or by another template with the same hash."""
        existing = await self._api.get(R, obj["metadata"]["namespace"], revision["metadata"]["name"])
        self._revisions.absorb(existing)
        if existing["data"] != revision["data"]:
            before = obj.get("status") or {}
            await self._update_status(obj, {**before, "collisionCount": before.get("collisionCount", 0) + 1})

    async def _tell(self, seen: Seen[Any], planned: planning.Plan, now: datetime) -> None:
        for event in planned.events:
            await self._recorder.event(seen.view, event.type, event.reason, event.message)
        for node in planned.failed:
            self._failures.next(_failure_key(seen, node), now, now)
        self._failures.forget_expired(now)

    async def _forget(self, namespace: str, names: Sequence[str]) -> None:
        for name in names:
            await self._api.delete(R, namespace, name)

    async def _update_status(self, obj: Object, status: Object) -> None:
        if status != obj.get("status"):
            updated = {**obj, "status": status}
            namespace = obj["metadata"]["namespace"]
            self._daemon_sets.absorb(await self._api.update(D, namespace, updated, subresource="status"))


def _failure_key(seen: Seen[Any], node: str) -> str:
    """What the back-off of failed pods counts by: a new spec starts anew."""
    return f"{seen.uid}/{(seen.view.get('status') or {}).get('observedGeneration', 0)}/{node}"
