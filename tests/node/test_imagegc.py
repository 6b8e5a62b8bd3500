"""Image collection at work: every five minutes, on a clock of its own, beside a runtime that is used."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import cast

from tests.node.fakes import FakeImages, image

from pullscope.base import tasks
from pullscope.base.clock import ManualClock
from pullscope.cri.api import ContainerStatus, CriError, RuntimeService
from pullscope.node.imagegc import INTERVAL_SECONDS, Collector, Limits
from pullscope.pull.collect import Rules

OLD, NEW, BIG = "r.test/app:old", "r.test/app:new", "r.test/big:v1"


class Runtime:
    """The containers that there are, by the images that they use."""

    def __init__(self) -> None:
        self.used: set[str] = set()
        self.down = False

    async def list_containers(self) -> list[ContainerStatus]:
        if self.down:
            raise CriError("the runtime is down", code="Unavailable")
        return [cast("ContainerStatus", _Container(used)) for used in sorted(self.used)]


class _Container:
    """All that is looked at of a container."""

    def __init__(self, image_id: str) -> None:
        self.image_id = image_id


class World:
    def __init__(self, rules: Rules, disk: int | None) -> None:
        self.clock, self.images, self.runtime = ManualClock(), FakeImages(), Runtime()
        self.said: list[tuple[str, str]] = []
        self.changes = 0
        limits = Limits(rules, disk)
        runtime = cast("RuntimeService", self.runtime)
        self.pruned: list[tuple[set[str], datetime]] = []
        self.counted: list[str] = []
        self.collector = Collector(
            self.images, runtime, self.clock, limits, self._say, self._changed, self._prune, self.counted.append
        )

    async def _say(self, reason: str, message: str) -> None:
        self.said.append((reason, message))

    def _changed(self) -> None:
        self.changes += 1

    async def _prune(self, images: Collection[str], until: datetime) -> None:
        self.pruned.append((set(images), until))

    def load(self, ref: str, size: int = 100) -> str:
        found = image(ref, ref, size=size)
        self.images.load(found)
        return found.id

    async def round(self) -> list[str]:
        """What is left after the next round."""
        self.clock.advance(INTERVAL_SECONDS)
        await self.settled()
        return sorted(self.images.node)

    async def settled(self) -> None:
        while self.clock.next_wake() != INTERVAL_SECONDS:
            await self.clock.sleep(0)


@asynccontextmanager
async def world(rules: Rules | None = None, disk: int | None = None) -> AsyncIterator[World]:
    made = World(rules or Rules(), disk)
    running = asyncio.create_task(made.collector.run())
    await made.settled()
    try:
        yield made
    finally:
        await tasks.end(running)


async def test_without_a_disk_that_is_full_or_an_age_all_stay() -> None:
    async with world() as w:
        w.load(OLD)
        for _ in range(50):
            assert await w.round() == [OLD]
        assert w.said == []


async def test_what_nobody_used_for_the_maximum_age_goes() -> None:
    async with world(Rules(maximum_age=timedelta(minutes=20))) as w:
        w.load(OLD)
        w.runtime.used = {w.load(NEW)}
        assert [len(await w.round()) for _ in range(5)] == [2, 2, 2, 2, 1]
        w.runtime.used = set()
        assert [await w.round() for _ in range(5)] == [[NEW]] * 4 + [[]]
        assert w.changes == 2
        assert w.counted == ["age"] * 2


async def test_a_full_disk_loses_what_was_unused_longest() -> None:
    async with world(disk=1000) as w:
        w.load(OLD, 300)
        assert await w.round() == [OLD]
        w.load(NEW, 300)
        assert await w.round() == [NEW, OLD]
        assert w.pruned == []
        w.load(BIG, 300)
        assert await w.round() == [NEW, BIG]
        assert w.said == []
        assert w.counted == ["space"]
        assert w.pruned == [({w.images.node[NEW].id, w.images.node[BIG].id}, w.clock.now())]


async def test_before_1_35_there_is_nothing_to_prune() -> None:
    async with world(disk=1000) as w:
        w.collector.limits = Limits(Rules(), 1000, (1, 34))
        w.load(BIG, 900)
        assert [await w.round() for _ in range(2)] == [[BIG], []]
        assert w.pruned == []


async def test_a_disk_that_cannot_be_freed_is_told() -> None:
    async with world(disk=1000) as w:
        w.runtime.used = {w.load(BIG, 900)}
        await w.round()
        text = (
            "Insufficient free disk space on the node's image filesystem (90% of 1000 B used). Failed to free sufficient "
            "space by deleting unused images (freed 0 bytes). Investigate disk usage, as it could be used by active images, "
            "logs, volumes, or other data."
        )
        assert w.said == [("FreeDiskSpaceFailed", text)]
        await w.round()
        assert w.said[1:] == [("FreeDiskSpaceFailed", text), ("ImageGCFailed", text)]
        w.runtime.used = set()
        assert await w.round() == []
        assert len(w.said) == 3


async def test_a_runtime_that_is_away_is_asked_again() -> None:
    async with world(Rules(maximum_age=timedelta(minutes=4))) as w:
        w.load(OLD)
        w.runtime.down = True
        assert await w.round() == [OLD]
        assert w.said == []
        assert await w.round() == [OLD]
        assert w.said == [("ImageGCFailed", "rpc error: code = Unavailable desc = the runtime is down")]
        w.runtime.down = False
        assert await w.round() == []
        assert len(w.said) == 1


async def test_an_image_that_cannot_be_removed_is_told_from_the_second_time_on() -> None:
    """Without FreeDiskSpaceFailed, as upstream: it is not the space that was missing."""
    stuck = "rpc error: code = Unknown desc = image used by c1: image is in use by a container"
    async with world(disk=1000) as w:
        w.images.stuck = {w.load(OLD, 900)}
        await w.round()  # too young to go
        assert [reason for reason, _ in w.said] == ["FreeDiskSpaceFailed"]
        assert await w.round() == [OLD]
        text = f"wanted to free 100 bytes, but freed 0 bytes space with errors in image deletion: {stuck}"
        assert w.said[1:] == [("ImageGCFailed", text)]
    async with world(Rules(maximum_age=timedelta(minutes=4))) as w:
        w.images.stuck = {w.load(OLD)}
        assert [await w.round(), await w.round()] == [[OLD], [OLD]]
        assert w.said[0][1].startswith(
            "wanted to free images older than 4m0s, encountered errors in image deletion: rpc"
        )


async def test_nobody_looks_at_a_hundred_percent() -> None:
    made = World(Rules(high=100), disk=1000)
    made.load(BIG, 1000)
    await made.collector.run()  # it ends
    assert made.images.node
