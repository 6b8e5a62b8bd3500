"""ClusterRoles: what may be done everywhere, or, bound by a role binding, in one namespace.

Upstream: kubernetes v1.36 pkg/registry/rbac/clusterrole.
"""

import functools

from pullscope.apiserver import columns
from pullscope.apiserver.kinds import Kind, Strategy
from pullscope.apiserver.rbac import guard, validation
from pullscope.kube import resources

KIND = Kind(
    resource=resources.CLUSTER_ROLES,
    table=columns.PLAIN,
    handler=functools.partial(guard.Guarded, check=guard.check_role),
    strategy=Strategy(validate=validation.cluster_role, validate_update=lambda new, _old: validation.cluster_role(new)),
    name_rule=validation.name_rule,
)
