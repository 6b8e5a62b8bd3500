"""The watcher: waits for what it must see and no longer, and tells afterwards in which order things came."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, cast

import pytest

from pullscope.base.clock import ManualClock
from pullscope.kube import resources, status
from pullscope.kube.api import Api, ObjectList, WatchEvent
from pullscope.kube.resources import Resource
from pullscope.verify.watcher import Watcher, watching


class Feed:
    """An API whose watches tell what the test puts in."""

    def __init__(self) -> None:
        self.pods: asyncio.Queue[WatchEvent | Exception] = asyncio.Queue()
        self.events: asyncio.Queue[WatchEvent | Exception] = asyncio.Queue()

    async def list(self, *_: object, labels: str) -> ObjectList:
        return ObjectList([], "1")

    async def watch(
        self, resource: Resource, *_: object, resource_version: str, labels: str
    ) -> AsyncGenerator[WatchEvent, None]:
        queue = self.pods if resource == resources.PODS else self.events
        while True:
            event = await queue.get()
            if isinstance(event, Exception):
                raise event
            yield event


def pod(reason: str, version: str) -> dict[str, Any]:
    statuses = [{"name": "app", "state": {"waiting": {"reason": reason, "message": "m"}}}]
    return {
        "metadata": {"name": "p", "uid": "u", "resourceVersion": version},
        "spec": {"containers": [{"name": "app", "image": "x"}]},
        "status": {"containerStatuses": statuses},
    }


def event(uid: str, message: str, version: str) -> dict[str, Any]:
    return {
        "metadata": {"name": message, "uid": message, "resourceVersion": version},
        "involvedObject": {"kind": "Pod", "uid": uid, "name": "another's" if uid == "strange" else f"{uid}-run"},
        "message": message,
    }


async def settle(clock: ManualClock) -> None:
    for _ in range(20):
        await clock.sleep(0)


async def test_it_waits_until_something_is_found() -> None:
    clock, feed = ManualClock(), Feed()
    async with watching(cast(Api, feed), "ns", "run", clock) as watcher:
        waiting = asyncio.create_task(watcher.until(lambda: watcher.pods.get("u"), 60))
        await settle(clock)
        assert not waiting.done()
        feed.pods.put_nowait(WatchEvent("ADDED", pod("ContainerCreating", "2")))
        seen = await waiting
        assert seen is not None
        assert seen.timeline(0)[0].status == "ContainerCreating"


async def test_it_gives_up_at_the_deadline() -> None:
    clock, feed = ManualClock(), Feed()
    async with watching(cast(Api, feed), "ns", "run", clock) as watcher:
        waiting = asyncio.create_task(watcher.until(lambda: watcher.pods.get("u"), 60))
        await settle(clock)
        clock.advance(60)
        assert await waiting is None


async def test_the_timeline_holds_changes_alone() -> None:
    clock, feed = ManualClock(), Feed()
    async with watching(cast(Api, feed), "ns", "run", clock) as watcher:
        for at, reason in enumerate(["ContainerCreating", "ContainerCreating", "ErrImagePull"]):
            feed.pods.put_nowait(WatchEvent("MODIFIED", pod(reason, str(at + 2))))
            await settle(clock)
            clock.advance(1)
        told = [(change.seconds, change.status) for change in watcher.pods["u"].timeline(0)]
        assert told == [(0, "ContainerCreating"), (2, "ErrImagePull")]


async def test_a_deleted_pod_is_gone() -> None:
    clock, feed = ManualClock(), Feed()
    async with watching(cast(Api, feed), "ns", "run", clock) as watcher:
        feed.pods.put_nowait(WatchEvent("ADDED", pod("ErrImagePull", "2")))
        feed.pods.put_nowait(WatchEvent("DELETED", pod("ErrImagePull", "3")))
        assert await watcher.until(lambda: ("u" in watcher.pods and watcher.pods["u"].gone) or None, 60)


async def test_events_are_told_per_object_in_order() -> None:
    clock, feed = ManualClock(), Feed()
    async with watching(cast(Api, feed), "ns", "run", clock) as watcher:
        for at, (uid, message) in enumerate([("u", "a"), ("strange", "-"), ("other", "b"), ("u", "c")]):
            feed.events.put_nowait(WatchEvent("ADDED", event(uid, message, str(at + 2))))
        feed.events.put_nowait(WatchEvent("DELETED", event("u", "a", "9")))
        await watcher.until(lambda: len(watcher.events) == 3 or None, 60)
        await settle(clock)
        assert [each.message for each in watcher.events_of({"u"}, 0)] == ["a", "c"]


async def test_a_watch_that_breaks_is_raised_to_whoever_waits() -> None:
    clock, feed = ManualClock(), Feed()
    async with watching(cast(Api, feed), "ns", "run", clock) as watcher:
        waiting = asyncio.create_task(watcher.until(lambda: None, 60))
        feed.events.put_nowait(status.unauthorized())
        with pytest.raises(status.ApiError, match="Unauthorized"):
            await waiting


def test_a_watcher_starts_empty() -> None:
    assert Watcher(ManualClock()).pods == {}
