"""The TTL-after-finished controller: jobs that are over go when their time is.

Upstream: pkg/controller/ttlafterfinished v1.36.
"""

from datetime import datetime, timedelta
from typing import Any

from pullscope.controllers import queue
from pullscope.controllers.cache import Key, Seen
from pullscope.controllers.context import Context
from pullscope.controllers.job import facts
from pullscope.kube import meta, resources
from pullscope.kube.api import DeleteOptions, Object
from pullscope.kube.status import ApiError

NAME = "ttl-after-finished-controller"
J = resources.JOBS


def plan(job: Object, now: datetime) -> float | None:
    """Seconds until the job is to go, not positive when it is; None for never."""
    ttl = job["spec"].get("ttlSecondsAfterFinished")
    ended = next(filter(None, (facts.condition(job, type_) for type_ in facts.FINISHED)), None)
    if ttl is None or ended is None or job["metadata"].get("deletionTimestamp") is not None:
        return None
    due = meta.parse_time(ended["lastTransitionTime"]) + timedelta(seconds=ttl)
    return (due - now).total_seconds()


async def run(context: Context) -> None:
    """Work until cancelled."""
    await _Controller(context).run()


class _Controller:
    def __init__(self, context: Context) -> None:
        self._clock = context.clock
        self._api = context.acting_as(NAME)
        self._jobs = context.cache[J]
        self._queue: queue.WorkQueue[Key] = queue.WorkQueue(context.clock)

    async def run(self) -> None:
        self._jobs.subscribe(self._on_job)
        for seen in self._jobs.all():
            self._on_job(None, seen)
        await queue.work(self._queue, self._reconcile)

    def _on_job(self, _old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        if new is not None and new.view["spec"].get("ttlSecondsAfterFinished") is not None:
            self._queue.add(new.key)

    async def _reconcile(self, key: Key) -> float | None:
        seen = self._jobs.get(key)
        left = plan(seen.view, self._clock.now()) if seen is not None else None
        if seen is None or left is None or left > 0:
            return left
        try:
            options = DeleteOptions(propagation_policy="Foreground", uid=seen.uid)
            await self._api.delete(J, seen.namespace, seen.name, options)
        except ApiError as error:
            if error.code != 404:
                raise
        return None
