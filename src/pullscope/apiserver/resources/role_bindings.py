"""RoleBindings: who has a role in one namespace.

Upstream: kubernetes v1.36 pkg/registry/rbac/rolebinding, pkg/printers/internalversion/printers.go.
"""

import functools
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pullscope.apiserver import columns
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.rbac import guard, validation
from pullscope.kube import resources, table
from pullscope.kube.api import Object
from pullscope.kube.status import Cause


def bindings_table(what: str) -> Table:
    """The table of role bindings; `what` is how upstream's descriptions call one."""
    described = [
        table.column(name, description=f"{name} in the {what}", priority=1)
        for name in ("Users", "Groups", "ServiceAccounts")
    ]
    about = "RoleRef can reference a Role in the current namespace or a ClusterRole in the global namespace."
    return Table((columns.NAME, table.column("Role", description=about), columns.AGE, *described), _cells)


def _cells(obj: Object, now: datetime) -> list[Any]:
    reference, subjects = obj["roleRef"], obj.get("subjects") or ()
    listed: dict[str, list[str]] = {"User": [], "Group": [], "ServiceAccount": []}
    for subject in subjects:
        account = subject["kind"] == "ServiceAccount"
        named = f"{subject.get('namespace', '')}/{subject['name']}" if account else subject["name"]
        listed[subject["kind"]].append(named)
    role = f"{reference['kind']}/{reference['name']}"
    return [obj["metadata"]["name"], role, table.age(obj, now), *(", ".join(named) for named in listed.values())]


def _validate_update(new: Object, old: Object) -> Iterator[Cause]:
    yield from validation.role_binding(new)
    yield from validation.same_role(new, old)


KIND = Kind(
    resource=resources.ROLE_BINDINGS,
    table=bindings_table("roleBinding"),
    handler=functools.partial(guard.Guarded, check=guard.check_binding),
    strategy=Strategy(validate=validation.role_binding, validate_update=_validate_update),
    default=validation.default_binding,
    name_rule=validation.name_rule,
)
