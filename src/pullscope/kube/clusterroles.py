"""ClusterRoles that gather the rules of others: what `aggregationRule` comes to.

The API server makes its first roles with it, a controller keeps them. Upstream: kubernetes v1.36
pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go.
"""

from collections.abc import Iterable
from typing import Any

from pullscope.kube import selectors

Object = dict[str, Any]


def is_aggregated(role: Object) -> bool:
    return role.get("aggregationRule") is not None


def aggregated(role: Object, roles: Iterable[Object]) -> list[Object]:
    """The rules that `role` shall have, given all cluster roles. Raises ApiError 400 for a malformed selector."""
    ordered = sorted(roles, key=lambda each: str(each["metadata"]["name"]))
    found: list[Object] = []
    for selector in role["aggregationRule"].get("clusterRoleSelectors") or ():
        wanted = selectors.as_selector(selector)
        for other in ordered:
            metadata = other["metadata"]
            if metadata["name"] != role["metadata"]["name"] and wanted.matches(metadata.get("labels") or {}):
                found += [rule for rule in other.get("rules") or () if rule not in found]
    return found
