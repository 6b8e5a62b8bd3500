"""ClusterRoleBindings: who has a cluster role everywhere.

Upstream: kubernetes v1.36 pkg/registry/rbac/clusterrolebinding.
"""

import functools
from collections.abc import Iterator

from pullscope.apiserver.kinds import Kind, Strategy
from pullscope.apiserver.rbac import guard, validation
from pullscope.apiserver.resources import role_bindings
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.kube.status import Cause


def _validate_update(new: Object, old: Object) -> Iterator[Cause]:
    yield from validation.cluster_role_binding(new)
    yield from validation.same_role(new, old)


KIND = Kind(
    resource=resources.CLUSTER_ROLE_BINDINGS,
    table=role_bindings.bindings_table("clusterRoleBinding"),
    handler=functools.partial(guard.Guarded, check=guard.check_binding),
    strategy=Strategy(validate=validation.cluster_role_binding, validate_update=_validate_update),
    default=validation.default_binding,
    name_rule=validation.name_rule,
)
