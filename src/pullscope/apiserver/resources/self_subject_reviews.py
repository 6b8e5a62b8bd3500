"""`kubectl auth whoami`: a SelfSubjectReview is answered, never kept.

Upstream: kubernetes v1.36 pkg/registry/authentication/selfsubjectreview/rest.go.
"""

from pullscope.apiserver import columns
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.services import Services
from pullscope.kube import meta
from pullscope.kube.api import Object, UserInfo
from pullscope.kube.resources import Resource

SELF_SUBJECT_REVIEWS = Resource(
    "authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", namespaced=False
)


class SelfSubjectReviews:
    """Tells who asks."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._kind = kind
        self._clock = services.clock

    async def create(self, context: Context, obj: Object) -> Object:
        created = meta.timestamp(self._clock.now())
        metadata = {**obj.get("metadata", {}), "creationTimestamp": created}
        return {**self._kind.head, "metadata": metadata, "status": {"userInfo": user_info(context.user)}}


def user_info(user: UserInfo) -> Object:
    """authentication/v1 UserInfo; what is empty is left out."""
    given = {
        "username": user.username,
        "uid": user.uid,
        "groups": list(user.groups),
        "extra": {key: list(values) for key, values in user.extra.items()},
    }
    return {field: value for field, value in given.items() if value}


KIND = Kind(resource=SELF_SUBJECT_REVIEWS, table=columns.PLAIN, handler=SelfSubjectReviews)
