"""What a pod takes of a node, and what it counts for when nodes are compared.

Upstream: pkg/scheduler/util/pod_resources.go v1.36: a container that asks for nothing still counts for something, or nodes
full of such pods would look empty.
"""

from dataclasses import dataclass
from functools import lru_cache

from pullscope.controllers import amounts
from pullscope.controllers.amounts import Amounts
from pullscope.kube import meta
from pullscope.kube.api import Object

_DEFAULTS = amounts.parse({"cpu": "100m", "memory": "200Mi"})
COMPARED = tuple(_DEFAULTS)


@dataclass(frozen=True, slots=True)
class Demand:
    """`requests` is what the pod asks for, `weight` (by `COMPARED`) what it counts for, `owner` the uid of its ReplicaSet."""

    requests: Amounts
    weight: tuple[int, ...]
    owner: str = ""


def of(pod: Object) -> Demand:
    """The demand of a Pod object."""
    spec, controller = pod["spec"], meta.controller_of(pod)
    owner = controller["uid"] if controller is not None and controller["kind"] == "ReplicaSet" else ""
    if not _asks(spec):  # nearly all do not, and each change of a pod is read
        containers = len(spec.get("containers") or ())
        return _demand((), tuple(amount * containers for amount in _DEFAULTS.values()), owner)
    counted = amounts.requests(spec, missing=_DEFAULTS)
    asked = tuple(amounts.requests(spec).items())
    return _demand(asked, tuple(counted.get(name, 0) for name in COMPARED), owner)


def _asks(spec: Object) -> bool:
    """Whether there is more to add up than containers that ask for nothing."""
    if spec.get("initContainers") or spec.get("overhead"):
        return True
    return any((container.get("resources") or {}).get("requests") for container in spec.get("containers") or ())


@lru_cache(maxsize=1024)
def _demand(requests: tuple[tuple[str, int], ...], weight: tuple[int, ...], owner: str) -> Demand:
    """The pods of one template share theirs."""
    return Demand(dict(requests), weight, owner)
