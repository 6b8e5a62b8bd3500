"""How much pods ask for and nodes have: amounts by resource name.

Upstream: component-helpers/resource, v1.36.
"""

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from pullscope.kube import quantity
from pullscope.kube.api import Object

Amounts = Mapping[str, int]
"""Resource name (`cpu`, `memory`, `pods`) to amount, in thousandths (upstream: Quantity.MilliValue)."""

UNIT = 1000


def parse(quantities: Mapping[str, str] | None) -> Amounts:
    """Read a resource list: `limits`, `requests`, `allocatable`."""
    return {name: _value(str(text)) for name, text in (quantities or {}).items()}


@lru_cache(maxsize=4096)
def _value(text: str) -> int:
    """Rounded up. Thousands of pods ask for the same few amounts."""
    return math.ceil(quantity.parse(text).value * UNIT)


def requests(spec: Object, *, missing: Amounts = MappingProxyType({})) -> Amounts:
    """What a pod with this spec takes: its containers together, or its largest init container where that is more.

    A container that does not ask for a resource in `missing` takes so much of it.
    """
    running = total({**missing, **_requests(container)} for container in spec.get("containers") or ())
    for container in spec.get("initContainers") or ():
        for name, value in {**missing, **_requests(container)}.items():
            running[name] = max(running.get(name, 0), value)
    return total([running, parse(spec["overhead"])]) if spec.get("overhead") else running


def total(parts: Iterable[Amounts]) -> dict[str, int]:
    """The sum of all parts."""
    sums: dict[str, int] = {}
    for part in parts:
        for name, value in part.items():
            sums[name] = sums.get(name, 0) + value
    return sums


def _requests(container: Mapping[str, Any]) -> Amounts:
    return parse((container.get("resources") or {}).get("requests"))
