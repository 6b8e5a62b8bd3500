"""One watch on a run's pods and one on the events of its namespace, shared by all cases that run side by side.

Everything seen is kept with the moment it was seen, so that a case can be told in order afterwards. `until` waits for
what a caller looks for in it, and no longer.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from pullscope.base import tasks
from pullscope.base.clock import Clock
from pullscope.clusters import reflector
from pullscope.kube import resources
from pullscope.kube.api import Api, Object, WatchEvent
from pullscope.verify import evidence, objects, pods

T = TypeVar("T")


@dataclass
class SeenPod:
    """A pod as it was last seen; each change of its STATUS with its moment; `gone` once it was deleted."""

    latest: Object
    changes: list[tuple[float, str, str]] = field(default_factory=list)
    gone: bool = False

    def timeline(self, start: float) -> list[evidence.StatusChange]:
        """The changes in seconds after `start`."""
        return [evidence.StatusChange(round(at - start, 3), status, message) for at, status, message in self.changes]


class Watcher:
    """What was seen in the namespace so far: `pods` by uid, `events` in the order in which they came."""

    def __init__(self, clock: Clock) -> None:
        self.pods: dict[str, SeenPod] = {}
        self.events: list[tuple[float, Object]] = []
        self._clock = clock
        self._failure: Exception | None = None
        self._changed = asyncio.Event()

    async def until(self, found: Callable[[], T | None], seconds: float) -> T | None:
        """What `found` returns as soon as that is not None, or None after `seconds`.

        Raises the error of a watch that broke.
        """
        result = await tasks.within(self._clock, seconds, self._until(found))
        return found() if result is None else result

    async def _until(self, found: Callable[[], T | None]) -> T:
        while True:
            changed = self._changed
            if self._failure is not None:
                raise self._failure
            if (result := found()) is not None:
                return result
            await changed.wait()

    def events_of(self, uids: set[str], start: float) -> tuple[evidence.Event, ...]:
        """The events about the objects of those uids, in seconds after `start`."""
        return tuple(
            pods.describe_event(event, round(at - start, 3))
            for at, event in self.events
            if event["involvedObject"].get("uid") in uids
        )

    async def follow_pods(self, api: Api, namespace: str, run: str) -> None:
        """Keep `pods` up to date, for ever."""
        ours = f"{objects.RUN}={run}"
        await self._follow(reflector.follow(api, resources.PODS, namespace, self._clock, labels=ours), self._see_pod)

    async def follow_events(self, api: Api, namespace: str, run: str) -> None:
        """Keep `events` up to date, for ever. Events have no labels; ours are about objects with the run in their names."""

        def see(change: WatchEvent) -> None:
            if change.type != "DELETED" and run in change.object["involvedObject"].get("name", ""):
                self.events.append((self._clock.monotonic(), change.object))

        await self._follow(reflector.follow(api, resources.EVENTS, namespace, self._clock), see)

    async def _follow(self, changes: AsyncIterator[WatchEvent], see: Callable[[WatchEvent], None]) -> None:
        try:
            async for change in changes:
                see(change)
                self._wake()
        except Exception as error:  # noqa: BLE001 (handed to whoever waits, see `until`)
            self._failure = error
            self._wake()

    def _see_pod(self, change: WatchEvent) -> None:
        pod = change.object
        seen = self.pods.setdefault(pod["metadata"]["uid"], SeenPod(pod))
        seen.latest = pod
        seen.gone = change.type == "DELETED"
        waiting = (pods.container_status(pod).get("state") or {}).get("waiting") or {}
        status, message = pods.status(pod), waiting.get("message", "")
        if not seen.changes or seen.changes[-1][1:] != (status, message):
            seen.changes.append((self._clock.monotonic(), status, message))

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


@contextlib.asynccontextmanager
async def watching(api: Api, namespace: str, run: str, clock: Clock) -> AsyncIterator[Watcher]:
    """A watcher on what is the run's in `namespace`, that works as long as the block."""
    watcher = Watcher(clock)
    following = [
        asyncio.create_task(watcher.follow_pods(api, namespace, run)),
        asyncio.create_task(watcher.follow_events(api, namespace, run)),
    ]
    try:
        yield watcher
    finally:
        await tasks.end(*following)
