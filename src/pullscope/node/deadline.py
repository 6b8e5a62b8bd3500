"""activeDeadlineSeconds: how long a pod may be active on its node. Pure; `now` is the caller's.

Upstream: pkg/kubelet/active_deadline.go, Kubernetes v1.36, which counts by the wall clock too.
"""

from datetime import datetime

from pullscope.kube import meta
from pullscope.kube.api import Object
from pullscope.node import conditions


def left(pod: Object, status: Object, now: datetime) -> float | None:
    """Seconds until the pod has to end, negative afterwards; None when it need not, has ended, or has not begun."""
    allowed, start = pod["spec"].get("activeDeadlineSeconds"), status.get("startTime")
    if allowed is None or start is None or status.get("phase") in conditions.TERMINAL:
        return None
    return float(allowed) - (now - meta.parse_time(start)).total_seconds()


def passed(pod: Object, status: Object, now: datetime) -> bool:
    """Whether the pod has to end now."""
    seconds = left(pod, status, now)
    return seconds is not None and seconds <= 0
