"""Where the cases are tried: a cluster, a namespace there, and a repository that its nodes pull from and we push to."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pullscope.base.clock import Clock
from pullscope.kube.api import Api, LogOptions
from pullscope.verify.byhand.hands import Oc, Ran
from pullscope.verify.misbehaving import Serve
from pullscope.verify.repository import Repository


class Cluster(Api, Protocol):
    """What is asked of a cluster; `clusters.Cluster` is one."""

    @property
    def server(self) -> str:
        """The API server's URL."""

    async def version(self) -> str:
        """The API server's version."""

    async def read(self, path: str) -> bytes:
        """The body of a GET as it came."""

    async def logs(self, namespace: str, pod: str, options: LogOptions) -> str:
        """The log of one container."""

    def follow_logs(self, namespace: str, pod: str, options: LogOptions) -> AsyncGenerator[str, None]:
        """Its lines as they are written."""


@dataclass(frozen=True)
class Place:
    """The namespace of a run: `name`, or one that is named after the run where that is empty.

    `create`: make it (with `project`, by asking OpenShift for a project) and remove it at the end. Otherwise it must be
    there, and only what the run made in it is removed.
    """

    name: str = ""
    create: bool = True
    project: bool = False


Source = Callable[[str, str], Awaitable[Repository]]
"""Gives the repository for a namespace and a run, which it may have to make. Raises UnreachableError."""


@dataclass(frozen=True)
class Builds:
    """In place of a repository: the cluster builds the images, from `base`, and `oc` types all that a person would."""

    oc: Oc
    base: str


Look = Callable[[str], Awaitable[Sequence[str]]]
"""All names of images that a node has at this moment, as somebody on the node sees them. Raises PullscopeError."""

Crictl = Callable[[str, Sequence[str]], Awaitable[Ran]]
"""Runs crictl with those words on a node. Raises PullscopeError."""


@dataclass(frozen=True)
class Target:
    """`kind` is what reports call the cluster: `lab` or `cluster`.

    `unknown`: nobody has tried the cases there before, so rights are asked for and a probe pod pulls first. `node` is the
    only one to use (empty: any; where a probe went, its node). `look` sees a node's images without asking the API, `crictl` works on nodes.
    `misbehaving` serves registries for the cases that take one (None: they cannot be made). `speed` is how many times as fast
    as this machine's the cluster's time runs, which `clock` tells. `always_pull_images`: the admission plugin of that name is
    known to be on; where a probe goes, it finds out. `parallel_pulls`: its nodes are known to pull several images at a time.
    """

    kind: str
    cluster: Cluster
    source: Source | Builds
    clock: Clock
    place: Place = Place()
    unknown: bool = False
    node: str = ""
    look: Look | None = None
    crictl: Crictl | None = None
    misbehaving: Serve | None = None
    speed: float = 1.0
    always_pull_images: bool = False
    parallel_pulls: bool = False


def fixed(repository: Repository) -> Source:
    """A repository that is there."""

    async def source(_namespace: str, _run: str) -> Repository:
        return repository

    return source
