"""The model is worth something: each lie that is planted in a node is found, by a few steps of a life or by chance."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from tests.model import lies, story
from tests.model.kubelets import Lies, Release
from tests.model.model import Key, Name
from tests.model.places import Place
from tests.model.test_pulls import Life

from pullscope.node.records import Records

TAG, MINE = Name("shop", "v1"), Key("mine", "one")


@dataclass(frozen=True)
class Found:
    """A lie, and what has to happen after `begin` for it to be found; `newer` is what is pushed there last."""

    planted: Lies
    steps: Callable[[Life], object]
    newer: str = "green.war"

    def __str__(self) -> str:
        return (self.planted.images if self.planted.records is Records else self.planted.records).__name__


FOUND = [
    Found(Lies(images=lies.DeniesImages), lambda life: life.start(TAG, "IfNotPresent", [MINE])),
    Found(Lies(images=lies.AsksNobody), lambda life: life.start(TAG, "Always", [MINE])),
    Found(Lies(images=lies.FallsBack), lambda life: (life.fault("401"), life.start(TAG, "Always", [MINE]))),
    Found(Lies(images=lies.RunsTheOldImage), lambda life: life.start(TAG, "Always", [MINE])),
    Found(Lies(images=lies.KeepsImages), lambda life: (life.end(0), life.rmi(TAG), life.start(TAG, "Never", [MINE]))),
    Found(
        Lies(records=lies.ForgetsRecords), lambda life: (life.restart(Release(), True), life.start(TAG, "Never", []))
    ),
    Found(Lies(records=lies.BelievesEverybody), lambda life: life.start(TAG, "Never", [])),
    Found(Lies(records=lies.ForgetsUnfinished), lambda life: (life.kill(TAG, "one"), life.start(TAG, "Never", [MINE]))),
    Found(
        Lies(records=lies.KeepsRecords),
        lambda life: (life.end(0), life.collect(True), life.load(TAG, "one"), life.start(TAG, "Never", [])),
        newer="red.war",
    ),
]


def lived(place: Place, planted: Lies, found: Found) -> None:
    class Deceived(Life):
        """A life with the lies in it."""

    Deceived.lies, Deceived.place = planted, place
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
        lived(place, found.planted, found)


def test_a_lie_is_found_by_chance(place: Place) -> None:
    """A failure tells its story as commands."""

    class Deceived(Life):
        """A life in which Always uses the cache."""

    Deceived.lies, Deceived.place = Lies(images=lies.AsksNobody), place
    with pytest.raises(AssertionError, match=r"(?s)\$ pullscope up .*\$ kubectl run pod"):
        story.live(Deceived, lives=10, steps=20)
