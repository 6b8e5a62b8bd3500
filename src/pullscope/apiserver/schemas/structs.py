"""What Go's types say about fields and the published definitions do not: what is there unsaid, and what a missing key means.

Server-side apply has to know which fields a type has even when JSON leaves them out: structs that are held by value. Such a
field is there before anybody sets anything in it, so that nobody comes to manage the field itself (`f:strategy` never has a
`.`; `f:rollingUpdate` below it, a pointer, has). Upstream: types.go of k8s.io/api v0.36.
"""

from collections.abc import Mapping
from typing import Any

# Held by value in every type that has a field of that name.
_EVERYWHERE = frozenset({"metadata", "spec", "status"})
# By the names of types without the package; required fields are not listed.
_BY_VALUE = frozenset(
    {
        *("DeploymentSpec.strategy", "DaemonSetSpec.updateStrategy", "StatefulSetSpec.updateStrategy"),
        *("ReplicaSetSpec.template", "PodTemplate.template", "PersistentVolumeClaimSpec.resources"),
        *("Container.resources", "EphemeralContainer.resources", "ContainerStatus.state", "ContainerStatus.lastState"),
        *("NodeStatus.daemonEndpoints", "NodeStatus.nodeInfo", "NodeDaemonEndpoints.kubeletEndpoint"),
        *("Event.source", "Event.deprecatedSource", "Event.regarding", "Endpoint.conditions"),
        *("IngressStatus.loadBalancer", "ServiceStatus.loadBalancer"),
        *("TokenReviewStatus.user", "SelfSubjectReviewStatus.userInfo"),
    }
)
_KEY_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "ContainerPort": {"protocol": "TCP"},
    "ServicePort": {"protocol": "TCP"},
    "LocalObjectReference": {"name": ""},
}


def always(type_: str, field: str, *, required: bool) -> bool:
    """Whether the field is there in any case. Required structs, lists and maps are, as Go never omits them."""
    return required or field in _EVERYWHERE or f"{type_}.{field}" in _BY_VALUE


def key_defaults(type_: str) -> Mapping[str, Any]:
    """What those fields of a type mean that are keys of lists (`x-kubernetes-list-map-keys`) when they are missing."""
    return _KEY_DEFAULTS.get(type_, {})
