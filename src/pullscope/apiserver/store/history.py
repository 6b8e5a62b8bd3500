"""The last changes, and the watches that follow them.

A watch keeps no queue of its own: it remembers the first change that it has not handed out and reads on from there in
the one shared window. So a thousand watches cost next to nothing, a slow one never holds up a writer, and one that is
slower than the window is long ends with 410 Expired, whereupon its client lists anew.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from pullscope.apiserver.store.records import Bookmark, Event, Key, Stored
from pullscope.kube import status
from pullscope.kube.resources import Resource

# k8s.io/apiserver v0.36 pkg/storage/etcd3/errors.go
_LIST_TOO_OLD = "The resourceVersion for the provided list is too old."


class History:
    """The window of events, oldest first, at most `limit` of them over all resources."""

    def __init__(self, revision: int, limit: int) -> None:
        self.revision = revision
        self.compacted = revision
        self._limit = limit
        self._order: deque[tuple[int, str]] = deque()
        self._events: defaultdict[str, deque[Event]] = defaultdict(deque)
        self._watches: defaultdict[tuple[str, str | None], set[Watch]] = defaultdict(set)
        self._closed = False

    def publish(self, event: Event) -> None:
        """Add a committed change, forget the oldest beyond the limit, wake the watches that it concerns."""
        key = event.key
        self.revision = event.revision
        self._order.append((event.revision, key.resource))
        self._events[key.resource].append(event)
        if len(self._order) > self._limit:
            self.compacted, oldest = self._order.popleft()
            self._events[oldest].popleft()
        for scope in ((key.resource, key.namespace), (key.resource, None)):
            for watch in self._watches.get(scope, ()):
                watch.wake(event.revision)

    def since(self, resource: str, namespace: str | None, revision: int) -> Iterator[Event]:
        """The scope's events at or after `revision`, oldest first."""
        events = self._events.get(resource, ())
        start = len(events)  # and back from there: nearly always the last few are asked for
        while start and events[start - 1].revision >= revision:
            start -= 1
        for index in range(start, len(events)):
            event = events[index]
            if namespace in (None, event.key.namespace):
                yield event

    def before(self, resource: str, namespace: str | None, revision: int) -> dict[Key, Stored | None]:
        """Each object of the scope that changed after `revision`, as it was then; None where there was none.

        Raises ApiError 410 when the changes since are forgotten, 504 when the revision is ahead.
        """
        if revision > self.revision:
            raise status.too_large_resource_version(revision, self.revision)
        if revision < self.compacted:
            raise status.expired(_LIST_TOO_OLD)
        found: dict[Key, Stored | None] = {}
        for event in self.since(resource, namespace, revision + 1):
            found.setdefault(event.key, event.previous)
        return found

    def watch(self, resource: Resource, namespace: str | None, revision: int, *, bookmarks: bool) -> "Watch":
        """Follow the scope's changes after `revision`. Raises ApiError 410 when they are forgotten, 504 when it is ahead."""
        if revision > self.revision:
            raise status.too_large_resource_version(revision, self.revision)
        if revision < self.compacted:
            raise too_old(revision, self.compacted)
        watch = Watch(self, resource.qualified, namespace, bookmarks=bookmarks)
        if (first := next(self.since(resource.qualified, namespace, revision + 1), None)) is not None:
            watch.wake(first.revision)
        if self._closed:
            watch.stop()
        self._watches[watch.scope].add(watch)
        return watch

    def forget(self, watch: "Watch") -> None:
        watches = self._watches.get(watch.scope)
        if watches is not None:
            watches.discard(watch)
            if not watches:
                del self._watches[watch.scope]

    def bookmark(self) -> None:
        """Have every watch that asked for bookmarks hand one out."""
        for watch in self._all():
            watch.mark()

    def close(self) -> None:
        """End all watches after what they still have to hand out."""
        self._closed = True
        for watch in self._all():
            watch.stop()

    def _all(self) -> Iterator["Watch"]:
        return (watch for watches in self._watches.values() for watch in watches)


def too_old(revision: int, oldest: int) -> status.ApiError:
    """410 with the watch cache's sentence (k8s.io/apiserver v0.36 pkg/storage/cacher)."""
    return status.expired(f"too old resource version: {revision} ({oldest})")


class Watch:
    """An async iterator over the changes of one scope, in order, none left out. One task reads it.

    It ends when it or the store is closed. Raises ApiError 410 Expired when the reader is slower than the window is long.
    Close it when done, or use it in a `with` statement.
    """

    def __init__(self, history: History, resource: str, namespace: str | None, *, bookmarks: bool) -> None:
        self.scope = (resource, namespace)
        self._history = history
        self._bookmarks = bookmarks
        self._oldest: int | None = None
        self._ready: deque[Event] = deque()
        self._marked = False
        self._stopped = False
        self._woken = asyncio.Event()

    def wake(self, revision: int) -> None:
        """There is something to hand out from `revision` on."""
        if self._oldest is None:
            self._oldest = revision
            self._woken.set()

    def mark(self) -> None:
        """Hand out a bookmark, if the watch was opened with them, when everything before it is handed out."""
        if self._bookmarks:
            self._marked = True
            self._woken.set()

    def stop(self) -> None:
        """End after what is still to be handed out."""
        self._stopped = True
        self._woken.set()

    def close(self) -> None:
        """End at once and cost nothing any more. May be called twice."""
        self._history.forget(self)
        self._ready.clear()
        self._oldest = None
        self.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event | Bookmark:
        while True:
            self._woken.clear()
            if (event := self.next_ready()) is not None:
                return event
            if self._stopped:
                raise StopAsyncIteration
            await self._woken.wait()

    def next_ready(self) -> Event | Bookmark | None:
        """The next change, if it is there already."""
        if not self._ready and self._oldest is not None:
            self._read(self._oldest)
        if self._ready:
            return self._ready.popleft()
        if self._marked and not self._stopped:
            self._marked = False
            return Bookmark(self._history.revision)
        return None

    def _read(self, oldest: int) -> None:
        if oldest <= self._history.compacted:
            self.close()
            raise too_old(oldest, self._history.compacted)
        self._oldest = None
        self._ready.extend(self._history.since(*self.scope, oldest))
