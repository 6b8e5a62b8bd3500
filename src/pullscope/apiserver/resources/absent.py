"""Kinds of which there are none: nothing here would work on them, so they can be asked for and not be made.

`oc status`, `oc describe project`, `oc get all` and `oc adm prune images` ask for them and want a list.
"""

from pullscope.apiserver import columns
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.readable import Readable
from pullscope.apiserver.services import Services
from pullscope.kube import status
from pullscope.kube.api import Object
from pullscope.kube.resources import (
    ALL,
    CRON_JOBS,
    DEPLOYMENT_CONFIGS,
    LIMIT_RANGES,
    REPLICATION_CONTROLLERS,
    RESOURCE_QUOTAS,
    STATEFUL_SETS,
    Resource,
)
from pullscope.kube.status import ApiError

_WORKLOAD = "nothing here would run it: use a Deployment"
_WHY = {
    LIMIT_RANGES: "nothing here would apply it",
    Resource("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", short_names=("pvc",)): (
        "there is no storage here: use an emptyDir"
    ),
    REPLICATION_CONTROLLERS: _WORKLOAD,
    RESOURCE_QUOTAS: "nothing here would apply it",
    STATEFUL_SETS: _WORKLOAD,
    DEPLOYMENT_CONFIGS: _WORKLOAD,
    Resource(
        "autoscaling", "v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler", short_names=("hpa",), categories=ALL
    ): "nothing here is measured",
    CRON_JOBS: "nothing here would run it: use a Job",
    Resource("route.openshift.io", "v1", "routes", "Route", categories=ALL): (
        "there is no pod network here that it could lead into"
    ),
}


class Absent(Readable):
    """Reading finds nothing; making one is refused, with the reason."""

    def __init__(self, kind: Kind, services: Services) -> None:
        super().__init__(kind, services)
        self._resource = kind.resource

    async def create(self, _context: Context, _obj: Object) -> Object:
        refusal = status.method_not_allowed("create", self._resource)
        raise ApiError(refusal.code, refusal.reason, f"{refusal.message}: {_WHY[self._resource]}", refusal.details)


KINDS = tuple(Kind(resource=resource, table=columns.PLAIN, handler=Absent) for resource in _WHY)
