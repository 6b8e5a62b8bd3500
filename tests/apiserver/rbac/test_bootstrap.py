"""The roles and bindings that a cluster is born with."""

import itertools
from typing import Any

import pytest

from pullscope.apiserver.rbac import bootstrap, coverage, rules
from pullscope.apiserver.resources.all_kinds import ALL
from pullscope.apiserver.server import ApiServer
from pullscope.kube import resources
from pullscope.kube.api import Api, Object


def named(kind: str) -> dict[str, Object]:
    return {obj["metadata"]["name"]: obj for obj in bootstrap.objects() if obj["kind"] == kind}


async def existing(api: Api) -> dict[str, str]:
    """Each role and binding, and the version that it has."""
    kinds = (*(resources.ROLES, resources.CLUSTER_ROLES), *(resources.ROLE_BINDINGS, resources.CLUSTER_ROLE_BINDINGS))
    found = [obj for kind in kinds for obj in (await api.list(kind)).items]
    return {f"{obj['kind']}/{obj['metadata']['name']}": obj["metadata"]["resourceVersion"] for obj in found}


@pytest.mark.usefixtures("policy")
async def test_what_is_missing_is_made_and_nothing_else_is_touched(server: ApiServer, api: Api) -> None:
    before = await existing(api)
    assert len(before) == len(bootstrap.objects())
    emptied = await api.patch(resources.CLUSTER_ROLES, None, "self-provisioner", {"rules": []})
    await api.delete(resources.CLUSTER_ROLES, None, "basic-user")
    await bootstrap.create(api)
    after = await existing(api)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"ClusterRole/self-provisioner", "ClusterRole/basic-user"}
    assert after["ClusterRole/self-provisioner"] == emptied["metadata"]["resourceVersion"]


def test_every_binding_names_a_role_that_is_there() -> None:
    roles = {"Role": named("Role"), "ClusterRole": named("ClusterRole")}
    for binding in (*named("RoleBinding").values(), *named("ClusterRoleBinding").values()):
        assert binding["roleRef"]["name"] in roles[binding["roleRef"]["kind"]], binding


def test_each_of_view_edit_admin_has_more_than_the_one_before() -> None:
    known: dict[str, Any] = {
        name: [rules.of(rule) for rule in role["rules"]] for name, role in named("ClusterRole").items()
    }
    ladder = ["view", "edit", "admin", "cluster-admin"]
    for less, more in itertools.pairwise(ladder):
        assert not coverage.missing(known[more], known[less]), (less, more)
        assert coverage.missing(known[less], known[more]), (less, more)


def test_a_viewer_reads_what_lies_in_a_namespace_but_secrets_rights_and_leases() -> None:
    viewing = [rules.of(rule) for rule in named("ClusterRole")["view"]["rules"]]
    shut = {kind for kind in (each.resource for each in ALL) if kind.namespaced and not _readable(kind, viewing)}
    assert {kind.plural for kind in shut} == {"secrets", "roles", "rolebindings", "leases"}


def _readable(kind: resources.Resource, held: list[rules.Rule]) -> bool:
    return any(rules.on_resource("list", kind.group, kind.plural, "", "").allowed_by(rule) for rule in held)
