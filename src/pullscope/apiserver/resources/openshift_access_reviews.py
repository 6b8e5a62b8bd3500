"""Access reviews in OpenShift's older form: may I, may they, in a namespace. `oc status` asks so.

Upstream: openshift/openshift-apiserver (release 4.22) pkg/authorization: apiserver/registry/subjectaccessreview and
localsubjectaccessreview, apis/authorization/validation.
"""

from collections.abc import Iterator

from pullscope.apiserver import authorization, columns
from pullscope.apiserver.authorization import Allowed, Attributes, NoOpinion
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.services import Services
from pullscope.kube import causes, status
from pullscope.kube.api import Object, UserInfo
from pullscope.kube.resources import Resource
from pullscope.kube.status import Cause

_GROUP = "authorization.openshift.io"
EVERYWHERE = Resource(_GROUP, "v1", "subjectaccessreviews", "SubjectAccessReview", namespaced=False)
LOCAL = Resource(_GROUP, "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview")
_OF_ONESELF = Resource("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview")
_OF_OTHERS = Resource("", "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview")


class Reviews:
    """Answers with a SubjectAccessReviewResponse, an object of a kind of its own."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._kind = kind
        self._authorizer = services.authorizer

    async def create(self, context: Context, obj: Object) -> Object:
        found = [*_validate(obj, context.namespace)]
        if found:
            raise status.invalid(self._kind.resource, "", found)
        namespace = context.namespace or obj.get("namespace") or ""
        self._check(context.user, obj, namespace)
        decision = self._authorizer.authorize(_asked(_subject(context.user, obj), obj, namespace))
        head = {"kind": "SubjectAccessReviewResponse", "apiVersion": self._kind.resource.api_version}
        reason = {"reason": decision.reason} if decision.reason else {}
        return {**head, "namespace": namespace, "allowed": isinstance(decision, Allowed), **reason}

    def _check(self, user: UserInfo, review: Object, namespace: str) -> None:
        """Raises ApiError 403 for those who may not ask this of that namespace."""
        resource = _OF_OTHERS if review.get("user") or review.get("groups") else _OF_ONESELF
        asked = authorization.of_request(user, "create", resource, "", namespace or None, "")
        decision = self._authorizer.authorize(asked)
        if isinstance(decision, NoOpinion):
            raise authorization.refusal(asked, decision.reason)


def _subject(user: UserInfo, review: Object) -> UserInfo:
    """Whom the review is about: who asks, unless it names somebody."""
    name, groups = review.get("user", ""), tuple(review.get("groups") or ())
    return UserInfo(name, groups=groups) if name or groups else user


def _asked(user: UserInfo, review: Object, namespace: str) -> Attributes:
    verb, path = review["verb"], review.get("path", "")
    if review.get("isNonResourceURL"):
        return Attributes(user, verb, path)
    plural, _, subresource = review["resource"].partition("/")
    resource = Resource(review.get("resourceAPIGroup", ""), review.get("resourceAPIVersion", ""), plural, plural)
    return Attributes(user, verb, path, resource, subresource, namespace or None, review.get("resourceName", ""))


def _validate(review: Object, namespace: str | None) -> Iterator[Cause]:
    if not review.get("verb"):
        yield causes.required("verb")
    if review.get("isNonResourceURL"):
        if not review.get("path"):
            yield causes.required("path")
    elif not review.get("resource"):
        yield causes.required("resource")
    given = review.get("namespace", "")
    if namespace and given and given != namespace:
        yield causes.invalid("namespace", given, f"namespace must be: {namespace}")


KINDS = tuple(Kind(resource=resource, table=columns.PLAIN, handler=Reviews) for resource in (LOCAL, EVERYWHERE))
