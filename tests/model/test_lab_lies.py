"""Lies that are planted in a whole lab are found, and told as commands."""

from collections.abc import Callable

import pytest
from tests.model.kubelets import Release
from tests.model.lies import AsksNobody, KeepsImages
from tests.model.steps import TAGS
from tests.model.test_lab import Lab

from pullscope.cri.api import ImageService
from pullscope.lab.config import Seams

V1 = TAGS[0]


def _lied(lie: Seams, steps: Callable[[Lab], object]) -> None:
    class Deceived(Lab):
        """A life with the lie in it."""

    Deceived.seams = lie
    life = Deceived()
    try:
        life.begin("cri-o", Release(), "red.war", empty=1)
        steps(life)
    finally:
        life.teardown()


@pytest.mark.parametrize(
    ("lie", "steps"),
    [
        (AsksNobody, lambda life: (life.pod("crc", V1, "Always", ("good",)), life.push(V1, "green.war"), life.stop(1))),
        (KeepsImages, lambda life: (life.delete_pod(0), life.rmi("crc", V1), life.pod("crc", V1, "Never", ("good",)))),
    ],
    ids=["a restart asks nobody", "rmi keeps the image"],
)
def test_a_lie_is_found(lie: Callable[[ImageService], ImageService], steps: Callable[[Lab], object]) -> None:
    with pytest.raises(AssertionError, match=r"(?s)the rules say: .*\$ pullscope up .*\$ kubectl run p"):
        _lied(Seams(images=lie), steps)
