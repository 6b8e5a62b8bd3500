"""The pods that a job makes.

Upstream: pkg/controller/job/job_controller.go (manageJob) and indexed_job_utils.go, v1.36.
"""

import copy

from pullscope.controllers import podcontrol
from pullscope.controllers.job.facts import FINALIZER
from pullscope.controllers.pods import COMPLETION_INDEX
from pullscope.kube.api import Object

_VARIABLE = "JOB_COMPLETION_INDEX"
_PREFIX_MAX = 58  # names.MaxGeneratedNameLength


def of(job: Object, index: int | None) -> Object:
    """A pod of the job, for that completion index where it has them."""
    pod = podcontrol.from_template(job, job["spec"]["template"])
    metadata = pod["metadata"]
    metadata["finalizers"] = [*metadata.get("finalizers", ()), FINALIZER]
    if index is None:
        return pod
    name, number = job["metadata"]["name"], str(index)
    metadata["generateName"] = f"{name[: _PREFIX_MAX - len(number) - 2]}-{number}-"
    for field in ("labels", "annotations"):
        metadata[field] = {**metadata.get(field, {}), COMPLETION_INDEX: number}
    pod["spec"] = _with_variable({**copy.deepcopy(pod["spec"]), "hostname": f"{name}-{number}"})
    return pod


def _with_variable(spec: Object) -> Object:
    reference = {"fieldPath": f"metadata.labels['{COMPLETION_INDEX}']"}
    for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
        given = container.get("env") or []
        if all(variable["name"] != _VARIABLE for variable in given):
            container["env"] = [*given, {"name": _VARIABLE, "valueFrom": {"fieldRef": reference}}]
    return spec
