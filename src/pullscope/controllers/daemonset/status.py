"""What a daemon set's status says.

Upstream: pkg/controller/daemon/daemon_controller.go (updateDaemonSetStatus), v1.36.
"""

from collections.abc import Sequence

from pullscope.controllers.daemonset.places import Place, Rules, oldest
from pullscope.kube.api import Object

_ALWAYS = ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")


def of(daemon_set: Object, places: Sequence[Place], rules: Rules) -> Object:
    """The status. Of several pods on a node the oldest one counts; counts of 0 are left out where upstream's JSON does."""
    wanted = [place for place in places if place.wanted]
    first = [min(place.pods, key=oldest) for place in wanted if place.pods]
    available = sum(pod.view.ready and rules.is_available(pod) for pod in first)
    counts = {
        "currentNumberScheduled": len(first),
        "numberMisscheduled": sum(place.exists and not place.wanted for place in places),
        "desiredNumberScheduled": len(wanted),
        "numberReady": sum(pod.view.ready for pod in first),
        "observedGeneration": daemon_set["metadata"].get("generation", 0),
        "updatedNumberScheduled": sum(rules.is_updated(pod) for pod in first),
        "numberAvailable": available,
        "numberUnavailable": len(wanted) - available,
    }
    kept = {key: value for key, value in (daemon_set.get("status") or {}).items() if key not in counts}
    return {**{key: value for key, value in counts.items() if value or key in _ALWAYS}, **kept}
