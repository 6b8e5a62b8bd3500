"""Is what a container asks of CPU and memory something that it can be given? Amounts are quantities, as decoding left them.

Upstream: validateContainerResourceRequirements, pkg/apis/core/validation/validation.go of Kubernetes v1.36.
"""

from collections.abc import Iterator

from pullscope.kube import causes, names, quantity
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

_NATIVE = ("cpu", "memory", "ephemeral-storage")
_HUGE_PAGES = "hugepages-"


def requirements(resources: Object, path: str) -> Iterator[Cause]:
    """What is wrong with a container's `resources`."""
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
