"""What becomes of the Deployment's pods: waited for by watches, as everybody sees it through the API."""

import contextlib
from collections.abc import Callable

from pullscope.base import tasks
from pullscope.base.clock import Clock
from pullscope.clusters import reflector
from pullscope.clusters.cluster import Cluster
from pullscope.kube import meta, resources
from pullscope.kube.api import LogOptions, Object
from pullscope.tutorial.steps import PROJECT, Until
from pullscope.verify import logs, pods
from pullscope.verify.evidence import Event

_PATIENCE = 60.0  # seconds that a pod may take to come to something
_LAST = 30.0  # seconds for what comes a moment after that: the last event, the program's last line


class Lookout:
    """Looks for one pod after the other."""

    def __init__(self, cluster: Cluster, clock: Clock) -> None:
        self._cluster = cluster
        self._clock = clock
        self._seen: set[str] = set()

    async def pod(self, until: Until) -> Object | None:
        """The next pod, as soon as it runs (with `settled`: or fails) and has said so; None when none does in time."""
        true = _is_running if until == "running" else pods.has_settled
        found = await tasks.within(self._clock, _PATIENCE, self._next(true))
        if found is not None:
            self._seen.add(found["metadata"]["uid"])
            if _is_running(found):
                await tasks.within(self._clock, _LAST, self._said(found))
        return found

    async def events(self, pod: Object) -> tuple[Event, ...]:
        """The pod's events, up to the last one that its state lets expect."""
        told: dict[str, Object] = {}
        await tasks.within(self._clock, _LAST, self._told(pod, told))
        return tuple(pods.describe_event(event, 0.0) for event in told.values())

    async def _next(self, true: Callable[[Object], bool]) -> Object:
        changes = reflector.follow(self._cluster, resources.PODS, PROJECT, self._clock)
        async with contextlib.aclosing(changes) as followed:
            async for change in followed:
                pod, owner = change.object, meta.controller_of(change.object)
                new = change.type != "DELETED" and pod["metadata"]["uid"] not in self._seen
                if new and owner is not None and owner["kind"] == "ReplicaSet" and true(pod):
                    return pod
        raise AssertionError("what is followed never ends")

    async def _told(self, pod: Object, told: dict[str, Object]) -> None:
        closing = pods.closing_message(pod)
        changes = reflector.follow(self._cluster, resources.EVENTS, PROJECT, self._clock)
        async with contextlib.aclosing(changes) as followed:
            async for change in followed:
                event = change.object
                if event["involvedObject"].get("uid") == pod["metadata"]["uid"] and change.type != "DELETED":
                    told[event["metadata"]["uid"]] = event
                    if closing in (event.get("message"), event.get("reason")):
                        return

    async def _said(self, pod: Object) -> None:
        """Return when the program has said all that it says at its start."""
        lines = self._cluster.follow_logs(PROJECT, pod["metadata"]["name"], LogOptions())
        async with contextlib.aclosing(lines) as followed:
            async for line in followed:
                if logs.is_last(line):
                    return


def _is_running(pod: Object) -> bool:
    return bool((pod.get("status") or {}).get("phase") == "Running")
