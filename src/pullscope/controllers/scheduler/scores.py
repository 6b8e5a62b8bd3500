"""Which of several nodes that fit a pod is best: upstream's score plugins and their weights.

Each gives 0 to 100 points. Upstream: pkg/scheduler/framework/plugins (tainttoleration, nodeaffinity, podtopologyspread,
noderesources, imagelocality) and apis/config/v1/default_plugins.go, v1.36. What pods prefer of other pods counts for nothing
here, nor do topology spread constraints of their own.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pullscope.controllers import nodeaffinity, tolerations
from pullscope.controllers.demand import COMPARED, Demand
from pullscope.controllers.nodes import NodeView
from pullscope.controllers.scheduler.usage import NOTHING, Load
from pullscope.kube.api import Object

HIGHEST = 100
_MB = 1024 * 1024
_SMALL_IMAGE, _LARGE_IMAGE = 23 * _MB, 1000 * _MB
_HOST_SKEW = 3
"""maxSkew of upstream's default constraint on kubernetes.io/hostname."""


@dataclass(frozen=True)
class Choice:
    """A pod that is to be placed, and the nodes that it fits on; `everyone` are all nodes there are."""

    spec: Object
    demand: Demand
    fitting: Sequence[NodeView]
    everyone: Sequence[NodeView]
    loads: Mapping[str, Load]

    def load(self, node: NodeView) -> Load:
        return self.loads.get(node.name, NOTHING)


Points = list[int]
"""One number for each of the fitting nodes."""


def totals(choice: Choice) -> Points:
    """The sum of all plugins, weighted."""
    parts = [(weight, plugin(choice)) for plugin, weight in _PLUGINS]
    return [sum(weight * points[index] for weight, points in parts) for index in range(len(choice.fitting))]


def taints(choice: Choice) -> Points:
    """The fewer taints that only ask to stay away are not tolerated, the better."""
    given = [each for each in choice.spec.get("tolerations") or () if each.get("effect") in (None, "", _PREFER_NOT)]
    counts = [
        sum(taint.get("effect") == _PREFER_NOT and not tolerations.tolerates(given, taint) for taint in node.taints)
        for node in choice.fitting
    ]
    return [HIGHEST - points for points in _normalized(counts)] if any(counts) else [HIGHEST] * len(counts)


_PREFER_NOT = "PreferNoSchedule"


def affinity(choice: Choice) -> Points:
    """The preferred terms of the node affinity that match, by their weights."""
    of_nodes = (choice.spec.get("affinity") or {}).get("nodeAffinity") or {}
    preferred = of_nodes.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
    return _normalized([_preference(preferred, node) for node in choice.fitting])


def _preference(preferred: Sequence[Mapping[str, Any]], node: NodeView) -> int:
    matching = (term for term in preferred if nodeaffinity.matches_term(term.get("preference") or {}, node))
    return sum(int(term.get("weight", 0)) for term in matching)


def spread(choice: Choice) -> Points:
    """The fewer pods of the same ReplicaSet a node has, the better (upstream's default constraint by host name)."""
    if not choice.demand.owner:
        return [0] * len(choice.fitting)
    weight = math.log(len(choice.fitting) + 2)
    counts = [choice.load(node).owners[choice.demand.owner] for node in choice.fitting]
    raw = [int(count * weight + _HOST_SKEW - 1 + 0.5) for count in counts]
    low, high = min(raw), max(raw)
    return [HIGHEST * (high + low - each) // high if high else HIGHEST for each in raw]


def least_allocated(choice: Choice) -> Points:
    """The more is free, the better."""
    return [_mean([_free(*each) for each in _shares(choice, node)]) for node in choice.fitting]


def _shares(choice: Choice, node: NodeView) -> list[tuple[int, int]]:
    """For each of the compared resources: how much would be taken, of how much."""
    taken = zip(COMPARED, choice.load(node).weight, choice.demand.weight, strict=True)
    return [(load + more, has) for name, load, more in taken if (has := node.allocatable.get(name))]


def _free(taken: int, has: int) -> int:
    return (has - taken) * HIGHEST // has if taken <= has else 0


def balanced_allocation(choice: Choice) -> Points:
    """The more alike the shares of the resources that would be taken, the better; a pod that asks for nothing is no matter."""
    if not any(choice.demand.requests.get(name) for name in COMPARED):
        return [0] * len(choice.fitting)
    return [int((1 - _deviation(_fractions(choice, node))) * HIGHEST) for node in choice.fitting]


def _fractions(choice: Choice, node: NodeView) -> list[float]:
    requests, asked = choice.load(node).requests, choice.demand.requests
    taken = {name: requests.get(name, 0) + asked.get(name, 0) for name in COMPARED}
    return [min(taken[name] / has, 1.0) for name in COMPARED if (has := node.allocatable.get(name))]


def _deviation(shares: Sequence[float]) -> float:
    if len(shares) < 2:
        return 0.0
    mean = sum(shares) / len(shares)
    return math.sqrt(sum((share - mean) ** 2 for share in shares) / len(shares))


def image_locality(choice: Choice) -> Points:
    """The more of its images a node has already, by size, the better; images that few nodes have count for less.

    Together they must have more than 23 MB to count at all.
    """
    containers = [*(choice.spec.get("initContainers") or ()), *(choice.spec.get("containers") or ())]
    images = [_named(container.get("image", "")) for container in containers]
    common = {image: sum(image in node.images for node in choice.everyone) for image in set(images)}
    points = []
    for node in choice.fitting:
        size = sum(node.images.get(image, 0) * common[image] // len(choice.everyone) for image in images)
        highest = _LARGE_IMAGE * len(images)
        counted = min(max(size, _SMALL_IMAGE), highest)
        points.append(HIGHEST * (counted - _SMALL_IMAGE) // (highest - _SMALL_IMAGE))
    return points


def _named(image: str) -> str:
    """The name as nodes report it: with a tag."""
    return image if image.rfind(":") > image.rfind("/") else f"{image}:latest"


def _normalized(counts: Sequence[int]) -> Points:
    """As shares of the highest."""
    highest = max(counts, default=0)
    return [HIGHEST * count // highest if highest else 0 for count in counts]


def _mean(points: Sequence[int]) -> int:
    return sum(points) // len(points) if points else 0


_PLUGINS: tuple[tuple[Callable[[Choice], Points], int], ...] = (
    (taints, 3),
    (affinity, 2),
    (spread, 2),
    (least_allocated, 1),
    (balanced_allocation, 1),
    (image_locality, 1),
)
