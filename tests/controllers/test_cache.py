"""The shared cache: what it remembers, what it tells, and what it takes over from writers."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Self

import pytest

from pullscope.base.clock import ManualClock
from pullscope.controllers.cache import Informer, Seen, nothing
from pullscope.kube import resources, status
from pullscope.kube.api import Object, ObjectList, WatchEvent

PODS = resources.PODS


def pod(name: str, revision: int, *, uid: str = "", owner: str = "") -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "namespace": "ns", "uid": uid or name, "resourceVersion": str(revision)}
    if owner:
        reference = {"apiVersion": "v1", "kind": "X", "name": owner, "uid": owner, "controller": True}
        metadata["ownerReferences"] = [reference]
    return {"metadata": metadata}


class Source:
    """An Api that lists what it is told and watches what is put into its queue; an ApiError in the queue is raised."""

    def __init__(self, *listed: dict[str, Any], revision: int = 1) -> None:
        self.lists = [ObjectList(list(listed), str(revision))]
        self.events: asyncio.Queue[WatchEvent | status.ApiError] = asyncio.Queue()
        self.positions: list[str] = []

    async def list(self, *_: Any, **__: Any) -> ObjectList:
        return self.lists.pop(0)

    async def watch(self, _resource: Any, *, resource_version: str) -> AsyncIterator[WatchEvent]:
        self.positions.append(resource_version)
        while True:
            event = await self.events.get()
            if isinstance(event, status.ApiError):
                raise event
            yield event


class Watched:
    """An informer at work over a source, and what it told."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.clock = ManualClock()
        self.informer: Informer[None] = Informer(PODS, nothing)
        self.told: asyncio.Queue[tuple[str | None, str | None]] = asyncio.Queue()
        self.informer.subscribe(lambda old, new: self.told.put_nowait((_words(old), _words(new))))

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.informer.run(self.source, self.clock))  # type: ignore[arg-type] # the part that is used
        await self.informer.synced.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await self._task

    async def next(self) -> tuple[str | None, str | None]:
        return await asyncio.wait_for(self.told.get(), 5)

    def send(self, kind: Any, obj: dict[str, Any]) -> None:
        self.source.events.put_nowait(WatchEvent(kind, obj))


def _words(seen: Seen[None] | None) -> str | None:
    return f"{seen.name}@{seen.revision}" if seen else None


async def test_it_lists_then_follows() -> None:
    async with Watched(Source(pod("a", 1), revision=3)) as watched:
        assert await watched.next() == (None, "a@1")
        watched.send("MODIFIED", pod("a", 4))
        assert await watched.next() == ("a@1", "a@4")
        watched.send("DELETED", pod("a", 5))
        assert await watched.next() == ("a@4", None)
        assert list(watched.informer.all()) == []
        assert watched.source.positions == ["3"]


async def test_an_expired_watch_lists_anew_and_tells_what_went() -> None:
    source = Source(pod("a", 1), pod("b", 1))
    source.lists.append(ObjectList([pod("b", 7)], "9"))
    async with Watched(source) as watched:
        assert {await watched.next(), await watched.next()} == {(None, "a@1"), (None, "b@1")}
        source.events.put_nowait(status.expired("too old resource version"))
        assert [await watched.next(), await watched.next()] == [("a@1", None), ("b@1", "b@7")]
        watched.send("ADDED", pod("c", 10))
        assert await watched.next() == (None, "c@10")
        assert source.positions == ["1", "9"]


async def test_what_a_writer_brings_is_known_at_once_and_told_once() -> None:
    async with Watched(Source()) as watched:
        watched.informer.absorb(pod("a", 5))
        assert await watched.next() == (None, "a@5")
        watched.send("ADDED", pod("a", 5))
        watched.send("MODIFIED", pod("a", 6))
        assert await watched.next() == ("a@5", "a@6")


async def test_what_was_written_after_a_list_is_not_lost_with_it() -> None:
    source = Source(revision=1)
    async with Watched(source) as watched:
        watched.informer.absorb(pod("a", 7))
        assert await watched.next() == (None, "a@7")
        source.lists.append(ObjectList([], "5"))
        source.events.put_nowait(status.expired("too old"))
        watched.send("MODIFIED", pod("a", 8))
        assert await watched.next() == ("a@7", "a@8")


async def test_a_late_writer_does_not_bring_back_what_went() -> None:
    async with Watched(Source(pod("a", 1), revision=2)) as watched:
        await watched.next()
        watched.send("DELETED", pod("a", 8))
        assert await watched.next() == ("a@1", None)
        watched.informer.absorb(pod("a", 7))
        assert watched.informer.get(("ns", "a")) is None


async def test_a_name_given_to_another_object_is_a_going_and_a_coming() -> None:
    async with Watched(Source(pod("a", 1, uid="first", owner="o"))) as watched:
        await watched.next()
        watched.informer.absorb(pod("a", 5, uid="second"))
        assert [await watched.next(), await watched.next()] == [("a@1", None), (None, "a@5")]
        watched.send("DELETED", pod("a", 4, uid="first"))
        watched.send("MODIFIED", pod("a", 6, uid="second"))
        assert await watched.next() == ("a@5", "a@6")
        assert watched.informer.owned_by("o") == []
        assert watched.informer.by_uid("first") is None


async def test_the_indexes_follow_the_owners() -> None:
    async with Watched(Source(pod("a", 1), pod("b", 1, owner="o"))) as watched:
        assert [each.name for each in watched.informer.owned_by("o")] == ["b"]
        assert [each.name for each in watched.informer.orphans("ns")] == ["a"]
        watched.informer.absorb(pod("a", 2, owner="o"))
        assert sorted(each.name for each in watched.informer.owned_by("o")) == ["a", "b"]
        assert watched.informer.orphans("ns") == []
        assert len(watched.informer.in_namespace("ns")) == 2


async def test_a_broken_watch_waits_a_second() -> None:
    source = Source(pod("a", 1))
    source.lists.append(ObjectList([], "2"))
    async with Watched(source) as watched:
        await watched.next()
        source.events.put_nowait(status.internal("no"))
        while watched.clock.next_wake() is None:
            await watched.clock.sleep(0)
        assert watched.informer.get(("ns", "a")) is not None
        watched.clock.advance(1)
        assert await watched.next() == ("a@1", None)


async def test_an_object_that_cannot_be_read_does_not_end_the_watch(caplog: pytest.LogCaptureFixture) -> None:
    def project(obj: Object) -> str:
        text: str = obj["data"]["key"]
        return text

    informer = Informer(resources.CONFIG_MAPS, project)

    def config(name: str, revision: int, data: Object) -> Object:
        return {
            "metadata": {"name": name, "namespace": "ns", "uid": name, "resourceVersion": str(revision)},
            "data": data,
        }

    informer.absorb(config("good", 1, {"key": "a"}))
    informer.absorb(config("good", 2, {}))
    informer.absorb(config("other", 3, {"key": "b"}))
    assert [(seen.name, seen.revision, seen.view) for seen in informer.all()] == [("good", 1, "a"), ("other", 3, "b")]
    assert "cannot read configmaps ns/good" in caplog.text
