"""Priority: the number behind a pod's priority class, and one default class at most.

Upstream: kubernetes v1.36 plugin/pkg/admission/priority/admission.go.
"""

from collections.abc import Iterable

from pullscope.kube import status
from pullscope.kube.api import Object
from pullscope.kube.resources import PODS, PRIORITY_CLASSES

_NONE: Object = {"metadata": {"name": ""}, "value": 0, "preemptionPolicy": "PreemptLowerPriority"}


def default_of(classes: Iterable[Object]) -> Object:
    """The class of pods that name none: of several defaults the lowest."""
    return min(
        (each for each in classes if each.get("globalDefault")), key=lambda each: int(each["value"]), default=_NONE
    )


def missing(pod: Object) -> status.ApiError:
    """The refusal of a pod whose class does not exist."""
    name = pod["spec"]["priorityClassName"]
    return status.forbidden(PODS, pod["metadata"].get("name", ""), f"no PriorityClass with name {name} was found")


def resolve(pod: Object, chosen: Object) -> None:
    """Set what the class says. Raises ApiError 403 for a priority or a policy of the pod's own."""
    spec, value, policy = pod["spec"], chosen["value"], chosen["preemptionPolicy"]
    _check(pod, "the integer value of priority", "priority", value)
    _check(pod, "the string value of PreemptionPolicy", "preemptionPolicy", policy)
    if chosen["metadata"]["name"]:
        spec["priorityClassName"] = chosen["metadata"]["name"]
    spec["priority"], spec["preemptionPolicy"] = value, policy


def _check(pod: Object, what: str, field: str, computed: int | str) -> None:
    given = pod["spec"].get(field)
    if given not in (None, computed):
        why = f"{what} ({given}) must not be provided in pod spec; priority admission controller computed {computed}"
        raise status.forbidden(PODS, pod["metadata"].get("name", ""), f"{why} from the given PriorityClass name")


def check_default(new: Object, classes: Iterable[Object]) -> None:
    """Raises ApiError 403 for a second class that is to be the default."""
    name = new["metadata"].get("name", "")
    others = [each["metadata"]["name"] for each in classes if each.get("globalDefault")]
    if new.get("globalDefault") and any(other != name for other in others):
        other = next(other for other in others if other != name)
        raise status.forbidden(PRIORITY_CLASSES, name, f"PriorityClass {other} is already marked as globalDefault")
