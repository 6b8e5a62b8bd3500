"""What a watch hands out: first what there is, where that was asked, then what changes, as its selection sees it."""

from collections import deque
from collections.abc import Iterable
from typing import Protocol, Self

from pullscope.apiserver.selection import Selection
from pullscope.apiserver.store.records import Bookmark, Event


class Source(Protocol):
    """What changes come from: a watch of the store, or what looks like one."""

    async def __anext__(self) -> Event | Bookmark: ...

    def next_ready(self) -> Event | Bookmark | None:
        """The next change, if it is there already."""

    def close(self) -> None:
        """End at once and cost nothing any more. May be called twice."""


class Changes:
    """An async iterator over one watch. Ends when the store closes; `aclose` it when done.

    Raises ApiError 410 when its reader falls behind the history.
    """

    def __init__(self, watch: Source, selection: Selection, first: Iterable[Event | Bookmark] = ()) -> None:
        self._watch = watch
        self._seen = _everything if selection.everything else selection.seen
        self._first = deque(first)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event | Bookmark:
        if self._first:
            return self._first.popleft()
        while True:
            change = await anext(self._watch)
            if isinstance(change, Bookmark):
                return change
            if (seen := self._seen(change)) is not None:
                return seen

    def next_ready(self) -> Event | Bookmark | None:
        """The next one, if it is there already: those that come together can be sent together."""
        if self._first:
            return self._first.popleft()
        while (change := self._watch.next_ready()) is not None:
            if isinstance(change, Bookmark):
                return change
            if (seen := self._seen(change)) is not None:
                return seen
        return None

    async def aclose(self) -> None:
        self._first.clear()
        self._watch.close()


def _everything(event: Event) -> Event:
    return event
