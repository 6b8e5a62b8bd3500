"""Pulls at the same time: joined, told of, cut when nobody waits."""

import asyncio

import pytest

from pullscope.base import tasks
from pullscope.base.clock import ManualClock
from pullscope.cri.api import CriError
from pullscope.cri.embedded.underway import PullUnderWay, UnderWay
from pullscope.oci.documents import Descriptor

LAYER = Descriptor.of("text/plain", b"a layer")


class World:
    """Pulls that end when the gate is opened."""

    def __init__(self) -> None:
        self.clock, self.gate, self.idle = ManualClock(), asyncio.Event(), 0
        self.under_way = UnderWay(self.clock, self._idle)
        self.worked: list[str] = []

    def _idle(self) -> None:
        self.idle += 1

    async def pull(self, key: str, error: str = "") -> str:
        async def work(pull: PullUnderWay) -> str:
            self.worked.append(pull.image)
            await self.gate.wait()
            if error:
                raise CriError(error)
            return "id"

        return await self.under_way.join(key, f"image {key}", work)

    async def begun(self, *keys: str, error: str = "") -> list[asyncio.Task[str]]:
        pulls = [asyncio.create_task(self.pull(key, error)) for key in keys]
        while not self.worked:
            await self.clock.sleep(0)
        return pulls


async def test_the_same_pull_is_made_once() -> None:
    w = World()
    pulls = await w.begun("a", "a", "b")
    assert [pull.image for pull in w.under_way.pulls] == w.worked == ["image a", "image b"]
    w.gate.set()
    assert await asyncio.gather(*pulls) == ["id"] * 3
    assert (w.under_way.pulls, bool(w.under_way), w.idle) == ([], False, 1)


async def test_who_has_a_pull_in_hand_sees_how_it_ends() -> None:
    w = World()
    pulls = await w.begun("a", error="no space left on device")
    (pull,) = w.under_way.pulls
    told = asyncio.Event()
    with w.under_way.bell.heard(told):
        phases = [pull.phase]
        pull.downloads.begin([LAYER], [LAYER])
        phases.append(pull.phase)
        pull.downloads.finished(LAYER)
        phases.append(pull.phase)
        assert (phases, pull.seconds) == (["Resolving", "Downloading", "Unpacking"], 0)
        w.clock.advance(3)
        w.gate.set()
        await told.wait()
    w.clock.advance(3)
    assert (pull.phase, pull.seconds, pull.error) == ("Failed", 3, "no space left on device")
    with pytest.raises(CriError):
        await pulls[0]


async def test_a_pull_is_cut_when_the_last_one_leaves() -> None:
    w = World()
    first, second = await w.begun("a", "a")
    (pull,) = w.under_way.pulls
    await tasks.end(first)
    assert w.under_way.pulls == [pull]
    await tasks.end(second)
    while w.under_way:
        await w.clock.sleep(0)
    assert (pull.phase, pull.error, w.idle) == ("Failed", "cancelled", 1)
    w.gate.set()
    assert await w.pull("a") == "id"
