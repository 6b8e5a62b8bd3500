"""A list and its watch kept together: every state of every object, without a gap that goes unnoticed.

Upstream: client-go v0.36 tools/cache/reflector.go. A watch that the server ends is taken up again where it stopped; when
that version is gone (410 Expired) the list is read anew, and what differs is told as events: what vanished meanwhile as
DELETED with its last known state.
"""

import contextlib
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator

from pullscope.base.clock import Clock
from pullscope.kube.api import Api, Object, WatchEvent
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError

_PAUSE = 1.0  # seconds before asking again when a watch ended at once


async def follow(
    api: Api, resource: Resource, namespace: str | None, clock: Clock, *, labels: str = ""
) -> AsyncGenerator[WatchEvent, None]:
    """First an ADDED for every object that is there, then every change, for ever. Bookmarks are not passed on.

    `labels` selects the objects. Raises what `api` raises, 410 apart.
    """

    def watch(version: str) -> AsyncGenerator[WatchEvent, None]:
        return api.watch(resource, namespace, resource_version=version, labels=labels)

    known: dict[str, Object] = {}
    while True:
        listed = await api.list(resource, namespace, labels=labels)
        for event in list(_difference(known, listed.items)):
            yield _noted(known, event)
        try:
            async with contextlib.aclosing(_changes(watch, listed.resource_version, clock)) as changes:
                async for event in changes:
                    yield _noted(known, event)
        except ApiError as error:
            if error.code != 410:
                raise


async def until(
    api: Api,
    resource: Resource,
    namespace: str | None,
    name: str,
    *,
    clock: Clock,
    true: Callable[[Object], bool] = lambda _: True,
) -> Object:
    """The object, as soon as it is there and `true` of it, however long that takes. Raises what `follow` raises."""
    async with contextlib.aclosing(follow(api, resource, namespace, clock)) as changes:
        async for change in changes:
            if change.type != "DELETED" and change.object["metadata"]["name"] == name and true(change.object):
                return change.object
    raise AssertionError("what is followed never ends")


async def _changes(
    watch: Callable[[str], AsyncGenerator[WatchEvent, None]], version: str, clock: Clock
) -> AsyncGenerator[WatchEvent, None]:
    while True:
        started = version
        async with contextlib.aclosing(watch(version)) as events:
            async for event in events:
                version = event.object["metadata"]["resourceVersion"]
                if event.type != "BOOKMARK":
                    yield event
        if version == started:
            await clock.sleep(_PAUSE)


def _difference(known: dict[str, Object], listed: Iterable[Object]) -> Iterator[WatchEvent]:
    """What a new list says that is not known yet, in events."""
    there = {obj["metadata"]["uid"]: obj for obj in listed}
    for uid, obj in known.items():
        if uid not in there:
            yield WatchEvent("DELETED", obj)
    for uid, obj in there.items():
        before = known.get(uid)
        if before is None:
            yield WatchEvent("ADDED", obj)
        elif before["metadata"]["resourceVersion"] != obj["metadata"]["resourceVersion"]:
            yield WatchEvent("MODIFIED", obj)


def _noted(known: dict[str, Object], event: WatchEvent) -> WatchEvent:
    uid = event.object["metadata"]["uid"]
    if event.type == "DELETED":
        known.pop(uid, None)
    else:
        known[uid] = event.object
    return event
