"""Who may come in, and that nobody gets more than a Status out of a fault."""

import logging

import pytest
from tests.apiserver.support import DEPLOYMENTS, PODS, FakeKubelet, Http

from pullscope.apiserver.authorization import MASTER
from pullscope.apiserver.server import ApiServer
from pullscope.kube import resources
from pullscope.kube.api import Api, UserInfo
from pullscope.kube.status import ApiError


async def test_a_wrong_token(wire: Http) -> None:
    answer = await wire.send("GET", PODS, token="wrong")
    assert (answer.code, answer.body["reason"], answer.body["message"]) == (401, "Unauthorized", "Unauthorized")
    assert (await wire.send("GET", "/version", token="wrong")).code == 401


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        ("GET", "/apis", 'forbidden: User "system:anonymous" cannot get path "/apis"'),
        ("GET", "/x", 'forbidden: User "system:anonymous" cannot get path "/x"'),
        (
            "GET",
            PODS,
            'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "demo"',
        ),
        (
            "GET",
            f"{PODS}/web/log",
            (
                'pods "web" is forbidden: User "system:anonymous" cannot get resource "pods/log" in API group "" '
                'in the namespace "demo"'
            ),
        ),
        (
            "DELETE",
            f"{DEPLOYMENTS}/web",
            (
                'deployments.apps "web" is forbidden: User "system:anonymous" cannot delete resource "deployments" '
                'in API group "apps" in the namespace "demo"'
            ),
        ),
        (
            "GET",
            "/api/v1/nodes?watch=true",
            (
                'nodes is forbidden: User "system:anonymous" cannot watch resource "nodes" in API group "" '
                "at the cluster scope"
            ),
        ),
    ],
)
async def test_without_a_token(wire: Http, method: str, path: str, message: str) -> None:
    answer = await wire.send(method, path, token=None)
    assert (answer.code, answer.body["reason"], answer.body["message"]) == (403, "Forbidden", message)


@pytest.mark.usefixtures("policy")
async def test_what_everyone_may_see(wire: Http) -> None:
    for path in ("/version", "/healthz", "/livez", "/readyz"):
        assert (await wire.send("GET", path, token=None)).code == 200


async def test_nobody_is_read_before_they_may(wire: Http) -> None:
    for method, path in (("POST", PODS), ("PATCH", f"{PODS}/web"), ("GET", f"{PODS}?fieldSelector=x%3Dy")):
        assert (await wire.send(method, path, b"{" if method != "GET" else None, token=None)).code == 403


async def test_a_token_that_is_taken_back(wire: Http, server: ApiServer) -> None:
    server.tokens.add("short", MASTER)
    assert (await wire.send("GET", PODS, token="short")).code == 200
    server.tokens.remove("short")
    assert (await wire.send("GET", PODS, token="short")).code == 401


@pytest.mark.usefixtures("policy")
@pytest.mark.parametrize(
    "name",
    [
        "somebody",
        "system:serviceaccount:demo:default",
        "system:kube-scheduler",
        "system:serviceaccount:kube-system:default",
    ],
)
async def test_a_user_without_rights(wire: Http, server: ApiServer, name: str) -> None:
    server.tokens.add("poor", UserInfo(name))
    answer = await wire.send("GET", PODS, token="poor")
    assert (answer.code, answer.body["message"].split(" cannot ")[0]) == (403, f'pods is forbidden: User "{name}"')
    assert (await wire.send("GET", "/apis", token="poor")).code == 200


async def test_parts_of_the_cluster_may_everything_in_its_process_alone(server: ApiServer) -> None:
    for name in ("system:kube-scheduler", "system:serviceaccount:kube-system:deployment-controller", "system:node:crc"):
        assert (await server.client(UserInfo(name)).list(resources.NODES)).items
    for name in ("system:anonymous", "system:serviceaccount:demo:default", "anna"):
        with pytest.raises(ApiError, match="cannot list resource"):
            await server.client(UserInfo(name)).list(resources.NODES)


async def test_a_role_for_one_name_lets_list_and_watch_it(wire: Http, server: ApiServer, api: Api) -> None:
    rule = {"verbs": ["list", "watch"], "apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["mine"]}
    await api.create(resources.ROLES, "demo", {"metadata": {"name": "one"}, "rules": [rule]})
    reference = {"kind": "Role", "name": "one"}
    binding = {"metadata": {"name": "b"}, "roleRef": reference, "subjects": [{"kind": "User", "name": "anna"}]}
    await api.create(resources.ROLE_BINDINGS, "demo", binding)
    server.tokens.add("t", UserInfo("anna"))
    path = "/api/v1/namespaces/demo/configmaps"
    assert (await wire.send("GET", f"{path}?fieldSelector=metadata.name%3Dmine", token="t")).code == 200
    assert (await wire.send("GET", f"{path}?fieldSelector=metadata.name%3Dother", token="t")).code == 403
    assert (await wire.send("GET", f"{path}?fieldSelector=metadata.name!%3Dmine", token="t")).code == 403
    assert (await wire.send("GET", path, token="t")).code == 403


async def test_impersonation_is_refused(wire: Http) -> None:
    async with wire.request("GET", PODS, headers={"Impersonate-User": "root"}) as response:
        assert (response.status, (await response.json())["reason"]) == (403, "Forbidden")


async def test_a_fault_of_ours_is_a_status_and_a_line_in_the_log(
    wire: Http, server: ApiServer, caplog: pytest.LogCaptureFixture
) -> None:
    api = server.client(UserInfo("system:admin"))
    pod = {"metadata": {"name": "web"}, "spec": {"nodeName": "crc", "containers": [{"name": "a", "image": "b"}]}}
    await api.create(resources.PODS, "demo", pod)
    server.kubelets["crc"] = FakeKubelet(error=ZeroDivisionError("secret detail"))
    with caplog.at_level(logging.ERROR):
        answer = await wire.send("GET", f"{PODS}/web/log")
    assert (answer.code, answer.body["reason"]) == (500, "InternalError")
    assert "secret detail" not in answer.body["message"]
    assert "secret detail" in caplog.text
