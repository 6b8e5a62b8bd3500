"""When a pod has to leave a node because of NoExecute taints.

Upstream: pkg/controller/tainteviction/taint_eviction.go (processPodOnNode), v1.36.
"""

from collections.abc import Sequence

from pullscope.controllers import tolerations
from pullscope.kube.api import Object


def after(pod: Object, taints: Sequence[Object]) -> float | None:
    """Seconds for which the pod may stay on a node with these taints: 0 for none, None for ever."""
    evicting = [taint for taint in taints if taint.get("effect") == "NoExecute"]
    given = pod["spec"].get("tolerations") or ()
    seconds: list[float] = []
    for taint in evicting:
        covering = next((each for each in given if tolerations.tolerates([each], taint)), None)
        if covering is None:
            return 0.0
        if covering.get("tolerationSeconds") is not None:
            seconds.append(max(float(covering["tolerationSeconds"]), 0.0))
    return min(seconds, default=None)
