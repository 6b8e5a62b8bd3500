"""The reflector over a scripted API: lists, watches that end, versions that are gone."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any, cast

import pytest

from pullscope.base.clock import ManualClock
from pullscope.clusters import reflector
from pullscope.kube import resources, status
from pullscope.kube.api import Api, ObjectList, WatchEvent


def obj(name: str, version: int) -> dict[str, Any]:
    return {"metadata": {"name": name, "uid": name, "resourceVersion": str(version)}}


class Scripted:
    """Answers lists and watches from a script; records what was asked."""

    def __init__(self, *steps: ObjectList | list[WatchEvent | Exception]) -> None:
        self._steps = list(steps)
        self.asked: list[str] = []

    async def list(self, *_: object, labels: str) -> ObjectList:
        self.asked.append(f"list {labels}".strip())
        step = self._steps.pop(0)
        assert isinstance(step, ObjectList)
        return step

    async def watch(self, *_: object, resource_version: str, labels: str) -> AsyncGenerator[WatchEvent, None]:
        self.asked.append(f"watch {resource_version} {labels}".strip())
        if not self._steps:
            await asyncio.Event().wait()
        step = self._steps.pop(0)
        assert isinstance(step, list)
        for event in step:
            if isinstance(event, Exception):
                raise event
            yield event


async def told(api: Scripted, count: int, clock: ManualClock) -> list[tuple[str, str]]:
    events: list[tuple[str, str]] = []
    stream = reflector.follow(cast(Api, api), resources.PODS, "ns", clock)
    async with contextlib.aclosing(stream), asyncio.timeout(5):
        async for event in stream:
            events.append((event.type, event.object["metadata"]["resourceVersion"]))
            if len(events) == count:
                return events
    raise AssertionError(events)


async def test_what_is_there_then_what_changes() -> None:
    api = Scripted(
        ObjectList([obj("a", 1)], "5"), [WatchEvent("MODIFIED", obj("a", 6)), WatchEvent("ADDED", obj("b", 7))]
    )
    assert await told(api, 3, ManualClock()) == [("ADDED", "1"), ("MODIFIED", "6"), ("ADDED", "7")]
    assert api.asked == ["list", "watch 5"]


async def test_a_watch_that_ended_goes_on_where_it_stopped() -> None:
    api = Scripted(
        ObjectList([], "5"),
        [WatchEvent("ADDED", obj("a", 6)), WatchEvent("BOOKMARK", obj("", 8))],
        [WatchEvent("MODIFIED", obj("a", 9))],
    )
    assert await told(api, 2, ManualClock()) == [("ADDED", "6"), ("MODIFIED", "9")]
    assert api.asked == ["list", "watch 5", "watch 8"]


async def test_a_version_that_is_gone_is_listed_anew() -> None:
    api = Scripted(
        ObjectList([obj("same", 1), obj("changed", 2), obj("vanished", 3)], "5"),
        [status.expired("too old")],
        ObjectList([obj("same", 1), obj("changed", 12), obj("new", 13)], "20"),
        [WatchEvent("DELETED", obj("same", 21))],
    )
    events = await told(api, 7, ManualClock())
    assert events[3:] == [("DELETED", "3"), ("MODIFIED", "12"), ("ADDED", "13"), ("DELETED", "21")]


async def test_a_watch_that_ends_at_once_is_not_asked_in_a_loop() -> None:
    clock = ManualClock()
    api = Scripted(ObjectList([], "5"), [], [WatchEvent("ADDED", obj("a", 6))])
    task = asyncio.create_task(told(api, 1, clock))
    while clock.next_wake() is None:
        await clock.sleep(0)
    assert api.asked == ["list", "watch 5"]
    clock.advance(1)
    assert await task == [("ADDED", "6")]


async def test_other_refusals_are_raised() -> None:
    api = Scripted(ObjectList([], "5"), [status.unauthorized()])
    with pytest.raises(status.ApiError, match="Unauthorized"):
        await told(api, 1, ManualClock())


async def test_until_something_is_found() -> None:
    gone = WatchEvent("DELETED", obj("wanted", 6))
    changes: list[WatchEvent | Exception] = [
        gone,
        WatchEvent("ADDED", obj("wanted", 7)),
        WatchEvent("MODIFIED", obj("wanted", 8)),
    ]
    api = Scripted(ObjectList([obj("other", 9)], "5"), changes)

    def is_late(each: dict[str, Any]) -> bool:
        return int(each["metadata"]["resourceVersion"]) > 7

    clock = ManualClock()
    found = await reflector.until(cast(Api, api), resources.PODS, "ns", "wanted", clock=clock, true=is_late)
    assert found == obj("wanted", 8)


async def test_a_selector_is_for_the_list_and_for_the_watch() -> None:
    api = Scripted(ObjectList([], "5"), [WatchEvent("ADDED", obj("a", 6))])
    stream = reflector.follow(cast(Api, api), resources.PODS, "ns", ManualClock(), labels="app=x")
    async with contextlib.aclosing(stream), asyncio.timeout(5):
        assert (await anext(stream)).type == "ADDED"
    assert api.asked == ["list app=x", "watch 5 app=x"]
