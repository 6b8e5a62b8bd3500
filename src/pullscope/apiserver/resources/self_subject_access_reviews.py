"""`kubectl auth can-i`: a SelfSubjectAccessReview is answered by the authorizer that every request meets, never kept.

Upstream: kubernetes v1.36 pkg/registry/authorization/selfsubjectaccessreview/rest.go.
"""

from pullscope.apiserver import columns
from pullscope.apiserver.authorization import Allowed, Attributes
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.services import Services
from pullscope.kube import causes, status
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource

SELF_SUBJECT_ACCESS_REVIEWS = Resource(
    "authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", namespaced=False
)


class SelfSubjectAccessReviews:
    """Tells whether who asks may do what the review says."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._kind = kind
        self._authorizer = services.authorizer

    async def create(self, context: Context, obj: Object) -> Object:
        spec = obj.get("spec") or {}
        resource, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
        if (resource is None) == (path is None):
            why = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
            raise status.invalid(self._kind.resource, "", [causes.invalid("spec", "", why)])
        asked = _of_resource(context, resource) if resource is not None else _of_path(context, path)
        allowed = isinstance(self._authorizer.authorize(asked), Allowed)
        return {**self._kind.head, "metadata": {}, "spec": spec, "status": {"allowed": allowed}}


def _of_resource(context: Context, asked: Object) -> Attributes:
    plural = asked.get("resource", "")
    resource = Resource(asked.get("group", ""), asked.get("version", ""), plural, plural)
    namespace, name = asked.get("namespace") or None, asked.get("name", "")
    return Attributes(context.user, asked.get("verb", ""), "", resource, asked.get("subresource", ""), namespace, name)


def _of_path(context: Context, asked: Object | None) -> Attributes:
    return Attributes(context.user, (asked or {}).get("verb", ""), (asked or {}).get("path", ""))


KIND = Kind(
    resource=SELF_SUBJECT_ACCESS_REVIEWS,
    table=columns.PLAIN,
    handler=SelfSubjectAccessReviews,
)
