"""NamespaceLifecycle: nothing new in a namespace that is not there or is going, and some namespaces stay for ever.

Upstream: k8s.io/apiserver v0.36 pkg/admission/plugin/namespace/lifecycle/admission.go.
"""

from pullscope.apiserver.store.records import Stored
from pullscope.kube import resources, status
from pullscope.kube.resources import Resource

IMMORTAL = ("default", "kube-public", "kube-system")
_GOING = "deletionTimestamp"
_QUESTIONS = "authorization.k8s.io"  # may be asked of a namespace that is not there


def check_creation(resource: Resource, name: str, namespace: str, found: Stored | None) -> None:
    """Raises ApiError 404 when the namespace is missing, 403 when it is being terminated."""
    if resource.group == _QUESTIONS:
        return
    if found is None:
        raise status.not_found(resources.NAMESPACES, namespace)
    # Its bytes are asked first, so that it need not be decoded for every object that is made.
    if _GOING.encode() in found.value and _GOING in found.object()["metadata"]:
        why = f"unable to create new content in namespace {namespace} because it is being terminated"
        refused = status.forbidden(resource, name, why)
        message = f"namespace {namespace} is being terminated"
        cause = {"reason": "NamespaceTerminating", "message": message, "field": "metadata.namespace"}
        raise status.ApiError(
            refused.code, refused.reason, refused.message, {**(refused.details or {}), "causes": [cause]}
        )


def check_deletion(name: str) -> None:
    """Raises ApiError 403 for a namespace that the cluster cannot do without."""
    if name in IMMORTAL:
        raise status.forbidden(resources.NAMESPACES, name, "this namespace may not be deleted")
