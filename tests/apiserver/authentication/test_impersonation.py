"""Acting as another: who may, and as whom."""

from typing import Any

import pytest
from tests.apiserver.support import Http

from pullscope.kube import resources
from pullscope.kube.api import Api

WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
pytestmark = pytest.mark.usefixtures("owner")

ROBOT = "system:serviceaccount:demo:robot"


async def who(wire: Http, token: str, *headers: tuple[str, str]) -> tuple[int, Any]:
    """The answer to: who am I, with these headers? The user, or the message of a refusal."""
    given = [("Authorization", f"Bearer {token}"), ("Content-Type", "application/json"), *headers]
    async with wire.session.post(wire.url + WHO, data=b"{}", headers=given) as response:
        body = await response.json()
        return response.status, body["status"]["userInfo"] if response.status == 201 else body["message"]


@pytest.mark.parametrize(
    ("headers", "user"),
    [
        ([("User", "anna")], {"username": "anna", "groups": ["system:authenticated"]}),
        (
            [("User", "anna"), ("Group", "a"), ("Group", "b"), ("Uid", "7")],
            {"username": "anna", "uid": "7", "groups": ["a", "b", "system:authenticated"]},
        ),
        (
            [("User", "anna"), ("Extra-Scopes%2FX", "a"), ("Extra-Scopes%2FX", "b")],
            {"username": "anna", "groups": ["system:authenticated"], "extra": {"scopes/x": ["a", "b"]}},
        ),
        (
            [("User", ROBOT)],
            {
                "username": ROBOT,
                "groups": ["system:serviceaccounts", "system:serviceaccounts:demo", "system:authenticated"],
            },
        ),
        ([("User", ROBOT), ("Group", "a")], {"username": ROBOT, "groups": ["a", "system:authenticated"]}),
        (
            [("User", "anna"), ("Group", "system:authenticated")],
            {"username": "anna", "groups": ["system:authenticated"]},
        ),
    ],
)
async def test_an_administrator_may_be_anyone(wire: Http, headers: list[tuple[str, str]], user: Any) -> None:
    named = [(f"Impersonate-{name}", value) for name, value in headers]
    assert await who(wire, "kubeadmin", *named) == (201, user)


async def test_who_he_is_is_what_he_may(wire: Http) -> None:
    for headers, code in (
        ({}, 200),
        ({"Impersonate-User": "developer"}, 403),
        ({"Impersonate-User": "developer", "Impersonate-Group": "system:cluster-admins"}, 200),
        ({"Impersonate-User": "system:anonymous"}, 403),
    ):
        async with wire.request("GET", "/api/v1/nodes", token="kubeadmin", headers=headers) as response:
            assert response.status == code


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        (
            {"User": "kubeadmin"},
            (
                'users "kubeadmin" is forbidden: User "developer" cannot impersonate resource "users" in API group "" '
                "at the cluster scope"
            ),
        ),
        (
            {"User": "system:serviceaccount:default:default"},
            (
                'serviceaccounts "default" is forbidden: User "developer" cannot impersonate resource "serviceaccounts" '
                'in API group "" in the namespace "default"'
            ),
        ),
        (
            {"User": ROBOT, "Group": "system:masters"},
            (
                'groups "system:masters" is forbidden: User "developer" cannot impersonate resource "groups" in API group "" '
                "at the cluster scope"
            ),
        ),
        (
            {"User": ROBOT, "Uid": "7"},
            (
                'uids.authentication.k8s.io "7" is forbidden: User "developer" cannot impersonate resource "uids" '
                'in API group "authentication.k8s.io" at the cluster scope'
            ),
        ),
        (
            {"User": ROBOT, "Extra-team": "blue"},
            (
                'userextras.authentication.k8s.io "blue" is forbidden: User "developer" cannot impersonate resource '
                '"userextras/team" in API group "authentication.k8s.io" at the cluster scope'
            ),
        ),
    ],
)
async def test_the_developer_may_not(wire: Http, headers: dict[str, str], message: str) -> None:
    named = [(f"Impersonate-{name}", value) for name, value in headers.items()]
    assert await who(wire, "developer", *named) == (403, message)


async def test_but_as_the_accounts_of_his_own_namespace(wire: Http) -> None:
    code, user = await who(wire, "developer", ("Impersonate-User", ROBOT))
    assert (code, user["username"]) == (201, ROBOT)


async def test_one_user_where_a_role_names_him(wire: Http, api: Api) -> None:
    rule = {"verbs": ["impersonate"], "apiGroups": [""], "resources": ["users"], "resourceNames": ["anna"]}
    await api.create(resources.CLUSTER_ROLES, None, {"metadata": {"name": "as-anna"}, "rules": [rule]})
    subjects = [{"kind": "User", "name": "developer"}]
    reference = {"kind": "ClusterRole", "name": "as-anna"}
    binding = {"metadata": {"name": "b"}, "roleRef": reference, "subjects": subjects}
    await api.create(resources.CLUSTER_ROLE_BINDINGS, None, binding)
    assert (await who(wire, "developer", ("Impersonate-User", "anna")))[0] == 201
    assert (await who(wire, "developer", ("Impersonate-User", "otto")))[0] == 403


async def test_nobody_is_a_group_alone(wire: Http) -> None:
    answer = await who(wire, "kubeadmin", ("Impersonate-Group", "staff"))
    assert answer == (400, "requested [{Group  staff    }] without impersonating a user")


async def test_the_question_comes_before_the_token_is_forgotten(wire: Http) -> None:
    assert (await who(wire, "nobody", ("Impersonate-User", "anna")))[0] == 401
