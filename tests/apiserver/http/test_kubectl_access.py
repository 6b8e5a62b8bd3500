"""Who may do what, judged by the real kubectl: roles, questions about rights, acting as others, tokens, projects."""

import asyncio
import base64
import json
from typing import Any

import pytest
from tests.apiserver.kubectl import Kubectl
from tests.apiserver.support import pod

from pullscope.base.clock import SystemClock
from pullscope.kube import resources
from pullscope.kube.api import Api, Object

DEVELOPER, KUBEADMIN = "--token=developer", "--token=kubeadmin"
pytestmark = pytest.mark.usefixtures("policy")


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


def request(name: str, **more: str) -> Object:
    return {"apiVersion": "project.openshift.io/v1", "kind": "ProjectRequest", "metadata": {"name": name}, **more}


def role(name: str, *verbs: str) -> Object:
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": list(verbs)}]
    metadata = {"name": name, "namespace": "demo"}
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": metadata, "rules": rules}


async def test_roles_and_bindings(kubectl: Kubectl) -> None:
    for made in (
        "role reader --verb=get,list --resource=pods,deployments.apps --resource=pods/log",
        "rolebinding readers --role=reader --user=jane --group=crew --serviceaccount=demo:default",
        "clusterrole prober --verb=get --non-resource-url=/healthz/*",
        "clusterrole gathering --aggregation-rule=team=mine",
        "clusterrolebinding probers --clusterrole=prober --group=crew",
    ):
        assert (await kubectl("create", *made.split(), KUBEADMIN)).endswith(" created\n")
    described = (await kubectl("describe", "role", "reader")).split("PolicyRule:\n")[1]
    assert [line.split() for line in described.splitlines()[2:]] == [
        ["pods/log", "[]", "[]", "[get", "list]"],
        ["pods", "[]", "[]", "[get", "list]"],
        ["deployments.apps", "[]", "[]", "[get", "list]"],
    ]
    heads, cells = [line.split() for line in (await kubectl("get", "rolebindings", "-o", "wide")).splitlines()]
    assert heads == ["NAME", "ROLE", "AGE", "USERS", "GROUPS", "SERVICEACCOUNTS"]
    assert (cells[:2], cells[3:]) == (["readers", "Role/reader"], ["jane", "crew", "demo/default"])
    assert "ClusterRole/prober" in await kubectl("get", "clusterrolebinding", "probers")
    changed = '{"roleRef": {"name": "other"}}'
    refused = await kubectl("patch", "rolebinding", "readers", "-p", changed, code=1)
    assert 'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"other"}' in refused
    assert "cannot change roleRef" in refused


async def test_questions_about_rights(kubectl: Kubectl, owner: None) -> None:
    assert await kubectl("auth", "can-i", "create", "pods", DEVELOPER) == "yes\n"
    out, error = await kubectl.said("auth", "can-i", "list", "nodes", DEVELOPER, code=1)
    assert (out, "not namespace scoped" in error) == ("no\n", True)
    assert await kubectl("auth", "can-i", "get", "/openapi/v3", DEVELOPER) == "yes\n"
    listed = await kubectl("auth", "can-i", "--list", DEVELOPER)
    assert listed.splitlines()[0].split("  ")[0] == "Resources"
    assert any(line.startswith("projectrequests.project.openshift.io ") for line in listed.splitlines())
    assert any(line.startswith("pods/exec ") and "create" in line for line in listed.splitlines())
    who = await kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo}", DEVELOPER)
    assert json.loads(who)["groups"] == ["system:authenticated:oauth", "system:authenticated"]


async def test_acting_as_others(kubectl: Kubectl, owner: None) -> None:
    assert await kubectl("auth", "can-i", "create", "pods", "--as=developer", KUBEADMIN) == "yes\n"
    assert await kubectl("auth", "can-i", "create", "pods", "--as=jane", "--as-group=crew", KUBEADMIN, code=1) == ""
    refused = await kubectl("get", "nodes", "--as=developer", KUBEADMIN, code=1)
    assert refused == (
        'Error from server (Forbidden): nodes is forbidden: User "developer" cannot list resource "nodes" '
        'in API group "" at the cluster scope\n'
    )
    refused = await kubectl("get", "pods", "--as=kubeadmin", DEVELOPER, code=1)
    assert 'users "kubeadmin" is forbidden: User "developer" cannot impersonate resource "users"' in refused


async def test_reconciling_roles(kubectl: Kubectl, api: Api) -> None:
    await api.create(resources.ROLES, "demo", role("reader", "get"))
    said = await kubectl("auth", "reconcile", "-f", "-", KUBEADMIN, given=role("reader", "list"))
    assert said.splitlines()[0] == "role.rbac.authorization.k8s.io/reader reconciled"
    rules = (await api.get(resources.ROLES, "demo", "reader"))["rules"]
    assert sorted(verb for rule in rules for verb in rule["verbs"]) == ["get", "list"]


async def test_nobody_gives_what_he_has_not(kubectl: Kubectl, owner: None) -> None:
    refused = await kubectl(
        "create", "rolebinding", "x", "--clusterrole=cluster-admin", "--user=developer", DEVELOPER, code=1
    )
    assert refused.startswith(
        'error: failed to create rolebinding: rolebindings.rbac.authorization.k8s.io "x" is forbidden: user "developer" '
        '(groups=["system:authenticated:oauth" "system:authenticated"]) is attempting to grant RBAC permissions not currently '
        "held:\n"
    )
    assert '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}' in refused
    assert await kubectl("create", "rolebinding", "x", "--clusterrole=edit", "--user=jane", DEVELOPER)
    assert await kubectl("auth", "can-i", "delete", "pods", "--as=jane", KUBEADMIN) == "yes\n"
    refused = await kubectl("create", "clusterrole", "mine", "--verb=get", "--resource=pods", DEVELOPER, code=1)
    assert 'cannot create resource "clusterroles"' in refused


async def test_tokens(kubectl: Kubectl, api: Api) -> None:
    await api.create(resources.PODS, "demo", pod())
    bound = ("--bound-object-kind=Pod", "--bound-object-name=web")
    token = (await kubectl("create", "token", "default", "--duration=20m", *bound, KUBEADMIN)).strip()
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert (claims["sub"], claims["exp"] - claims["iat"]) == ("system:serviceaccount:demo:default", 1200)
    assert claims["kubernetes.io"]["pod"]["name"] == "web"
    who = await kubectl("auth", "whoami", f"--token={token}", "-o", "jsonpath={.status.userInfo.username}")
    assert who == "system:serviceaccount:demo:default"
    refused = await kubectl("get", "pods", f"--token={token}", code=1)
    assert 'User "system:serviceaccount:demo:default" cannot list resource "pods"' in refused
    await kubectl("delete", "pod", "web", "--force", "--grace-period=0")
    assert "You must be logged in to the server" in await kubectl("get", "pods", f"--token={token}", code=1)
    other = (await kubectl("create", "token", "default", "--audience=elsewhere")).strip()
    assert "You must be logged in to the server" in await kubectl("get", "pods", f"--token={other}", code=1)
    assert "less than 10 minutes" in await kubectl("create", "token", "default", "--duration=1s", code=1)
    assert 'serviceaccounts "nosuch" not found' in await kubectl("create", "token", "nosuch", code=1)
    assert 'cannot create resource "serviceaccounts/token"' in await kubectl(
        "create", "token", "default", DEVELOPER, code=1
    )


async def test_projects(kubectl: Kubectl) -> None:
    following = await kubectl.start("get", "projects", "--watch", "-o", "name", DEVELOPER)
    made = await kubectl("create", "-f", "-", DEVELOPER, given=request("mine", displayName="My own"))
    assert made == "project.project.openshift.io/mine created\n"
    assert following.stdout is not None
    seen = await asyncio.wait_for(following.stdout.readline(), 20)
    assert seen == b"project.project.openshift.io/mine\n"
    following.terminate()
    await following.wait()
    lines = [line.split() for line in (await kubectl("get", "projects", DEVELOPER)).splitlines()]
    assert lines == [["NAME", "DISPLAY", "NAME", "STATUS"], ["mine", "My", "own", "Active"]]
    assert await kubectl("create", "configmap", "settings", "-n", "mine", DEVELOPER) == "configmap/settings created\n"
    shut = await kubectl("get", "pods", "-n", "demo", DEVELOPER, code=1)
    assert (
        'pods is forbidden: User "developer" cannot list resource "pods" in API group "" in the namespace "demo"'
        in shut
    )
    assert await kubectl("delete", "project", "mine", "--wait=false", DEVELOPER)


async def test_kinds_that_cannot_be_patched_are_checked_too(kubectl: Kubectl) -> None:
    wrong = await kubectl("create", "-f", "-", DEVELOPER, given=request("mine", title="x"), code=1)
    assert 'ProjectRequest in version "v1" cannot be handled as a ProjectRequest' in wrong
    assert 'strict decoding error: unknown field "title"' in wrong
    asked: dict[str, Any] = {"resourceAttributes": {"verb": "list", "resource": "nodes"}}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": asked}
    answer = await kubectl("create", "-f", "-", "-o", "jsonpath={.status.allowed}", DEVELOPER, given=review)
    assert answer == "false"
    assert "KIND:       ProjectRequest" in await kubectl("explain", "projectrequests", DEVELOPER)
