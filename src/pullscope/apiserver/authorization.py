"""May this user do this? One protocol, one implementation so far: there are no roles yet.

Upstream: k8s.io/apiserver v0.36 pkg/authorization/authorizer and endpoints/handlers/responsewriters/errors.go (texts).
"""

from dataclasses import dataclass
from typing import Protocol

from pullscope.kube import causes, status
from pullscope.kube.api import UserInfo
from pullscope.kube.resources import Resource

ANONYMOUS = UserInfo("system:anonymous", groups=("system:unauthenticated",))
AUTHENTICATED = "system:authenticated"
# The people of a lab, as on crc: one may do everything, the other asks for projects and owns them.
ADMIN = UserInfo("kubeadmin", groups=("system:cluster-admins", AUTHENTICATED))
DEVELOPER = UserInfo("developer", groups=("system:authenticated:oauth", AUTHENTICATED))
# Whom nothing is denied, whatever the roles say: the lab itself.
MASTER = UserInfo("system:admin", groups=("system:masters", AUTHENTICATED))
_SERVICE_ACCOUNT = "system:serviceaccount:"
_ADMIN_GROUPS = ("system:masters", "system:cluster-admins")
_DISCOVERY_PATHS = ("/api", "/apis", "/openapi")
_SELF = ("selfsubjectreviews", "selfsubjectaccessreviews")
_PUBLIC_PATHS = ("/version", "/healthz", "/livez", "/readyz")


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


class Authorizer(Protocol):
    async def allows(self, asked: Attributes) -> bool: ...


class SystemAuthorizer:
    """Administrators and the cluster's own components may do everything.

    Everyone may see that the server is there; whoever has a token may see what it serves, and ask what they may do
    (upstream's roles system:public-info-viewer, system:discovery and system:basic-user).
    """

    async def allows(self, asked: Attributes) -> bool:
        user, path = asked.user, asked.path.rstrip("/")
        if asked.resource is None and path in _PUBLIC_PATHS:
            return True
        if user.username == ANONYMOUS.username:
            return False
        if _is_component(user.username) or any(group in _ADMIN_GROUPS for group in user.groups):
            return True
        return AUTHENTICATED in user.groups and _basic(asked, path)


def _is_component(name: str) -> bool:
    """The cluster's own parts; of the service accounts only those of its controllers."""
    if name.startswith(_SERVICE_ACCOUNT):
        return name.startswith(f"{_SERVICE_ACCOUNT}kube-system:")
    return name.startswith("system:")


def _basic(asked: Attributes, path: str) -> bool:
    if asked.resource is not None:
        return asked.resource.plural in _SELF and asked.verb == "create"
    return asked.verb == "get" and any(path == root or path.startswith(f"{root}/") for root in _DISCOVERY_PATHS)


def refusal(asked: Attributes) -> status.ApiError:
    """403 in upstream's words."""
    who = f"User {causes.quote(asked.user.username)} cannot {asked.verb}"
    if asked.resource is None:
        return status.ApiError(403, "Forbidden", f"forbidden: {who} path {causes.quote(asked.path)}", {})
    plural = f"{asked.resource.plural}/{asked.subresource}" if asked.subresource else asked.resource.plural
    where = f"in the namespace {causes.quote(asked.namespace)}" if asked.namespace else "at the cluster scope"
    what = f"resource {causes.quote(plural)} in API group {causes.quote(asked.resource.group)}"
    return status.forbidden(asked.resource, asked.name, f"{who} {what} {where}")
