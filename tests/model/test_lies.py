"""The model is worth something: each lie that is planted in a node is found, by a few steps of a life or by chance."""

import shutil
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.model import story
from tests.model.kubelets import Lies, Release
from tests.model.model import Key, Name
from tests.model.places import Place
from tests.model.test_pulls import Life

from pullscope.base.clock import Clock
from pullscope.cri.api import AuthConfig, CriError, Image, ImageService
from pullscope.node.records import Records
from pullscope.pull import access
from pullscope.pull.verification import PRELOADED, Verification

TAG, MINE = Name("shop", "v1"), Key("mine", "one")


class Wrapper:
    """Hands on what it does not lie about."""

    def __init__(self, real: ImageService) -> None:
        self.real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


class DeniesImages(Wrapper):
    """IfNotPresent always pulls: no name leads to an image."""

    async def image_status(self, image: str) -> Image | None:
        return None if "/" in image else await self.real.image_status(image)


class AsksNobody(Wrapper):
    """Always uses the cache."""

    async def pull_image(self, image: str, auth: AuthConfig | None = None) -> str:
        found = await self.real.image_status(image)
        return found.id if found else await self.real.pull_image(image, auth)


class FallsBack(Wrapper):
    """A pull that fails takes what is there."""

    async def pull_image(self, image: str, auth: AuthConfig | None = None) -> str:
        try:
            return await self.real.pull_image(image, auth)
        except CriError:
            found = await self.real.image_status(image)
            if found is None:
                raise
            return found.id


class RunsTheOldImage(Wrapper):
    """A tag that has moved is pulled, and the pod gets what the tag led to before."""

    async def pull_image(self, image: str, auth: AuthConfig | None = None) -> str:
        found = await self.real.image_status(image)
        pulled = await self.real.pull_image(image, auth)
        return found.id if found else pulled


class KeepsImages(Wrapper):
    """`crictl rmi` says that it has removed the image."""

    async def remove_image(self, image: str) -> None:
        return


class ForgetsRecords(Records):
    """A kubelet that starts knows nothing of the one before."""

    def __init__(self, root: Path, clock: Clock, policy: Verification = PRELOADED) -> None:
        shutil.rmtree(root / "image_manager", ignore_errors=True)
        super().__init__(root, clock, policy)


class BelievesEverybody(Records):
    """Nobody's credentials are asked for."""

    async def verify(self, *_: object, **__: object) -> access.Verdict:
        return access.Exempt()


class ForgetsUnfinished(Records):
    """A pull whose end nobody has seen counts as never begun."""

    async def settle(self, images: Iterable[Image]) -> None:
        await super().settle(images)
        for image in [*self._pulled]:
            if not self._pulled[image].record.credentials:
                del self._pulled[image]


class KeepsRecords(Records):
    """Records of images that went for lack of space stay."""

    async def prune(self, images: Collection[str], until: datetime) -> None:
        return


@dataclass(frozen=True)
class Found:
    """A lie, and what has to happen after `begin` for it to be found; `newer` is what is pushed there last."""

    lies: Lies
    steps: Callable[[Life], object]
    newer: str = "green.war"

    def __str__(self) -> str:
        return (self.lies.images if self.lies.records is Records else self.lies.records).__name__


FOUND = [
    Found(Lies(images=DeniesImages), lambda life: life.start(TAG, "IfNotPresent", [MINE])),
    Found(Lies(images=AsksNobody), lambda life: life.start(TAG, "Always", [MINE])),
    Found(Lies(images=FallsBack), lambda life: (life.fault("401"), life.start(TAG, "Always", [MINE]))),
    Found(Lies(images=RunsTheOldImage), lambda life: life.start(TAG, "Always", [MINE])),
    Found(Lies(images=KeepsImages), lambda life: (life.end(0), life.rmi(TAG), life.start(TAG, "Never", [MINE]))),
    Found(Lies(records=ForgetsRecords), lambda life: (life.restart(Release(), True), life.start(TAG, "Never", []))),
    Found(Lies(records=BelievesEverybody), lambda life: life.start(TAG, "Never", [])),
    Found(Lies(records=ForgetsUnfinished), lambda life: (life.kill(TAG, "one"), life.start(TAG, "Never", [MINE]))),
    Found(
        Lies(records=KeepsRecords),
        lambda life: (life.end(0), life.collect(True), life.load(TAG, "one"), life.start(TAG, "Never", [])),
        newer="red.war",
    ),
]


def lived(place: Place, lies: Lies, found: Found) -> None:
    class Deceived(Life):
        """A life with the lies in it."""

    Deceived.lies, Deceived.place = lies, place
    life = Deceived()
    try:
        life.begin("cri-o", Release(), "", "red.war", found.newer)
        found.steps(life)
    finally:
        life.teardown()


@pytest.mark.parametrize("found", FOUND, ids=str)
def test_a_lie_is_found(place: Place, found: Found) -> None:
    lived(place, Lies(), found)
    with pytest.raises(AssertionError, match="the rules say: "):
        lived(place, found.lies, found)


def test_a_lie_is_found_by_chance(place: Place) -> None:
    """A failure tells its story as commands."""

    class Deceived(Life):
        """A life in which Always uses the cache."""

    Deceived.lies, Deceived.place = Lies(images=AsksNobody), place
    with pytest.raises(AssertionError, match=r"(?s)\$ pullscope up .*\$ kubectl run pod"):
        story.live(Deceived, lives=10, steps=20)
