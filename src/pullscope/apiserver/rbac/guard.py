"""Nobody grants what they do not have: what is asked before a role or a binding is written.

Upstream: kubernetes v1.36 pkg/registry/rbac/escalation_check.go, validation/rule.go (ConfirmNoEscalation) and the
policybased storage of each kind.
"""

import copy
from collections.abc import Callable, Sequence

from pullscope.apiserver.authorization import MASTERS, Allowed, Attributes, Authorizer
from pullscope.apiserver.handlers import Change, Context
from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.rbac import coverage, index, rules
from pullscope.apiserver.rbac.rules import ALL, Rule
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.kube import causes, clusterroles, resources, status
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource

_ANYTHING = (Rule((ALL,), (ALL,), (ALL,)), Rule((ALL,), urls=(ALL,)))
_COLLECTED = ("ownerReferences", "finalizers", "managedFields")

Check = Callable[["Guard", Context, Object, Object | None], None]
"""Raises ApiError 403 when the user may not make this object (of the old one, where there is one)."""


class Guard:
    """What the checks ask the authorizer. `resource` is what is written."""

    def __init__(self, resource: Resource, authorizer: Authorizer) -> None:
        self._resource = resource
        self._authorizer = authorizer

    def may(self, verb: str, context: Context, resource: Resource, name: str) -> bool:
        """Whether the user was expressly allowed to go beyond his own rights: verbs `escalate` and `bind`."""
        asked = Attributes(context.user, verb, "", resource, "", context.namespace, name)
        return isinstance(self._authorizer.authorize(asked), Allowed)

    def confirm_no_escalation(self, context: Context, name: str, granted: Sequence[Rule]) -> None:
        """Raises ApiError 403 unless the user holds all of it."""
        user = context.user
        owned, trouble = self._authorizer.rules_for(user, context.namespace)
        missing = sorted({str(rule) for rule in coverage.missing(owned, granted)})
        if missing:
            who = f"user {causes.quote(user.username)} (groups={rules.quoted(user.groups)})"
            why = f"{who} is attempting to grant RBAC permissions not currently held:\n" + "\n".join(missing)
            raise status.forbidden(self._resource, name, f"{why}; resolution errors: [{trouble}]" if trouble else why)

    def anything(self, context: Context, name: str) -> None:
        """Raises ApiError 403 unless the user may do everything."""
        owned, _ = self._authorizer.rules_for(context.user, context.namespace)
        if coverage.missing(owned, _ANYTHING):
            why = "must have cluster-admin privileges to use the aggregationRule"
            raise status.forbidden(self._resource, name, why)

    def referred(self, context: Context, reference: Object) -> Sequence[Rule]:
        """The rules of the role that a binding refers to. Raises ApiError 404."""
        key = index.role_key(reference, context.namespace or "")
        found = self._authorizer.role_rules(key)
        if found is None:
            raise status.not_found(_referred(reference), key.name)
        return found


def check_role(guard: Guard, context: Context, new: Object, old: Object | None) -> None:
    """A role's rules must be the writer's own; one that gathers others' may gather anything."""
    resource = resources.CLUSTER_ROLES if new["kind"] == "ClusterRole" else resources.ROLES
    name = new["metadata"].get("name", "")
    if guard.may("escalate", context, resource, context.name):
        return
    guard.confirm_no_escalation(context, name, [rules.of(rule) for rule in new.get("rules") or ()])
    if clusterroles.is_aggregated(new) or (old is not None and clusterroles.is_aggregated(old)):
        guard.anything(context, name)


def check_binding(guard: Guard, context: Context, new: Object, _old: Object | None) -> None:
    """The rules of the role that is bound must be the writer's own."""
    reference = new.get("roleRef") or {}
    if reference.get("kind") not in ("Role", "ClusterRole") or not reference.get("name"):
        return  # validation has the word
    if not guard.may("bind", context, _referred(reference), reference["name"]):
        guard.confirm_no_escalation(context, new["metadata"].get("name", ""), guard.referred(context, reference))


def _referred(reference: Object) -> Resource:
    return resources.ROLES if reference["kind"] == "Role" else resources.CLUSTER_ROLES


class Guarded(Storage):
    """A storage that asks `check` before it writes."""

    def __init__(self, kind: Kind, services: Services, check: Check) -> None:
        super().__init__(kind, services)
        self._guard = Guard(kind.resource, services.authorizer)
        self._check = check

    async def create(self, context: Context, obj: Object) -> Object:
        if MASTERS not in context.user.groups:
            self._check(self._guard, context, obj, None)
        return await super().create(context, obj)

    async def update(self, context: Context, change: Change) -> Object:
        return await super().update(
            context, change if MASTERS in context.user.groups else self._checked(context, change)
        )

    def _checked(self, context: Context, change: Change) -> Change:
        def checked(current: Object) -> Object:
            old = copy.deepcopy(current)
            new = self._kind.complete(change(current))
            if _essence(new) != _essence(old):
                self._check(self._guard, context, new, old)
            return new

        return checked


def _essence(obj: Object) -> Object:
    """The object without what garbage collection writes, which it may do with any."""
    metadata = {field: value for field, value in obj["metadata"].items() if field not in _COLLECTED}
    return {**obj, "metadata": metadata}
