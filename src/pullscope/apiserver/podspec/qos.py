"""The quality-of-service class of a pod: who is evicted first when a node runs short.

Upstream: pkg/apis/core/v1/helper/qos/qos.go of Kubernetes v1.36.
"""

from typing import Any

from pullscope.kube import quantity
from pullscope.kube.api import Object

_COMPUTE = ("cpu", "memory")


def of(spec: Object) -> str:
    """Guaranteed, Burstable or BestEffort."""
    resources = [c.get("resources") or {} for field in ("containers", "initContainers") for c in spec.get(field) or ()]
    requests = [_counted(each.get("requests")) for each in resources]
    limits = [_counted(each.get("limits")) for each in resources]
    if not any(requests) and not any(limits):
        return "BestEffort"
    if all(set(limit) == set(_COMPUTE) for limit in limits) and requests == limits:
        return "Guaranteed"
    return "Burstable"


def _counted(amounts: dict[str, Any] | None) -> dict[str, str]:
    return {name: str(amount) for name, amount in (amounts or {}).items() if _counts(name, str(amount))}


def _counts(name: str, amount: str) -> bool:
    return name in _COMPUTE and quantity.parse(amount).value > 0
