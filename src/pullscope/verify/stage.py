"""What all cases of a run share: the target, the namespace, the watches, the images, the repository."""

from dataclasses import dataclass

from pullscope.base.clock import Clock
from pullscope.verify.repository import Repository
from pullscope.verify.target import Cluster
from pullscope.verify.variants import Images
from pullscope.verify.watcher import Watcher

OUTCOME = 60.0
"""Seconds that a pod may take to come to something, or to be gone."""


@dataclass(frozen=True)
class Stage:
    """One run's surroundings. `run` is in the name of everything it creates."""

    run: str
    namespace: str
    cluster: Cluster
    repository: Repository
    images: Images
    watcher: Watcher
    clock: Clock
