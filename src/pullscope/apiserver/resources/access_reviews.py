"""Access reviews: may I (`kubectl auth can-i`), may they, may they in this namespace.

Answered by the authorizer that every request meets, never kept. Upstream: kubernetes v1.36 pkg/registry/authorization and
pkg/apis/authorization/validation/validation.go.
"""

from collections.abc import Iterator

from pullscope.apiserver import columns, workloads
from pullscope.apiserver.authorization import Allowed, Attributes
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.services import Services
from pullscope.kube import causes, resources, status
from pullscope.kube.api import Object, UserInfo
from pullscope.kube.resources import Resource
from pullscope.kube.status import Cause

_GROUP = "authorization.k8s.io"
SELF = resources.SELF_SUBJECT_ACCESS_REVIEWS
LOCAL = Resource(_GROUP, "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview")


class AccessReviews:
    """Tells whether somebody may do what the review says, and by which grant."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._kind = kind
        self._authorizer = services.authorizer

    async def create(self, context: Context, obj: Object) -> Object:
        spec, resource = obj.get("spec") or {}, self._kind.resource
        if resource.namespaced:
            obj["metadata"].setdefault("namespace", context.namespace)
        found = [*_validate(spec, obj["metadata"], resource)]
        if found:
            raise status.invalid(resource, "", found)
        user = context.user if resource == SELF else _user(spec)
        decision = self._authorizer.authorize(_asked(user, spec))
        answer: Object = {"allowed": isinstance(decision, Allowed)}
        if decision.reason:
            answer["reason"] = decision.reason
        return {**self._kind.head, "metadata": obj["metadata"], "spec": spec, "status": answer}


def _user(spec: Object) -> UserInfo:
    extra = {key: tuple(values) for key, values in (spec.get("extra") or {}).items()}
    return UserInfo(spec.get("user", ""), spec.get("uid", ""), tuple(spec.get("groups") or ()), extra)


def _asked(user: UserInfo, spec: Object) -> Attributes:
    asked = spec.get("resourceAttributes")
    if asked is None:
        path = spec["nonResourceAttributes"]
        return Attributes(user, path.get("verb", ""), path.get("path", ""))
    plural = asked.get("resource", "")
    resource = Resource(asked.get("group", ""), asked.get("version", ""), plural, plural)
    place = (asked.get("namespace") or None, asked.get("name", ""))
    return Attributes(user, asked.get("verb", ""), "", resource, asked.get("subresource", ""), *place)


def _validate(spec: Object, metadata: Object, resource: Resource) -> Iterator[Cause]:
    asked, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if asked is not None and path is not None:
        why = "cannot be specified in combination with resourceAttributes"
        yield workloads.object_invalid("spec.nonResourceAttributes", path, why)
    if asked is None and path is None:
        why = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        yield causes.invalid("spec.resourceAttributes", None, why)
    if resource != SELF and not spec.get("user") and not spec.get("groups"):
        yield causes.invalid("spec.user", "", "at least one of user or group must be specified")
    given = {field: value for field, value in metadata.items() if field not in ("namespace", "managedFields") and value}
    if given:
        exception = " except for namespace" if resource.namespaced else ""
        yield workloads.object_invalid("metadata", given, f"must be empty{exception}")
    if resource.namespaced:
        yield from _local(asked, path, metadata.get("namespace", ""))


def _local(asked: Object | None, path: Object | None, namespace: str) -> Iterator[Cause]:
    if asked is not None and asked.get("namespace", "") != namespace:
        given = asked.get("namespace", "")
        yield causes.invalid("spec.resourceAttributes.namespace", given, "must match metadata.namespace")
    if path is not None:
        yield workloads.object_invalid("spec.nonResourceAttributes", path, "disallowed on this kind of request")


KINDS = tuple(
    Kind(resource=resource, table=columns.PLAIN, handler=AccessReviews)
    for resource in (LOCAL, SELF, resources.SUBJECT_ACCESS_REVIEWS)
)
