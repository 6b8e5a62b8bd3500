"""The answer to every request's question: may this user do this?

Upstream's chain, in its order: the group system:masters, the paths that everyone may see, the roles (k8s.io/apiserver v0.36
pkg/authorization/authorizerfactory and path, kubernetes v1.36 plugin/pkg/auth/authorizer/rbac/rbac.go). There is no Node
authorizer: kubelets are members of system:masters here, see `server.ApiServer.client`.
"""

from collections.abc import Sequence

from pullscope.apiserver.authorization import ALLOWED, MASTERS, Allowed, Attributes, Decision, NoOpinion
from pullscope.apiserver.rbac import rules
from pullscope.apiserver.rbac.index import Index
from pullscope.apiserver.rbac.rules import OnPath, OnResource, Rule
from pullscope.apiserver.store.records import Key
from pullscope.kube.api import UserInfo

_ALWAYS_ALLOWED = frozenset({"/healthz", "/livez", "/readyz"})
_SINGULAR = {"roles": "role", "clusterroles": "clusterrole"}


class RbacAuthorizer:
    """Decides by the roles in the index."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def authorize(self, asked: Attributes) -> Decision:
        """Allowed, or no opinion, which comes to no: nobody is denied anything expressly."""
        if MASTERS in asked.user.groups:
            return ALLOWED
        wanted: OnPath | OnResource
        if (resource := asked.resource) is None:
            if asked.path in _ALWAYS_ALLOWED:
                return ALLOWED
            wanted = OnPath(asked.verb, asked.path)
        else:
            wanted = rules.on_resource(asked.verb, resource.group, resource.plural, asked.subresource, asked.name)
        missing = []
        for grant in self._index.grants(asked.user, asked.namespace):
            granted = self._index.rules(grant.role)
            if granted is None:
                missing.append(grant.role)
            elif any(map(wanted.allowed_by, granted)):
                return Allowed(f"RBAC: allowed by {grant.source}")
        return NoOpinion(f"RBAC: {_aggregate(missing)}" if missing else "")

    def rules_for(self, user: UserInfo, namespace: str | None) -> tuple[list[Rule], str]:
        """All that the user was granted there, and which roles are missing, in upstream's words (empty: none)."""
        grants = {grant.binding: grant for grant in self._index.grants(user, namespace)}
        found: list[Rule] = []
        missing = []
        for grant in grants.values():
            granted = self._index.rules(grant.role)
            if granted is None:
                missing.append(grant.role)
            else:
                found += granted
        return found, _aggregate(missing)

    def role_rules(self, role: Key) -> Sequence[Rule] | None:
        """The rules of a role, None when there is no such role."""
        return self._index.rules(role)


def _aggregate(missing: Sequence[Key]) -> str:
    """Upstream's errors for roles that bindings name and that are not there: one alone, several in brackets."""
    texts = []
    for key in missing:
        plural, _, group = key.resource.partition(".")
        texts.append(f'{_SINGULAR[plural]}.{group} "{key.name}" not found')
    texts = list(dict.fromkeys(texts))
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]" if texts else ""
