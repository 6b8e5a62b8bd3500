"""The replica set controller's loop: claims pods, creates and deletes them, tells how many there are.

Upstream: pkg/controller/replicaset/replica_set.go v1.36.
"""

import asyncio
from collections import Counter
from typing import Any

from pullscope.controllers import claims, queue
from pullscope.controllers.cache import Key, Seen
from pullscope.controllers.context import Context, is_namespace_terminating
from pullscope.controllers.pods import PodView
from pullscope.controllers.replicaset import plan as planning
from pullscope.kube import events, resources, selectors
from pullscope.kube.api import DeleteOptions, Object
from pullscope.kube.status import ApiError

NAME = "replicaset-controller"
WORKERS = 5

R, P = resources.REPLICA_SETS, resources.PODS


async def run(context: Context) -> None:
    """Work until cancelled."""
    await _Controller(context).run()


class _Controller:
    def __init__(self, context: Context) -> None:
        self._clock = context.clock
        self._api = context.acting_as(NAME)
        self._recorder = events.Recorder(self._api, NAME, context.clock)
        self._queue: queue.WorkQueue[Key] = queue.WorkQueue(context.clock)
        self._replica_sets = context.cache[R]
        self._pods = context.cache[P]

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
            for replica_set in self._replica_sets.in_namespace(new.namespace):
                if selectors.matches_label_selector(replica_set.view["spec"]["selector"], new.view.labels):
                    self._queue.add(replica_set.key)

    async def _reconcile(self, key: Key) -> float | None:
        seen = self._replica_sets.get(key)
        if seen is None:
            return None
        pods = await self._claim(seen)
        planned = planning.plan(seen.view, pods, self._neighbours(seen), self._clock.now())
        failure = await self._create(seen.view, planned.create) or await self._delete(seen.view, planned.delete)
        await self._update_status(seen, planned.status, failure)
        if failure is not None:
            raise failure[1]
        return planned.again

    async def _claim(self, seen: Seen[Any]) -> list[Seen[PodView]]:
        """The replica set's pods, after adopting and releasing."""
        candidates = self._pods.owned_by(seen.uid) + self._pods.orphans(seen.namespace)
        selector = selectors.as_selector(seen.view["spec"]["selector"])
        claimed = claims.plan(seen, selector, [(pod, pod.view.labels) for pod in candidates if not pod.view.finished])
        await claims.carry_out(claimed, seen.view, self._api, self._pods)
        return [*claimed.owned, *filter(None, (self._pods.get(pod.key) for pod in claimed.adopt))]

    def _neighbours(self, seen: Seen[Any]) -> Counter[str]:
        """Active pods per node, of all replica sets that this one's owner has."""
        siblings = self._replica_sets.owned_by(seen.controller.uid) if seen.controller else [seen]
        return Counter(pod.view.node for each in siblings for pod in self._pods.owned_by(each.uid) if pod.view.active)

    async def _create(self, obj: Object, count: int) -> tuple[str, ApiError] | None:
        """Create pods, first one, then twice as many each time: what is refused is refused once, not 500 times."""
        batch = 1
        while count > 0:
            size = min(batch, count)
            refused = [each for each in await asyncio.gather(*(self._create_one(obj) for _ in range(size))) if each]
            if refused:
                return "FailedCreate", refused[0]
            count, batch = count - size, batch * 2
        return None

    async def _create_one(self, obj: Object) -> ApiError | None:
        try:
            pod = await self._api.create(P, obj["metadata"]["namespace"], planning.pod_of(obj))
        except ApiError as error:
            if is_namespace_terminating(error):
                return None
            await self._recorder.event(obj, "Warning", "FailedCreate", f"Error creating: {error.message}")
            return error
        self._pods.absorb(pod)
        await self._recorder.event(obj, "Normal", "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}")
        return None

    async def _delete(self, obj: Object, pods: tuple[Seen[PodView], ...]) -> tuple[str, ApiError] | None:
        refused = [each for each in await asyncio.gather(*(self._delete_one(obj, pod) for pod in pods)) if each]
        return ("FailedDelete", refused[0]) if refused else None

    async def _delete_one(self, obj: Object, pod: Seen[PodView]) -> ApiError | None:
        try:
            answer = await self._api.delete(P, pod.namespace, pod.name, DeleteOptions(uid=pod.uid))
        except ApiError as error:
            if error.code == 404:
                return None
            await self._recorder.event(obj, "Warning", "FailedDelete", f"Error deleting: {error.message}")
            return error
        if answer.get("kind") == P.kind:
            self._pods.absorb(answer)
        await self._recorder.event(obj, "Normal", "SuccessfulDelete", f"Deleted pod: {pod.name}")
        return None

    async def _update_status(self, seen: Seen[Any], status: Object, failure: tuple[str, ApiError] | None) -> None:
        told = (failure[0], failure[1].message) if failure else None
        after = planning.with_failure(status, told, self._clock.now())
        if after == seen.view.get("status"):
            return
        updated = {**seen.view, "status": after}
        self._replica_sets.absorb(await self._api.update(R, seen.namespace, updated, subresource="status"))
