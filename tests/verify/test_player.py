"""Whoever plays a scenario tells a node that does the contrary of what it must from one that cannot be worked on."""

import pytest

from pullscope.verify.byhand.hands import Ran
from pullscope.verify.scenarios import player
from pullscope.verify.scenarios.steps import Preload, RemoveImage, Step, Stop

DONE = Ran(0, "Deleted: x", "Deleted: x")
IN_USE = Ran(1, 'error of removing image "x": image used by c1: image is in use by a container', "")
NOT_THERE = Ran(127, "executable file `chroot` not found in $PATH", "")


@pytest.mark.parametrize(
    ("step", "ran", "hindrance"),
    [
        (RemoveImage(), DONE, None),
        (RemoveImage(), IN_USE, "contrary"),
        (RemoveImage(), NOT_THERE, "failed"),
        (RemoveImage(refused=True), IN_USE, None),
        (RemoveImage(refused=True), DONE, "contrary"),
        (RemoveImage(refused=True), NOT_THERE, "failed"),
        (Stop("pod"), DONE, None),
        (Stop("pod"), NOT_THERE, "failed"),
        (Preload(), IN_USE, "failed"),
    ],
)
def test_what_crictl_came_to(step: Step, ran: Ran, hindrance: str | None) -> None:
    assert player.hindrance_of(step, ran) == hindrance
