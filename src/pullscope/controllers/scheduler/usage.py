"""What the pods of each node take together, kept as sums: to place a pod costs the same however many there are.

Upstream: NodeInfo.AddPod and RemovePod, pkg/scheduler/framework/types.go, v1.36.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from pullscope.controllers.cache import Key
from pullscope.controllers.demand import COMPARED, Demand


@dataclass
class Load:
    """One node's pods: how many, their requests and weights in sum, and how many there are of each ReplicaSet."""

    pods: int = 0
    requests: dict[str, int] = field(default_factory=dict)
    weight: list[int] = field(default_factory=lambda: [0] * len(COMPARED))
    owners: Counter[str] = field(default_factory=Counter)

    def add(self, demand: Demand, sign: int) -> None:
        self.pods += sign
        for name, amount in demand.requests.items():
            self.requests[name] = self.requests.get(name, 0) + sign * amount
        self.weight = [before + sign * amount for before, amount in zip(self.weight, demand.weight, strict=True)]
        if demand.owner:
            self.owners[demand.owner] += sign
            if not self.owners[demand.owner]:
                del self.owners[demand.owner]


NOTHING = Load()


class Usage:
    """Which pods are on which node. `loads` are their sums by node name; a node without pods may be missing."""

    def __init__(self) -> None:
        self._pods: dict[Key, tuple[str, Demand]] = {}
        self._loads: dict[str, Load] = {}

    @property
    def loads(self) -> Mapping[str, Load]:
        return self._loads

    def take(self, pod: Key, node: str, demand: Demand) -> None:
        """The pod is on that node and takes so much; where it was before, it is no more."""
        if self._pods.get(pod) != (node, demand):
            self.release(pod)
            self._pods[pod] = (node, demand)
            self._loads.setdefault(node, Load()).add(demand, 1)

    def release(self, pod: Key) -> bool:
        """The pod takes nothing any more; whether it did."""
        before = self._pods.pop(pod, None)
        if before is None:
            return False
        node, demand = before
        self._loads[node].add(demand, -1)
        if not self._loads[node].pods:
            del self._loads[node]
        return True
