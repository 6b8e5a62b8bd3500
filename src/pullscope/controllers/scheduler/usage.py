"""What the pods of each node take together, kept as sums: to place a pod costs the same however many there are.

Upstream: NodeInfo.AddPod and RemovePod, pkg/scheduler/framework/types.go, v1.36.
"""

from collections.abc import Mapping
from fractions import Fraction

from pullscope.controllers.amounts import Amounts
from pullscope.controllers.cache import Key

_ONE: Amounts = {"pods": Fraction(1)}


class Usage:
    """Which pods are on which node. `totals` are their sums by node name, `pods` among them."""

    def __init__(self) -> None:
        self._pods: dict[Key, tuple[str, Amounts]] = {}
        self._totals: dict[str, dict[str, Fraction]] = {}

    @property
    def totals(self) -> Mapping[str, Amounts]:
        return self._totals

    def take(self, pod: Key, node: str, requests: Amounts) -> None:
        """The pod is on that node and takes so much; where it was before, it is no more."""
        if self._pods.get(pod) != (node, requests):
            self.release(pod)
            self._pods[pod] = (node, requests)
            self._add(node, requests, 1)

    def release(self, pod: Key) -> bool:
        """The pod takes nothing any more; whether it did."""
        before = self._pods.pop(pod, None)
        if before is not None:
            self._add(*before, -1)
        return before is not None

    def _add(self, node: str, requests: Amounts, sign: int) -> None:
        totals = self._totals.setdefault(node, {})
        for part in (requests, _ONE):
            for name, amount in part.items():
                totals[name] = totals.get(name, Fraction()) + sign * amount
        if not totals["pods"]:
            del self._totals[node]
