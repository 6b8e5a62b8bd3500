"""How much pods ask for and nodes have: amounts by resource name.

Upstream: component-helpers/resource, v1.36.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from pullscope.kube import quantity
from pullscope.kube.api import Object

Amounts = Mapping[str, Fraction]
"""Resource name (`cpu`, `memory`, `pods`) to amount, in whole units."""


def parse(quantities: Mapping[str, str] | None) -> Amounts:
    """Read a resource list: `limits`, `requests`, `allocatable`."""
    return {name: quantity.parse(str(text)).value for name, text in (quantities or {}).items()}


def requests(spec: Object) -> Amounts:
    """What a pod with this spec takes: its containers together, or its largest init container where that is more."""
    running = total(_requests(container) for container in spec.get("containers") or ())
    for container in spec.get("initContainers") or ():
        for name, value in _requests(container).items():
            running[name] = max(running.get(name, Fraction()), value)
    return total([running, parse(spec.get("overhead"))])


def total(parts: Iterable[Amounts]) -> dict[str, Fraction]:
    """The sum of all parts."""
    sums: dict[str, Fraction] = {}
    for part in parts:
        for name, value in part.items():
            sums[name] = sums.get(name, Fraction()) + value
    return sums


def _requests(container: Mapping[str, Any]) -> Amounts:
    return parse((container.get("resources") or {}).get("requests"))
