"""The documented rules of pods, above those of images in `model`: when a container starts, and what is kept meanwhile.

Independent of the product too. What depends on an order that nobody promises (whose container starts first after a restart,
who is tried first when the registry is back) gives several clusters; what is seen tells which of them it was.
"""

import copy
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.model.model import Key, Name, Node, Registry

WAITING = "Err", "Registry"
"""How the reasons of those begin who wait."""


@dataclass
class Pod:
    """A pod: where it is, what it says, and its `outcome` (the image that it runs, or why it waits).

    `containers` are the images that its containers ran, oldest first: the last one's and the one's before are kept.
    """

    node: str
    name: Name
    policy: str
    secrets: tuple[str, ...] = ()
    outcome: str = ""
    containers: list[str] = field(default_factory=list)

    @property
    def waits(self) -> bool:
        return self.outcome.startswith(WAITING)

    @property
    def restarts(self) -> int:
        return max(0, len(self.containers) - 1)


@dataclass
class Cluster:
    """All there is. `secrets` are those that exist, by `namespace/name`."""

    registry: Registry = field(default_factory=Registry)
    nodes: dict[str, Node] = field(default_factory=dict)
    secrets: dict[str, Key] = field(default_factory=dict)
    pods: dict[str, Pod] = field(default_factory=dict)

    def attempt(self, name: str) -> str:
        """A container of that pod is to start: the policy is applied, with the secrets as they are now."""
        pod = self.pods[name]
        keys = [self.secrets[secret] for secret in pod.secrets if secret in self.secrets]
        pod.outcome = self.nodes[pod.node].start(pod.name, pod.policy, keys, self.registry)
        if not pod.waits:
            pod.containers.append(pod.outcome)
        self.look()
        return pod.outcome

    def look(self) -> None:
        """What containers use now, on all nodes."""
        for name, node in self.nodes.items():
            node.used = [image for pod in self.pods.values() if pod.node == name for image in pod.containers[-2:]]

    def gone(self, name: str) -> None:
        """The pod is deleted, and its containers are removed."""
        del self.pods[name]
        self.look()

    def rolled_out(self, web: Sequence[str]) -> list[str]:
        """Which pods of a Deployment of one replica stay, of those that there are, oldest first.

        The newest alone as soon as it runs; else the one that runs beside it, or the only one before.
        """
        *older, newest = web or [""]
        if not older or not self.pods[newest].waits:
            return [newest] if web else []
        running = [name for name in older if not self.pods[name].waits]
        return [(running or older)[-1], newest]

    # ----------------------------------------------------------------------------------- in some order

    def attempts(self) -> "list[Cluster]":
        """The nodes have restarted: every pod's container starts anew, in any order."""
        found = [self]
        for node in self.nodes:
            here = [name for name, pod in self.pods.items() if pod.node == node]
            orders = list(itertools.permutations(here))
            found = distinct(cluster.tried(order) for cluster in found for order in orders)
        return found

    def tried(self, order: Sequence[str]) -> "Cluster":
        made = copy.deepcopy(self)
        for name in order:
            made.attempt(name)
        return made

    def later(self) -> "list[Cluster]":
        """After more than five minutes: whoever waits was tried, again and again, until nobody got any further."""
        waiting = [name for name, pod in self.pods.items() if pod.waits]
        tried = [(name, self.tried([name])) for name in waiting]
        further = [made for name, made in tried if not made.pods[name].waits]
        if not further:
            return [self.tried(waiting)]
        return distinct(last for made in further for last in made.later())


def distinct(clusters: "Iterable[Cluster]") -> list[Cluster]:
    """Each of them once."""
    found: list[Cluster] = []
    for cluster in clusters:
        if cluster not in found:
            found.append(cluster)
    return found
