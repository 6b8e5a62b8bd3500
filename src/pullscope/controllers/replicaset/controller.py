"""The replica set controller's loop: claims pods, creates and deletes them, tells how many there are.

Upstream: pkg/controller/replicaset/replica_set.go v1.36.
"""

import functools
from collections import Counter
from typing import Any

from pullscope.controllers import claims, queue
from pullscope.controllers.cache import Key, Seen
from pullscope.controllers.context import Context
from pullscope.controllers.podcontrol import PodControl
from pullscope.controllers.pods import PodView
from pullscope.controllers.replicaset import plan as planning
from pullscope.kube import events, resources
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError

NAME = "replicaset-controller"
WORKERS = 5
_REST_FOR_EACH = 0.0001

R, P = resources.REPLICA_SETS, resources.PODS


async def run(context: Context) -> None:
    """Work until cancelled."""
    await _Controller(context).run()


class _Controller:
    def __init__(self, context: Context) -> None:
        self._clock = context.clock
        self._api = context.acting_as(NAME)
        self._queue: queue.WorkQueue[Key] = queue.WorkQueue(context.clock, rest=self._rest)
        self._replica_sets = context.cache[R]
        self._pods = context.cache[P]
        self._control = PodControl(self._api, events.Recorder(self._api, NAME, context.clock), self._pods)

    async def run(self) -> None:
        self._replica_sets.subscribe(self._on_replica_set)
        self._pods.subscribe(self._on_pod)
        for seen in self._replica_sets.all():
            self._queue.add(seen.key)
        await queue.work(self._queue, self._reconcile, workers=WORKERS)

    def _on_replica_set(self, _old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        if new is not None:
            self._queue.add(new.key)

    def _on_pod(self, old: Seen[PodView] | None, new: Seen[PodView] | None) -> None:
        for key in claims.owner_keys(R.kind, old, new):
            self._queue.add(key)
        if new is not None and new.controller is None and (old is None or old.view.labels != new.view.labels):
            for key in claims.adopters(self._replica_sets, new.namespace, new.view.labels):
                self._queue.add(key)

    def _rest(self, key: Key) -> float:
        """Longer with more pods: each look goes through them all, and each of their changes asks for one."""
        seen = self._replica_sets.get(key)
        pods = len(self._pods.owned_by(seen.uid)) if seen else 0
        return max(queue.REST, pods * _REST_FOR_EACH)

    async def _reconcile(self, key: Key) -> float | None:
        seen = self._replica_sets.get(key)
        if seen is None:
            return None
        pods = await self._claim(seen)
        planned = planning.plan(seen.view, pods, functools.partial(self._neighbours, seen), self._clock.now())
        failure = await self._carry_out(seen.view, planned)
        await self._update_status(seen, planned.status, failure)
        if failure is not None:
            raise failure[1]
        return planned.again

    async def _claim(self, seen: Seen[Any]) -> list[Seen[PodView]]:
        """The replica set's pods, after adopting and releasing."""
        candidates = self._pods.owned_by(seen.uid) + self._pods.orphans(seen.namespace)
        unfinished = [(pod, pod.view.labels) for pod in candidates if not pod.view.finished]
        return await claims.claim(seen, unfinished, self._api, self._pods)

    def _neighbours(self, seen: Seen[Any]) -> Counter[str]:
        """Active pods per node, of all replica sets that this one's owner has."""
        siblings = self._replica_sets.owned_by(seen.controller.uid) if seen.controller else [seen]
        return Counter(pod.view.node for each in siblings for pod in self._pods.owned_by(each.uid) if pod.view.active)

    async def _carry_out(self, obj: Object, planned: planning.Plan) -> tuple[str, ApiError] | None:
        """Create and delete; what was refused, with the reason that the status gives."""
        if refused := await self._control.create(obj, [planning.pod_of(obj)] * planned.create):
            return "FailedCreate", refused
        if refused := await self._control.delete(obj, planned.delete):
            return "FailedDelete", refused
        return None

    async def _update_status(self, seen: Seen[Any], status: Object, failure: tuple[str, ApiError] | None) -> None:
        told = (failure[0], failure[1].message) if failure else None
        after = planning.with_failure(status, told, self._clock.now())
        if after == seen.view.get("status"):
            return
        updated = {**seen.view, "status": after}
        self._replica_sets.absorb(await self._api.update(R, seen.namespace, updated, subresource="status"))
