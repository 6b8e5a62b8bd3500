"""What the pods of a run ask for, so that a namespace's LimitRanges and ResourceQuotas take them. [pure]

The probe needs next to nothing. Requests and limits are always given: a quota on them refuses pods that have none.
Upstream: kubernetes v1.36 plugin/pkg/admission/limitranger (minimum, maximum, ratio), pkg/quota/v1/evaluator/core/pods.go.
"""

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction

from pullscope.kube import quantity
from pullscope.kube.api import Object
from pullscope.kube.quantity import Quantity

Resources = dict[str, dict[str, str]]

_WANTED = (("cpu", "10m", "200m"), ("memory", "32Mi", "64Mi"))
"""Request and limit of each resource."""
_TYPES = ("Container", "Pod")  # a pod of ours has one container
_PODS_OF_A_CASE = 2
"""At most so many of a case's pods are there at a time: one that is going, and the next."""


def fitting(ranges: Iterable[Object]) -> Resources:
    """The container's `resources`: ours, moved into what the LimitRanges allow."""
    items = [item for each in ranges for item in each["spec"].get("limits") or () if item.get("type") in _TYPES]
    made: Resources = {"requests": {}, "limits": {}}
    for name, least, usual in _WANTED:
        request, limit = quantity.parse(least), quantity.parse(usual)
        request = max([request, *_values(items, "min", name)])
        most = _values(items, "max", name)
        limit = min([max(request, limit), *most])
        ratios = _values(items, "maxLimitRequestRatio", name)
        request = max([min(request, limit), *(_part(limit, ratio) for ratio in ratios)])
        made["requests"][name], made["limits"][name] = str(request), str(limit)
    return made


def _values(items: Iterable[Object], bound: str, name: str) -> list[Quantity]:
    return [quantity.parse(str(item[bound][name])) for item in items if name in (item.get(bound) or {})]


def _part(limit: Quantity, ratio: Quantity) -> Quantity:
    """The least request that the ratio allows, in whole thousandths."""
    least = limit.value / max(ratio.value, Fraction(1))
    return Quantity(Fraction(math.ceil(least * 1000), 1000), limit.format)


def at_once(quotas: Iterable[Object], resources: Resources) -> tuple[int | None, str]:
    """How many cases may run side by side, and the quota that says so; None when none does."""
    least: tuple[int | None, str] = (None, "")
    for quota in quotas:
        if (quota.get("spec") or {}).get("scopes") or (quota.get("spec") or {}).get("scopeSelector"):
            continue  # for pods of a kind that ours may not be; creation tells
        status = quota.get("status") or {}
        for name, hard in (status.get("hard") or {}).items():
            need = _need(name, resources)
            if need is None:
                continue
            used = quantity.parse(str((status.get("used") or {}).get(name, "0")))
            left = int((quantity.parse(str(hard)).value - used.value) / (need * _PODS_OF_A_CASE))
            if least[0] is None or left < least[0]:
                least = (max(left, 0), f"{quota['metadata']['name']}: {name} {used} of {hard} used")
    return least


def _need(name: str, resources: Mapping[str, Mapping[str, str]]) -> Fraction | None:
    """What one pod takes of a quota's resource; None for what pods do not take of."""
    if name in ("pods", "count/pods"):
        return Fraction(1)
    side, _, resource = name.rpartition(".")
    amount = resources.get(side or "requests", {}).get(resource)
    return quantity.parse(amount).value if amount and side in ("", "requests", "limits") else None
