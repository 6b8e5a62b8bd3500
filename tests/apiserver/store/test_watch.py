"""The store's watches, over memory and over a file. Upstream: as in `test_store` (watcher_tests.go)."""

import asyncio

import pytest
from tests.apiserver.store.objects import NODES, PODS, at, collect, pod, refused

from pullscope.apiserver.store.records import Bookmark, Event, key
from pullscope.apiserver.store.store import Store
from pullscope.kube.status import ApiError


async def test_a_watch_tells_every_change_in_order(store: Store) -> None:
    with store.watch(PODS, revision=store.revision) as watch:
        await store.create(at("a"), pod("a"))
        await store.update(at("a"), pod("a", image="v2"))
        await store.create(at("b", "other"), pod("b"))
        await store.delete(at("a"))
        assert await collect(watch, 4) == [
            ("ADDED", "a", 1),
            ("MODIFIED", "a", 2),
            ("ADDED", "b", 3),
            ("DELETED", "a", 4),
        ]


async def test_an_event_carries_the_object_before_and_after(store: Store) -> None:
    with store.watch(PODS, revision=0) as watch:
        await store.create(at("a"), pod("a", labels={"app": "old"}))
        await store.update(at("a"), pod("a", labels={"app": "new"}))
        await store.delete(at("a"))
        events = [await anext(watch) for _ in range(3)]
    assert all(isinstance(event, Event) for event in events)
    seen = [
        (event.previous and event.previous.labels, event.current.labels) for event in events if isinstance(event, Event)
    ]
    assert seen == [(None, {"app": "old"}), ({"app": "old"}, {"app": "new"}), ({"app": "new"}, {"app": "new"})]


async def test_a_watch_from_an_old_revision_replays(store: Store) -> None:
    for name in "abc":
        await store.create(at(name), pod(name))
    with store.watch(PODS, revision=1) as watch:
        assert await collect(watch, 2) == [("ADDED", "b", 2), ("ADDED", "c", 3)]


async def test_a_watch_from_now_tells_later_changes_only(store: Store) -> None:
    await store.create(at("a"), pod("a"))
    listing = store.list(PODS)
    with store.watch(PODS, revision=listing.revision) as watch:
        await store.create(at("b"), pod("b"))
        assert await collect(watch, 1) == [("ADDED", "b", 2)]


async def test_a_watch_hears_of_its_scope_alone(store: Store) -> None:
    with store.watch(PODS, "demo", revision=0) as watch:
        await store.create(key(NODES, None, "n"), pod("n"))
        await store.create(at("x", "other"), pod("x"))
        await store.create(at("a"), pod("a"))
        assert await collect(watch, 1) == [("ADDED", "a", 3)]


async def test_a_waiting_watch_is_woken(store: Store) -> None:
    with store.watch(PODS, revision=0) as watch:
        waiting = asyncio.ensure_future(collect(watch, 1))
        await store.create(at("a"), pod("a"))
        assert await waiting == [("ADDED", "a", 1)]


async def test_a_watch_from_before_the_history_has_expired(store: Store) -> None:
    for number in range(60):
        await store.create(at(f"p{number}"), pod(f"p{number}"))
    with pytest.raises(ApiError, match=r"too old resource version: 9 \(10\)") as caught:
        store.watch(PODS, revision=9)
    assert (caught.value.code, caught.value.reason) == (410, "Expired")
    with store.watch(PODS, revision=10) as watch:
        assert (await anext(watch)).revision == 11


async def test_a_watch_from_the_future_is_refused(store: Store) -> None:
    with pytest.raises(ApiError, match="Timeout: Too large resource version: 7, current: 0") as caught:
        store.watch(PODS, revision=7)
    assert (caught.value.code, caught.value.reason) == (504, "Timeout")
    assert caught.value.details is not None
    assert caught.value.details["causes"][0]["reason"] == "ResourceVersionTooLarge"


async def test_a_slow_watch_ends_and_holds_nobody_up(store: Store) -> None:
    with store.watch(PODS, revision=0) as slow:
        for number in range(51):
            await store.create(at(f"p{number}"), pod(f"p{number}"))
        with pytest.raises(ApiError, match="too old resource version") as caught:
            await anext(slow)
        assert caught.value.code == 410
        with pytest.raises(StopAsyncIteration):
            await anext(slow)


async def test_a_watch_that_has_nothing_to_tell_never_expires(store: Store) -> None:
    with store.watch(NODES, revision=0) as quiet:
        for number in range(120):
            await store.create(at(f"p{number}"), pod(f"p{number}"))
        await store.create(key(NODES, None, "crc"), pod("crc"))
        assert await collect(quiet, 1) == [("ADDED", "crc", 121)]


async def test_bookmarks_come_after_what_they_promise(store: Store) -> None:
    with (
        store.watch(PODS, "demo", revision=0, bookmarks=True) as asked,
        store.watch(PODS, "demo", revision=0) as silent,
    ):
        await store.create(at("a"), pod("a"))
        store.send_bookmarks()
        await store.create(at("x", "other"), pod("x"))
        assert await collect(asked, 1) == [("ADDED", "a", 1)]
        assert await anext(asked) == Bookmark(2)
        await store.create(at("b"), pod("b"))
        assert await collect(asked, 1) == [("ADDED", "b", 3)]
        assert await collect(silent, 2) == [("ADDED", "a", 1), ("ADDED", "b", 3)]


async def test_a_bookmark_wakes_a_waiting_watch(store: Store) -> None:
    with store.watch(PODS, revision=0, bookmarks=True) as watch:
        waiting = asyncio.ensure_future(anext(watch))
        await store.create(key(NODES, None, "n"), pod("n"))
        store.send_bookmarks()
        assert await waiting == Bookmark(1)


async def test_a_closed_watch_ends(store: Store) -> None:
    watch = store.watch(PODS, revision=0)
    waiting = asyncio.ensure_future(collect(watch, 1))
    await store.create(key(NODES, None, "n"), pod("n"))
    watch.close()
    watch.close()
    with pytest.raises(StopAsyncIteration):
        await anext(watch)
    with pytest.raises((StopAsyncIteration, RuntimeError)):
        await waiting


async def test_closing_the_store_ends_watches_after_their_last_event(store: Store) -> None:
    watch = store.watch(PODS, revision=0, bookmarks=True)
    await store.create(at("a"), pod("a"))
    await store.close()
    assert await collect(watch, 1) == [("ADDED", "a", 1)]
    with pytest.raises(StopAsyncIteration):
        await anext(watch)
    assert (await refused(store.create(at("b"), pod("b")))).code == 500
    assert store.get(at("a")).revision == 1, "reads go on"
    with pytest.raises(StopAsyncIteration):
        await anext(store.watch(PODS, revision=1))
