"""The job controller's loop, and the end of pods whose job is gone.

Upstream: pkg/controller/job/job_controller.go v1.36.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pullscope.controllers import claims, queue
from pullscope.controllers.cache import Key, Seen
from pullscope.controllers.context import Context
from pullscope.controllers.job import facts, pods
from pullscope.controllers.job import plan as planning
from pullscope.controllers.job.facts import FINALIZER, Observed, Pod
from pullscope.controllers.job.failures import NONE, Failures
from pullscope.controllers.podcontrol import PodControl
from pullscope.controllers.pods import PodView
from pullscope.kube import events, resources
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError

NAME = "job-controller"
WORKERS = 5

J, P = resources.JOBS, resources.PODS


async def run(context: Context) -> None:
    """Work until cancelled."""
    await _Controller(context).run()


class _Controller:
    def __init__(self, context: Context) -> None:
        self._clock = context.clock
        self._api = context.acting_as(NAME)
        self._recorder = events.Recorder(self._api, NAME, context.clock)
        self._queue: queue.WorkQueue[Key] = queue.WorkQueue(context.clock, rest=queue.briefly)
        self._orphans: queue.WorkQueue[Key] = queue.WorkQueue(context.clock)
        self._jobs = context.cache[J]
        self._pods = context.cache[P]
        self._control = PodControl(self._api, self._recorder, self._pods)
        self._failures: dict[str, Failures] = {}

    async def run(self) -> None:
        self._jobs.subscribe(self._on_job)
        self._pods.subscribe(self._on_pod)
        for seen in self._jobs.all():
            self._queue.add(seen.key)
        for pod in self._pods.all():
            self._queue_orphan(pod)
        async with asyncio.TaskGroup() as group:
            group.create_task(queue.work(self._queue, self._reconcile, workers=WORKERS))
            group.create_task(queue.work(self._orphans, self._free))

    def _on_job(self, old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        if new is not None:
            self._queue.add(new.key)
        elif old is not None:
            self._failures.pop(old.uid, None)
            for pod in self._pods.owned_by(old.uid):
                self._queue_orphan(pod)

    def _on_pod(self, old: Seen[PodView] | None, new: Seen[PodView] | None) -> None:
        for key in claims.owner_keys(J.kind, old, new):
            self._queue.add(key)
        if new is not None:
            self._queue_orphan(new)
            if new.controller is None:
                for key in claims.adopters(self._jobs, new.namespace, new.view.labels):
                    self._queue.add(key)

    def _queue_orphan(self, pod: Pod) -> None:
        """A pod that is tracked and has no job is held by nobody's finalizer."""
        if facts.is_tracked(pod) and self._job_of(pod) is None:
            self._orphans.add(pod.key)

    def _job_of(self, pod: Pod) -> Seen[Any] | None:
        return self._jobs.by_uid(pod.controller.uid) if pod.controller is not None else None

    async def _free(self, key: Key) -> None:
        pod = self._pods.get(key)
        if pod is None or not facts.is_tracked(pod) or self._job_of(pod) is not None:
            return
        if pod.controller is not None and await self._exists(pod.namespace, pod.controller.name, pod.controller.uid):
            return  # the cache of jobs is late
        await self._release([pod])

    async def _exists(self, namespace: str, name: str, uid: str) -> bool:
        try:
            job = await self._api.get(J, namespace, name)
        except ApiError as error:
            if error.code != 404:
                raise
            return False
        return bool(job["metadata"]["uid"] == uid)

    async def _reconcile(self, key: Key) -> float | None:
        seen = self._jobs.get(key)
        if seen is None:
            return None
        observed = Observed(
            job=seen.view,
            pods=await self._claim(seen),
            now=self._clock.now(),
            failures=self._failures.get(seen.uid, NONE),
        )
        planned = planning.plan(observed)
        refused = await self._resize(seen.view, planned)
        if refused is not None:  # tell what there is, not what there should be
            planned = planning.plan(replace(observed, pods=await self._claim(seen), may_create=False))
        await self._conclude(seen, planned)
        if refused is not None:
            raise refused
        return planned.again

    async def _claim(self, seen: Seen[Any]) -> list[Pod]:
        candidates = self._pods.owned_by(seen.uid)
        if not facts.is_finished(seen.view):
            candidates += self._pods.orphans(seen.namespace)
        labelled = [(pod, pod.view.labels) for pod in candidates]
        return await claims.claim(seen, labelled, self._api, self._pods, finalizer=FINALIZER)

    async def _resize(self, job: Object, planned: planning.Plan) -> ApiError | None:
        await self._release(planned.size.drop)
        refused = await self._control.delete(job, (*planned.size.drop, *planned.delete))
        if refused is not None:
            return refused
        return await self._control.create(job, [pods.of(job, index) for index in planned.size.create])

    async def _conclude(self, seen: Seen[Any], planned: planning.Plan) -> None:
        if planned.status is not None and planned.status != seen.view.get("status"):
            updated = {**seen.view, "status": planned.status}
            self._jobs.absorb(await self._api.update(J, seen.namespace, updated, subresource="status"))
        self._failures[seen.uid] = planned.failures
        for event in planned.events:
            await self._recorder.event(seen.view, event.type, event.reason, event.message)
        await self._release(planned.release)

    async def _release(self, released: Iterable[Pod]) -> None:
        """Take the finalizer off; a pod that is gone has none."""

        def change(metadata: Object) -> None:
            metadata["finalizers"] = [each for each in metadata.get("finalizers") or () if each != FINALIZER]

        for pod in released:
            try:
                await self._pods.rewrite(self._api, pod, change)
            except ApiError as error:
                if error.code != 404:
                    raise
