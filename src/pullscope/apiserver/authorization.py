"""May this user do this? What is asked, who answers, and how a no reads.

`rbac.authorizer` is who answers. Upstream: k8s.io/apiserver v0.36 pkg/authorization/authorizer and
endpoints/handlers/responsewriters/errors.go (texts).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pullscope.apiserver.rbac.rules import Rule
from pullscope.apiserver.store.records import Key
from pullscope.kube import causes, resources, status
from pullscope.kube.api import UserInfo
from pullscope.kube.resources import Resource

AUTHENTICATED, UNAUTHENTICATED = "system:authenticated", "system:unauthenticated"
ANONYMOUS = UserInfo("system:anonymous", groups=(UNAUTHENTICATED,))
# Whom nothing is denied, whatever the roles say: the lab itself.
MASTERS = "system:masters"
MASTER = UserInfo("system:admin", groups=(MASTERS, AUTHENTICATED))
# The people of a lab, as on crc: one may do everything, the other asks for projects and owns them.
ADMIN = UserInfo("kubeadmin", groups=("system:cluster-admins", AUTHENTICATED))
DEVELOPER = UserInfo("developer", groups=("system:authenticated:oauth", AUTHENTICATED))
_NAMESPACES_THEMSELVES = (resources.NAMESPACES.qualified, resources.PROJECTS.qualified)


@dataclass(frozen=True)
class Attributes:
    """What is asked: a verb on a resource, or (when `resource` is None) on a path."""

    user: UserInfo
    verb: str
    path: str = ""
    resource: Resource | None = None
    subresource: str = ""
    namespace: str | None = None
    name: str = ""


@dataclass(frozen=True)
class Allowed:
    """Yes; `reason` says by which grant, and is empty for those who may do everything."""

    reason: str = ""


@dataclass(frozen=True)
class NoOpinion:
    """Nothing allows it, so it is refused; `reason` says what is wrong with the roles, where something is."""

    reason: str = ""


Decision = Allowed | NoOpinion
ALLOWED = Allowed()


class Authorizer(Protocol):
    """Who decides; asked at every request, so it must be quick."""

    def authorize(self, asked: Attributes) -> Decision: ...

    def rules_for(self, user: UserInfo, namespace: str | None) -> tuple[list[Rule], str]:
        """All rules that the user was granted there, and which roles are missing, in upstream's words."""

    def role_rules(self, role: Key) -> Sequence[Rule] | None:
        """The rules of a role, None when there is no such role."""


def of_request(
    user: UserInfo, verb: str, resource: Resource, subresource: str, namespace: str | None, name: str
) -> Attributes:
    """What a request asks. A namespace, and the project that it is, lie in themselves: who is let into one may see it.

    Upstream: k8s.io/apiserver v0.36 pkg/endpoints/request/requestinfo.go; for projects openshift/kubernetes'
    projectRequestInfoResolver.
    """
    if name and resource.qualified in _NAMESPACES_THEMSELVES:
        namespace = name
    return Attributes(user, verb, "", resource, subresource, namespace, name)


def refusal(asked: Attributes, reason: str = "") -> status.ApiError:
    """403 in upstream's words; `reason` is a NoOpinion's."""
    who = f"User {causes.quote(asked.user.username)} cannot {asked.verb}"
    trouble = f": {reason}" if reason else ""
    if asked.resource is None:
        return status.ApiError(403, "Forbidden", f"forbidden: {who} path {causes.quote(asked.path)}{trouble}", {})
    plural = f"{asked.resource.plural}/{asked.subresource}" if asked.subresource else asked.resource.plural
    where = f"in the namespace {causes.quote(asked.namespace)}" if asked.namespace else "at the cluster scope"
    what = f"resource {causes.quote(plural)} in API group {causes.quote(asked.resource.group)}"
    return status.forbidden(asked.resource, asked.name, f"{who} {what} {where}{trouble}")
