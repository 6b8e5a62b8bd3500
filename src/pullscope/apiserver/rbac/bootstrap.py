"""The roles and bindings that a cluster is born with, read from `policy.yaml` and made where they are missing.

Upstream: kubernetes v1.36 pkg/registry/rbac/rest/storage_rbac.go (the hook rbac/bootstrap-roles). Upstream also gives back
at each start what was taken out of them; here what an administrator changed stays changed.
"""

import asyncio
import functools
import importlib.resources
from collections.abc import Iterator
from typing import Any

import yaml

from pullscope.apiserver.rbac.validation import GROUP
from pullscope.kube import clusterroles, resources
from pullscope.kube.api import Api, Object
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError

SHARED_NAMESPACE = "openshift"
_AUTO_UPDATE = {"rbac.authorization.kubernetes.io/autoupdate": "true"}
_LABELS = {"kubernetes.io/bootstrapping": "rbac-defaults"}
_DESCRIPTION = "openshift.io/description"


async def create(api: Api) -> None:
    """Make what is missing, as a user who may do everything; the namespace `openshift` must be there."""
    await asyncio.gather(*(_ensure(api, obj) for obj in objects()))


async def _ensure(api: Api, obj: Object) -> None:
    resource = _RESOURCES[obj["kind"]]
    try:
        await api.create(resource, obj["metadata"].get("namespace"), obj)
    except ApiError as error:
        if error.reason != "AlreadyExists":
            raise


_RESOURCES: dict[str, Resource] = {
    resource.kind: resource
    for resource in (
        *(resources.ROLES, resources.CLUSTER_ROLES),
        *(resources.ROLE_BINDINGS, resources.CLUSTER_ROLE_BINDINGS),
    )
}


@functools.cache
def objects() -> tuple[Object, ...]:
    """All of them; not to be changed."""
    text = importlib.resources.files(__package__).joinpath("policy.yaml").read_text(encoding="utf-8")
    policy = yaml.load(text, Loader=yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)  # noqa: S506 (safe)
    found = [
        *_section(policy["kubernetes"], labels=_LABELS),
        *_section(policy["openshift"], labels={}),
        *_section(policy["shared"], labels={}, namespace=SHARED_NAMESPACE),
    ]
    _gather([obj for obj in found if obj["kind"] == resources.CLUSTER_ROLES.kind])
    return tuple(found)


def _gather(roles: list[Object]) -> None:
    """Fill in the rules of the roles that gather others' (which may gather in turn)."""
    changed = True
    while changed:
        changed = False
        for role in filter(clusterroles.is_aggregated, roles):
            gathered = clusterroles.aggregated(role, roles)
            changed = changed or gathered != role["rules"]
            role["rules"] = gathered


def _section(section: Any, *, labels: dict[str, str], namespace: str = "") -> Iterator[Object]:
    for name, given in section["roles"].items():
        yield _role(name, given, labels, namespace)
    for name, given in section["bindings"].items():
        yield _binding(name, given, labels, namespace)


def _head(resource: Resource, name: str, labels: dict[str, str], namespace: str) -> Object:
    metadata: Object = {"name": name, "annotations": dict(_AUTO_UPDATE)}
    if labels:
        metadata["labels"] = dict(labels)
    if namespace:
        metadata["namespace"] = namespace
    return {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata}


def _role(name: str, given: Any, labels: dict[str, str], namespace: str) -> Object:
    resource = resources.ROLES if namespace else resources.CLUSTER_ROLES
    obj = _head(resource, name, labels | dict.fromkeys(given.get("labels", ()), "true"), namespace)
    if "description" in given:
        obj["metadata"]["annotations"][_DESCRIPTION] = given["description"]
    if "gathers" in given:
        selectors = [{"matchLabels": {label: "true"}} for label in given["gathers"]]
        obj["aggregationRule"] = {"clusterRoleSelectors": selectors}
    obj["rules"] = [_rule(rule) for rule in given.get("rules", ())]
    return obj


def _rule(given: Any) -> Object:
    if isinstance(given, dict):
        return {"verbs": given["verbs"], "nonResourceURLs": given["urls"]}
    verbs, groups, plurals, *names = given
    rule = {"verbs": verbs, "apiGroups": [group or "" for group in groups], "resources": plurals}
    return {**rule, "resourceNames": names[0]} if names else rule


def _binding(name: str, given: Any, labels: dict[str, str], namespace: str) -> Object:
    obj = _head(resources.ROLE_BINDINGS if namespace else resources.CLUSTER_ROLE_BINDINGS, name, labels, namespace)
    kind = (resources.ROLES if namespace else resources.CLUSTER_ROLES).kind
    obj["roleRef"] = {"apiGroup": GROUP, "kind": kind, "name": given["role"]}
    subjects = [("Group", each) for each in given["groups"]] + [("User", each) for each in given.get("users", ())]
    obj["subjects"] = [{"kind": kind, "apiGroup": GROUP, "name": each} for kind, each in subjects]
    return obj
