"""Priority: the number behind a pod's priority class.

Upstream: kubernetes v1.36 plugin/pkg/admission/priority/admission.go. PriorityClass objects are not served; the classes that
a cluster is born with (kubernetes' two and OpenShift's) are known here.
"""

from pullscope.kube import status
from pullscope.kube.api import Object
from pullscope.kube.resources import PODS

CLASSES = {
    "system-node-critical": 2000001000,
    "system-cluster-critical": 2000000000,
    "openshift-user-critical": 1000000000,
}


def resolve(pod: Object) -> None:
    """Set `priority` and `preemptionPolicy`. Raises ApiError 403 for an unknown class or a priority of one's own."""
    spec, name = pod["spec"], pod["metadata"].get("name", "")
    wanted = spec.get("priorityClassName", "")
    if wanted and wanted not in CLASSES:
        raise status.forbidden(PODS, name, f"no PriorityClass with name {wanted} was found")
    value = CLASSES.get(wanted, 0)
    if spec.get("priority") not in (None, value):
        why = "the integer value of priority"
        why = f"{why} ({spec['priority']}) must not be provided in pod spec; priority admission controller"
        raise status.forbidden(PODS, name, f"{why} computed {value} from the given PriorityClass name")
    spec["priority"] = value
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
