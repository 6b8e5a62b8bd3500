"""Kinds of which there are none: nothing here would work on them, so they can be asked for and not be made.

`oc status`, `oc describe project` and `oc get all` ask for each of them and want a list.
"""

from pullscope.apiserver import columns
from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.readable import Readable
from pullscope.kube.resources import ALL, LIMIT_RANGES, RESOURCE_QUOTAS, Resource

_RESOURCES = (
    LIMIT_RANGES,
    Resource("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", short_names=("pvc",)),
    Resource("", "v1", "replicationcontrollers", "ReplicationController", short_names=("rc",), categories=ALL),
    RESOURCE_QUOTAS,
    Resource("apps", "v1", "statefulsets", "StatefulSet", short_names=("sts",), categories=ALL),
    Resource("apps.openshift.io", "v1", "deploymentconfigs", "DeploymentConfig", short_names=("dc",), categories=ALL),
    Resource(
        "autoscaling", "v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler", short_names=("hpa",), categories=ALL
    ),
    Resource("route.openshift.io", "v1", "routes", "Route", categories=ALL),
)

KINDS = tuple(Kind(resource=resource, table=columns.PLAIN, handler=Readable) for resource in _RESOURCES)
