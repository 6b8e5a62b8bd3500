"""Over the wire: roles and bindings as objects, and nobody grants what they do not have."""

from typing import Any

import pytest
from tests.apiserver.support import Answer, Http

from pullscope.kube import resources
from pullscope.kube.api import Api, Object

RBAC = "/apis/rbac.authorization.k8s.io/v1"
ROLES, BINDINGS = f"{RBAC}/namespaces/demo/roles", f"{RBAC}/namespaces/demo/rolebindings"
pytestmark = pytest.mark.usefixtures("owner")

WHO = 'user "developer" (groups=["system:authenticated:oauth" "system:authenticated"])'
NOT_HELD = f"{WHO} is attempting to grant RBAC permissions not currently held:\n"


def role(*rules: Object, name: str = "r", **more: Any) -> Object:
    return {"metadata": {"name": name}, "rules": list(rules), **more}


def rule(verbs: str, plurals: str, groups: str = "") -> Object:
    return {"verbs": verbs.split(","), "apiGroups": [groups], "resources": plurals.split(",")}


def binding(kind: str, name: str, user: str = "anna") -> Object:
    return {
        "metadata": {"name": "b"},
        "roleRef": {"kind": kind, "name": name},
        "subjects": [{"kind": "User", "name": user}],
    }


async def as_developer(wire: Http, method: str, path: str, body: Object, media: str = "application/json") -> Answer:
    return await wire.send(method, path, body, token="developer", content_type=media)


async def test_what_an_owner_has_he_may_give(wire: Http) -> None:
    assert (await as_developer(wire, "POST", ROLES, role(rule("get,list", "pods,secrets")))).code == 201
    assert (await as_developer(wire, "POST", BINDINGS, binding("Role", "r"))).code == 201
    for name in ("view", "edit", "admin"):
        body = {**binding("ClusterRole", name), "metadata": {"name": f"their-{name}"}}
        assert (await as_developer(wire, "POST", BINDINGS, body)).code == 201


@pytest.mark.parametrize(
    ("rules", "missing"),
    [
        ([rule("get", "nodes")], '{APIGroups:[""], Resources:["nodes"], Verbs:["get"]}'),
        ([rule("*", "*", "*")], '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}'),
        (
            [rule("escalate,bind", "roles", "rbac.authorization.k8s.io")],
            ('{APIGroups:["rbac.authorization.k8s.io"], Resources:["roles"], Verbs:["escalate" "bind"]}'),
        ),
    ],
    ids=["nodes", "everything", "escalate"],
)
async def test_what_an_owner_lacks_he_cannot_give(wire: Http, rules: list[Object], missing: str) -> None:
    answer = await as_developer(wire, "POST", ROLES, role(*rules))
    assert (answer.code, answer.body["reason"]) == (403, "Forbidden")
    assert answer.body["message"] == f'roles.rbac.authorization.k8s.io "r" is forbidden: {NOT_HELD}{missing}'
    assert (await wire.send("GET", f"{ROLES}/r")).code == 404


async def test_nor_by_writing_into_a_role_that_is_there(wire: Http, api: Api) -> None:
    await api.create(resources.ROLES, "demo", role(rule("get", "pods")))
    more = role(rule("get", "nodes"))
    assert (await as_developer(wire, "PUT", f"{ROLES}/r", more)).code == 403
    for media in ("application/merge-patch+json", "application/strategic-merge-patch+json"):
        assert (await as_developer(wire, "PATCH", f"{ROLES}/r", {"rules": more["rules"]}, media)).code == 403
    config = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", **more}
    path = f"{ROLES}/r?fieldManager=x&force=true"
    assert (await as_developer(wire, "PATCH", path, config, "application/apply-patch+yaml")).code == 403
    assert (await api.get(resources.ROLES, "demo", "r"))["rules"] == [rule("get", "pods")]
    label = {"metadata": {"labels": {"a": "b"}}}
    assert (await as_developer(wire, "PATCH", f"{ROLES}/r", label, "application/merge-patch+json")).code == 200


async def test_nor_by_binding_a_role_of_others(wire: Http, api: Api) -> None:
    await api.create(resources.ROLES, "demo", role(rule("get", "nodes"), name="wide"))
    for reference in (binding("ClusterRole", "cluster-admin"), binding("Role", "wide")):
        answer = await as_developer(wire, "POST", BINDINGS, reference)
        assert (answer.code, answer.body["message"].partition(NOT_HELD)[1]) == (403, NOT_HELD)
    answer = await as_developer(wire, "POST", BINDINGS, binding("ClusterRole", "nosuch"))
    assert (answer.code, answer.body["message"]) == (404, 'clusterroles.rbac.authorization.k8s.io "nosuch" not found')


async def test_nor_by_joining_a_binding_that_is_there(wire: Http, api: Api) -> None:
    await api.create(resources.ROLE_BINDINGS, "demo", binding("ClusterRole", "cluster-admin"))
    subjects = {"subjects": [{"kind": "User", "name": "developer"}]}
    path = f"{BINDINGS}/b"
    assert (await as_developer(wire, "PATCH", path, subjects, "application/merge-patch+json")).code == 403
    owners = {"metadata": {"finalizers": ["a.b/c"]}}
    assert (await as_developer(wire, "PATCH", path, owners, "application/merge-patch+json")).code == 200


async def test_verbs_that_allow_more(wire: Http, api: Api) -> None:
    escalate = rule("escalate", "roles", "rbac.authorization.k8s.io")
    bind = {**rule("bind", "clusterroles", "rbac.authorization.k8s.io"), "resourceNames": ["cluster-admin"]}
    await api.create(resources.ROLES, "demo", role(escalate, bind, name="more"))
    await api.create(resources.ROLE_BINDINGS, "demo", binding("Role", "more", "developer"))
    assert (await as_developer(wire, "POST", ROLES, role(rule("get", "nodes")))).code == 201
    body = {**binding("ClusterRole", "cluster-admin"), "metadata": {"name": "c"}}
    assert (await as_developer(wire, "POST", BINDINGS, body)).code == 201
    assert (
        await as_developer(
            wire, "POST", BINDINGS, {**binding("ClusterRole", "cluster-reader"), "metadata": {"name": "d"}}
        )
    ).code == 403


async def test_who_may_everything_may_give_everything(wire: Http) -> None:
    everything = role(rule("*", "*", "*"), {"verbs": ["*"], "nonResourceURLs": ["*"]}, name="mine")
    assert (await wire.send("POST", f"{RBAC}/clusterroles", everything, token="kubeadmin")).code == 201
    whole = {"metadata": {"name": "b"}, "roleRef": {"kind": "ClusterRole", "name": "mine"}, "subjects": []}
    assert (await wire.send("POST", f"{RBAC}/clusterrolebindings", whole, token="kubeadmin")).code == 201


async def test_gathering_rules_is_for_administrators(wire: Http, api: Api) -> None:
    may = rule("*", "clusterroles", "rbac.authorization.k8s.io")
    await api.create(resources.CLUSTER_ROLES, None, role({**may, "verbs": ["create", "get", "patch"]}, name="makers"))
    grant = {**binding("ClusterRole", "makers", "developer"), "metadata": {"name": "makers"}}
    await api.create(resources.CLUSTER_ROLE_BINDINGS, None, grant)
    gathering = {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}
    answer = await as_developer(wire, "POST", f"{RBAC}/clusterroles", role(aggregationRule=gathering))
    why = 'clusterroles.rbac.authorization.k8s.io "r" is forbidden: must have cluster-admin privileges to use the'
    assert (answer.code, answer.body["message"]) == (403, f"{why} aggregationRule")
    assert (await as_developer(wire, "POST", f"{RBAC}/clusterroles", role())).code == 201


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("roles", role({"verbs": []}), (
            "[rules[0].verbs: Required value: verbs must contain at least one value, "
            "rules[0].apiGroups: Required value: resource rules must supply at least one api group, "
            "rules[0].resources: Required value: resource rules must supply at least one resource]"
        )),
        ("roles", role({"verbs": ["get"], "nonResourceURLs": ["/x"]}), (
            'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs'
        )),
        ("roles", role(name="a%b"), "metadata.name: Invalid value: \"a%b\": may not contain '%'"),
        ("clusterroles", role({"verbs": ["get"], "nonResourceURLs": ["/x"], "resources": ["pods"]}), (
            'rules[0].nonResourceURLs: Invalid value: ["/x"]: '
            "rules cannot apply to both regular resources and non-resource URLs"
        )),
        ("clusterroles", role(aggregationRule={}), (
            "aggregationRule.clusterRoleSelectors: Required value: "
            "at least one clusterRoleSelector required if aggregationRule is non-nil"
        )),
        ("rolebindings", {"metadata": {"name": "b"}, "roleRef": {"kind": "X", "name": "../x", "apiGroup": "y"}}, (
            '[roleRef.apiGroup: Unsupported value: "y": supported values: "rbac.authorization.k8s.io", '
            'roleRef.kind: Unsupported value: "X": supported values: "Role", "ClusterRole", '
            "roleRef.name: Invalid value: \"../x\": may not contain '/']"
        )),
        ("rolebindings", {**binding("Role", "r"), "subjects": [{"kind": "Y", "name": ""}]}, (
            "[subjects[0].name: Required value, "
            'subjects[0].kind: Unsupported value: "Y": supported values: "ServiceAccount", "User", "Group"]'
        )),
        ("clusterrolebindings", {**binding("ClusterRole", "r"), "subjects": [
            {"kind": "ServiceAccount", "name": "s", "apiGroup": "x"}, {"kind": "Group", "name": "", "apiGroup": "x"}
        ]}, (
            '[subjects[0].apiGroup: Unsupported value: "x": supported values: "", '
            "subjects[0].namespace: Required value, subjects[1].name: Required value, "
            'subjects[1].name: Invalid value: "": group name cannot be empty, '
            'subjects[1].apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io"]'
        )),
        ("clusterrolebindings", binding("Role", "r"), (
            'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'
        )),
    ],
)  # fmt: skip
async def test_what_is_invalid_is_told_in_upstreams_words(wire: Http, kind: str, body: Object, message: str) -> None:
    place = f"{RBAC}/{kind}" if kind.startswith("cluster") else f"{RBAC}/namespaces/demo/{kind}"
    answer = await wire.send("POST", place, body)
    assert (answer.code, answer.body["message"].partition(" is invalid: ")[2]) == (422, message)


async def test_a_binding_keeps_its_role(wire: Http) -> None:
    made = (await wire.send("POST", BINDINGS, binding("ClusterRole", "view"))).body
    assert made["roleRef"]["apiGroup"] == made["subjects"][0]["apiGroup"] == "rbac.authorization.k8s.io"
    made["roleRef"]["name"] = "edit"
    answer = await wire.send("PUT", f"{BINDINGS}/b", made)
    shown = '{"APIGroup":"rbac.authorization.k8s.io","Kind":"ClusterRole","Name":"edit"}'
    why = f"roleRef: Invalid value: {shown}: cannot change roleRef"
    assert (answer.code, answer.body["message"].partition(" is invalid: ")[2]) == (422, why)
