"""Questions that are answered and not kept: who am I, may I."""

from typing import Any

import pytest
from tests.apiserver.support import Http

from pullscope.apiserver.server import ApiServer
from pullscope.kube import resources
from pullscope.kube.api import Api, UserInfo

WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
MAY = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@pytest.mark.usefixtures("policy")
async def test_who_am_i(wire: Http, server: ApiServer) -> None:
    server.tokens.add("t", UserInfo("anna", "7", ("staff",), {"team": ("blue",)}))
    answer = await wire.send("POST", WHO, {}, token="t")
    assert answer.code == 201
    assert answer.body["status"]["userInfo"] == {
        "username": "anna",
        "uid": "7",
        "groups": ["staff", "system:authenticated"],
        "extra": {"team": ["blue"]},
    }
    assert (await wire.send("POST", WHO, {}, token=None)).code == 403
    assert (await wire.send("GET", WHO)).code == 405


@pytest.mark.usefixtures("policy")
@pytest.mark.parametrize(
    ("spec", "admin", "user"),
    [
        ({"resourceAttributes": {"verb": "create", "resource": "pods", "namespace": "demo"}}, True, False),
        (
            {
                "resourceAttributes": {
                    "verb": "create",
                    "group": "authentication.k8s.io",
                    "resource": "selfsubjectreviews",
                }
            },
            True,
            True,
        ),
        ({"nonResourceAttributes": {"verb": "get", "path": "/apis/apps"}}, True, True),
        ({"nonResourceAttributes": {"verb": "get", "path": "/apiserver"}}, True, False),
        ({"nonResourceAttributes": {"verb": "get", "path": "/version"}}, True, True),
    ],
)
async def test_may_i(wire: Http, server: ApiServer, spec: Any, *, admin: bool, user: bool) -> None:
    server.tokens.add("t", UserInfo("anna"))
    assert (await wire.send("POST", MAY, {"spec": spec})).body["status"] == {"allowed": admin}
    assert (await wire.send("POST", MAY, {"spec": spec}, token="t")).body["status"]["allowed"] == user


BY_ADMIN = 'RBAC: allowed by ClusterRoleBinding "cluster-admins" of ClusterRole "cluster-admin" to Group "system:cluster-admins"'
BY_OWNER = 'RBAC: allowed by RoleBinding "admin/demo" of ClusterRole "admin" to User "developer"'
REVIEW = "/apis/authorization.k8s.io/v1"
PODS = {"verb": "create", "resource": "pods", "namespace": "demo"}


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize(
    ("asker", "path", "spec", "status"),
    [
        ("kubeadmin", MAY, {"resourceAttributes": PODS}, {"allowed": True, "reason": BY_ADMIN}),
        ("developer", MAY, {"resourceAttributes": PODS}, {"allowed": True, "reason": BY_OWNER}),
        ("developer", MAY, {"resourceAttributes": {**PODS, "namespace": "default"}}, {"allowed": False}),
        (
            "kubeadmin",
            f"{REVIEW}/subjectaccessreviews",
            {"resourceAttributes": PODS, "user": "developer", "groups": ["x"]},
            {"allowed": True, "reason": BY_OWNER},
        ),
        (
            "kubeadmin",
            f"{REVIEW}/subjectaccessreviews",
            {"nonResourceAttributes": {"verb": "get", "path": "/metrics"}, "groups": ["system:monitoring"]},
            {
                "allowed": True,
                "reason": 'RBAC: allowed by ClusterRoleBinding "system:monitoring" of ClusterRole "system:monitoring" '
                'to Group "system:monitoring"',
            },
        ),
        (
            "developer",
            f"{REVIEW}/namespaces/demo/localsubjectaccessreviews",
            {"resourceAttributes": PODS, "user": "system:serviceaccount:demo:default"},
            {"allowed": False},
        ),
    ],
)
async def test_who_may_what_and_why(wire: Http, asker: str, path: str, spec: Any, status: Any) -> None:
    answer = await wire.send("POST", path, {"spec": spec}, token=asker)
    assert (answer.code, answer.body["status"], answer.body["spec"]) == (201, status, spec)


@pytest.mark.usefixtures("owner")
async def test_questions_about_others_are_for_those_who_may_ask(wire: Http) -> None:
    spec = {"resourceAttributes": {**PODS, "namespace": "default"}, "user": "kubeadmin"}
    for path in ("subjectaccessreviews", "namespaces/default/localsubjectaccessreviews"):
        answer = await wire.send("POST", f"{REVIEW}/{path}", {"spec": spec}, token="developer")
        assert (answer.code, answer.body["reason"]) == (403, "Forbidden")


async def test_a_question_may_be_about_a_namespace_that_is_not_there(wire: Http) -> None:
    spec = {"resourceAttributes": {**PODS, "namespace": "nosuch"}, "user": "anna"}
    answer = await wire.send("POST", f"{REVIEW}/namespaces/nosuch/localsubjectaccessreviews", {"spec": spec})
    assert (answer.code, answer.body["status"]) == (201, {"allowed": False})


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        (
            "selfsubjectaccessreviews",
            {"spec": {}},
            (
                'SelfSubjectAccessReview.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: "null": '
                "exactly one of nonResourceAttributes or resourceAttributes must be specified"
            ),
        ),
        (
            "subjectaccessreviews",
            {"metadata": {"name": "x"}, "spec": {"resourceAttributes": PODS, "nonResourceAttributes": {"path": "/"}}},
            (
                'SubjectAccessReview.authorization.k8s.io "" is invalid: [spec.nonResourceAttributes: Invalid value: '
                '{"path":"/"}: cannot be specified in combination with resourceAttributes, spec.user: Invalid value: "": '
                'at least one of user or group must be specified, metadata: Invalid value: {"name":"x"}: must be empty]'
            ),
        ),
        (
            "namespaces/demo/localsubjectaccessreviews",
            {"spec": {"user": "x", "resourceAttributes": {**PODS, "namespace": "default"}}},
            (
                'LocalSubjectAccessReview.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: '
                'Invalid value: "default": must match metadata.namespace'
            ),
        ),
        (
            "namespaces/demo/localsubjectaccessreviews",
            {"spec": {"user": "x", "nonResourceAttributes": {"path": "/"}}},
            (
                'LocalSubjectAccessReview.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: '
                'Invalid value: {"path":"/"}: disallowed on this kind of request'
            ),
        ),
    ],
)
async def test_questions_without_sense(wire: Http, path: str, body: Any, message: str) -> None:
    answer = await wire.send("POST", f"{REVIEW}/{path}", body)
    assert (answer.code, answer.body["message"]) == (422, message)


@pytest.mark.usefixtures("owner")
async def test_all_that_i_may(wire: Http) -> None:
    path = f"{REVIEW}/selfsubjectrulesreviews"
    answer = await wire.send("POST", path, {"spec": {"namespace": "default"}}, token="developer")
    status = answer.body["status"]
    assert (answer.code, status["incomplete"]) == (201, False)
    assert {
        "verbs": ["create"],
        "apiGroups": ["project.openshift.io", ""],
        "resources": ["projectrequests"],
    } in status["resourceRules"]
    assert any("/apis/*" in rule["nonResourceURLs"] for rule in status["nonResourceRules"])
    own = (await wire.send("POST", path, {"spec": {"namespace": "demo"}}, token="developer")).body["status"]
    assert len(own["resourceRules"]) > len(status["resourceRules"])
    answer = await wire.send("POST", path, {"spec": {}})
    assert (answer.code, answer.body["message"]) == (400, "no namespace on request")


async def test_roles_that_are_missing_are_told(wire: Http, server: ApiServer, api: Api) -> None:
    server.tokens.add("t", UserInfo("anna"))
    whom = {"roleRef": {"kind": "ClusterRole", "name": "nosuch"}, "subjects": [{"kind": "User", "name": "anna"}]}
    await api.create(resources.CLUSTER_ROLE_BINDINGS, None, {"metadata": {"name": "b"}, **whom})
    rule = {"verbs": ["create"], "apiGroups": ["authorization.k8s.io"], "resources": ["*"]}
    await api.create(resources.CLUSTER_ROLES, None, {"metadata": {"name": "asker"}, "rules": [rule]})
    whom["roleRef"] = {"kind": "ClusterRole", "name": "asker"}
    await api.create(resources.CLUSTER_ROLE_BINDINGS, None, {"metadata": {"name": "c"}, **whom})
    missing = 'clusterrole.rbac.authorization.k8s.io "nosuch" not found'
    asked = await wire.send("POST", MAY, {"spec": {"resourceAttributes": PODS}}, token="t")
    assert asked.body["status"] == {"allowed": False, "reason": f"RBAC: {missing}"}
    listed = await wire.send("POST", f"{REVIEW}/selfsubjectrulesreviews", {"spec": {"namespace": "demo"}}, token="t")
    assert listed.body["status"]["evaluationError"] == missing
    refused = await wire.send("GET", "/api/v1/nodes", token="t")
    assert refused.body["message"].endswith(f"at the cluster scope: RBAC: {missing}")
