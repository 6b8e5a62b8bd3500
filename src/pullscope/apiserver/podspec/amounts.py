"""What a container asks of CPU and memory: read, checked, and written in the canonical text.

Upstream: validateContainerResourceRequirements, pkg/apis/core/validation/validation.go, and Quantity's JSON form,
k8s.io/apimachinery pkg/api/resource/quantity.go, of Kubernetes v1.36.
"""

from collections.abc import Iterator
from typing import Any

from pullscope.kube import causes, names, quantity, status
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

_NATIVE = ("cpu", "memory", "ephemeral-storage")
_HUGE_PAGES = "hugepages-"


def canonical(spec: Object) -> None:
    """Rewrite every amount of a pod's spec as the API server stores it (`1000m` is `1`).

    Raises ApiError 400, as upstream's decoder does, when one is not a quantity.
    """
    holders = [c.get("resources") or {} for field in ("containers", "initContainers") for c in spec.get(field) or ()]
    for holder in [*holders, spec.get("resources") or {}]:
        for field in ("limits", "requests"):
            amounts = holder.get(field) or {}
            for name, amount in amounts.items():
                amounts[name] = str(_parse(amount))


def _parse(amount: Any) -> quantity.Quantity:
    try:
        return quantity.parse(str(amount))
    except quantity.InvalidQuantityError as error:
        raise status.bad_request(str(error)) from None


def requirements(resources: Object, path: str) -> Iterator[Cause]:
    """What is wrong with a container's `resources`, whose amounts are canonical."""
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    for name, amount in limits.items():
        yield from _amount(name, amount, f"{path}.limits")
    for name, amount in requests.items():
        yield from _amount(name, amount, f"{path}.requests")
        if name in limits and quantity.parse(limits[name]) < quantity.parse(amount):
            why = f"must be less than or equal to {name} limit of {limits[name]}"
            yield causes.invalid(f"{path}.requests", amount, why)


def _amount(name: str, amount: str, path: str) -> Iterator[Cause]:
    here = f"{path}[{name}]"
    for why in names.qualified_name(name):
        yield causes.invalid(here, name, why)
    if "/" not in name and name not in _NATIVE and not name.startswith(_HUGE_PAGES):
        yield causes.invalid(here, name, "must be a standard resource for containers")
    if quantity.parse(amount).value < 0:
        yield causes.invalid(here, amount, "must be greater than or equal to 0")
