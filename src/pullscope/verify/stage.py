"""What all cases of a run share: the target, the namespace, the watches; with fresh tags the images and the repository."""

from collections.abc import Callable
from dataclasses import dataclass

from pullscope.base.clock import Clock
from pullscope.verify import objects
from pullscope.verify.case import Case
from pullscope.verify.evidence import Obstacle
from pullscope.verify.misbehaving import Opened
from pullscope.verify.objects import Fit
from pullscope.verify.repository import Repository
from pullscope.verify.target import Cluster, Crictl, Look
from pullscope.verify.variants import Images
from pullscope.verify.watcher import Watcher


def nothing_known(_: Case) -> Obstacle | None:
    """Where nobody looked for obstacles beforehand."""
    return None


@dataclass(frozen=True, kw_only=True)
class Ground:
    """One run's surroundings, whatever the method. `run` is in the name of everything it creates.

    `fit` is what its pods have in common, `known` tells what keeps a case from being made here, `at_once` how many cases may
    run side by side (None: all). `outcome`: how many seconds a pod may take to come to something, or to be gone; `saying`: how
    many its program to say which image it is; `quiet`: for how many seconds a pull that must wait on is watched. `parallel_pulls`: nodes pull several images at a time.
    """

    run: str
    namespace: str
    cluster: Cluster
    watcher: Watcher
    clock: Clock
    fit: Fit = objects.ANYWHERE
    known: Callable[[Case], Obstacle | None] = nothing_known
    at_once: int | None = None
    look: Look | None = None
    outcome: float = 60.0
    saying: float = 10.0
    quiet: float = 20.0
    parallel_pulls: bool = False


@dataclass(frozen=True, kw_only=True)
class Stage(Ground):
    """The surroundings of a run with fresh tags: the images that it makes, and where they go.

    `misbehaving` opens a registry for one case; None where there can be none. `crictl` works on nodes, where that is allowed.
    `always_pull_images`: the admission plugin of that name is on. `keep`: what is made stays, to be looked at.
    """

    repository: Repository
    images: Images
    misbehaving: Opened | None = None
    crictl: Crictl | None = None
    always_pull_images: bool = False
    keep: bool = False
