"""Where the cases are tried: a cluster, and a repository that its nodes pull from and that we may push to."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from pullscope.base.clock import Clock
from pullscope.kube.api import Api, LogOptions
from pullscope.oci.reference import Reference
from pullscope.remote.client import RegistryClient


class Cluster(Api, Protocol):
    """What is asked of a cluster; `clusters.Cluster` is one."""

    @property
    def server(self) -> str:
        """The API server's URL."""

    async def version(self) -> str:
        """The API server's version."""

    async def logs(self, namespace: str, pod: str, options: LogOptions) -> str:
        """The log of one container."""

    def follow_logs(self, namespace: str, pod: str, options: LogOptions) -> AsyncGenerator[str, None]:
        """Its lines as they are written."""


@dataclass(frozen=True)
class Target:
    """`kind` is what reports call the cluster: `lab` or `cluster`.

    `pulled` names the repository as the nodes reach it, `pushed` as we do (without tags); `client` speaks to the
    registry of `pushed`.
    """

    kind: str
    cluster: Cluster
    client: RegistryClient
    pulled: Reference
    pushed: Reference
    clock: Clock
