"""What all cases of a run share: the target, the namespace, the watches, the images, the repository."""

from collections.abc import Callable
from dataclasses import dataclass

from pullscope.base.clock import Clock
from pullscope.verify import objects
from pullscope.verify.case import Case
from pullscope.verify.evidence import Obstacle
from pullscope.verify.objects import Fit
from pullscope.verify.repository import Repository
from pullscope.verify.target import Cluster, Look
from pullscope.verify.variants import Images
from pullscope.verify.watcher import Watcher

OUTCOME = 60.0
"""Seconds that a pod may take to come to something, or to be gone."""


def nothing_known(_: Case) -> Obstacle | None:
    """Where nobody looked for obstacles beforehand."""
    return None


@dataclass(frozen=True)
class Stage:
    """One run's surroundings. `run` is in the name of everything it creates.

    `fit` is what its pods have in common, `known` tells what keeps a case from being made here, `at_once` how many cases may
    run side by side (None: all).
    """

    run: str
    namespace: str
    cluster: Cluster
    repository: Repository
    images: Images
    watcher: Watcher
    clock: Clock
    fit: Fit = objects.ANYWHERE
    known: Callable[[Case], Obstacle | None] = nothing_known
    at_once: int | None = None
    look: Look | None = None
