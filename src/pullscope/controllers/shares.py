"""Numbers of pods that may be given as percentages.

Upstream: k8s.io/apimachinery v0.36 pkg/util/intstr (GetScaledValueFromIntOrPercent).
"""


def scaled(value: int | str, total: int, *, up: bool) -> int:
    """`value` itself, or its percentage of `total`, rounded up or down."""
    if isinstance(value, int):
        return value
    product = int(value.removesuffix("%")) * total
    return -(-product // 100) if up else product // 100
