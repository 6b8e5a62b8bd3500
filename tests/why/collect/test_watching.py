"""When it is worth looking again, on a clock that stands still."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from tests.why.collect.api import Api, listed

from pullscope.base.clock import ManualClock
from pullscope.kube.api import WatchEvent
from pullscope.kube.status import ApiError
from pullscope.oci import reference
from pullscope.why.collect import watching
from pullscope.why.collect.questions import Question
from pullscope.why.collect.recall import FRESH, Recall
from pullscope.why.collect.scope import Scope
from pullscope.why.facts import RegistryImage

SCOPE = Scope("demo", labels="app=x")


class Watched(Api):
    """`events` come one after the other; then nothing does."""

    def __init__(self, *events: WatchEvent | Exception) -> None:
        super().__init__({"/api/v1/namespaces/demo/pods": listed()})
        self.events = events
        self.watched: dict[str, Any] = {}

    async def watch(self, *_: object, **options: Any) -> AsyncGenerator[WatchEvent, None]:
        self.watched = options
        for event in self.events:
            if isinstance(event, Exception):
                raise event
            yield event
        await asyncio.Event().wait()


async def waited(api: Watched) -> float:
    """How many seconds it took."""
    clock = ManualClock()
    waiting = asyncio.ensure_future(watching.until_worth_it(api, SCOPE, "7", clock))  # type: ignore[arg-type]  # what is needed of one
    while not waiting.done():
        for _ in range(20):  # until nothing but the clock is waited for
            await clock.sleep(0)
        if not waiting.done() and (left := clock.next_wake()) is not None:
            clock.advance(left)
    return clock.monotonic()


CHANGED = WatchEvent("MODIFIED", {"metadata": {}})
BOOKMARK = WatchEvent("BOOKMARK", {"metadata": {}})


@pytest.mark.parametrize(
    ("events", "seconds"),
    [
        ((CHANGED,), watching.REST),
        ((BOOKMARK, CHANGED), watching.REST),
        ((), watching.PERIOD + watching.REST),
        ((BOOKMARK,), watching.PERIOD + watching.REST),
        ((ApiError(410, "Expired", "too old"),), watching.REST),
        ((ApiError(403, "Forbidden", "no watch for you"),), watching.PERIOD + watching.REST),
    ],
    ids=["change", "bookmark, change", "nothing", "bookmark", "expired", "forbidden"],
)
async def test_how_long_one_waits(events: tuple[Any, ...], seconds: float) -> None:
    api = Watched(*events)
    assert await waited(api) == seconds
    assert api.watched == {"resource_version": "7", "labels": "app=x"}


async def test_the_version_from_which_changes_count() -> None:
    assert await watching.version(Watched(), SCOPE) == "7"


def test_registries_are_not_asked_again_so_soon() -> None:
    clock = ManualClock()
    recall, question = Recall(clock), Question(reference.literal("r.test/app:v1"))
    assert recall.of(question) is None
    answers = recall.keep(question, {"r.test/app:v1": RegistryImage("found", "sha256:1")})
    clock.advance(FRESH - 1)
    assert recall.of(question) == answers
    assert recall.of(Question(question.name, held={"sha256:2"})) is None  # more would be asked for
    clock.advance(1)
    assert recall.of(question) is None
