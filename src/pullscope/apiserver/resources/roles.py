"""Roles: what may be done in one namespace.

Upstream: kubernetes v1.36 pkg/registry/rbac/role.
"""

import functools

from pullscope.apiserver import columns
from pullscope.apiserver.kinds import Kind, Strategy
from pullscope.apiserver.rbac import guard, validation
from pullscope.kube import resources

KIND = Kind(
    resource=resources.ROLES,
    table=columns.PLAIN,
    handler=functools.partial(guard.Guarded, check=guard.check_role),
    strategy=Strategy(validate=validation.role, validate_update=lambda new, _old: validation.role(new)),
    name_rule=validation.name_rule,
)
