"""The developer is let into his own namespace and kept out of everything else, whatever he asks and however."""

from typing import Any

import pytest
from tests.apiserver.support import FakeKubelet, Http, pod

from pullscope.apiserver.server import ApiServer
from pullscope.kube import resources
from pullscope.kube.api import Api, Object

RBAC = "/apis/rbac.authorization.k8s.io/v1"
MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"
pytestmark = pytest.mark.usefixtures("owner")

SECRET: Object = {"metadata": {"name": "s"}, "data": {"password": "c2VjcmV0"}}
EVICTION = {"metadata": {"name": "web"}}


@pytest.fixture
async def filled(api: Api, kubelet: FakeKubelet) -> None:
    """The same objects in the developer's namespace and in another."""
    for namespace in ("demo", "default"):
        await api.create(resources.PODS, namespace, pod(nodeName="crc"))
        await api.create(resources.SECRETS, namespace, SECRET)


def inside(namespace: str) -> list[tuple[str, str, Any]]:
    """Everything that can be asked in a namespace: the method, the path, and the body with its media type."""
    core = f"/api/v1/namespaces/{namespace}"
    pods, secrets = f"{core}/pods", f"{core}/secrets"
    label = {"metadata": {"labels": {"a": "b"}}}
    applied = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "new"}}
    return [
        ("GET", core, None),
        ("GET", pods, None),
        ("GET", f"{pods}?watch=true&timeoutSeconds=0", None),
        ("GET", f"{pods}?fieldSelector=metadata.name%3Dweb", None),
        ("GET", f"{pods}/web", None),
        ("GET", f"{pods}/web/log", None),
        ("GET", secrets, None),
        ("GET", f"{secrets}/s", None),
        ("POST", pods, (pod("other"), None)),
        ("POST", secrets, ({**SECRET, "metadata": {"name": "t"}}, None)),
        ("PATCH", f"{pods}/web", (label, MERGE)),
        ("PATCH", f"{core}/configmaps/new?fieldManager=me", (applied, APPLY)),
        ("POST", f"{pods}/web/eviction", (EVICTION, None)),
        ("DELETE", secrets, None),
        ("DELETE", f"{pods}/other?gracePeriodSeconds=0", None),
    ]


@pytest.mark.usefixtures("filled")
async def test_at_home_he_may_do_all_of_it(wire: Http) -> None:
    for method, path, body in inside("demo"):
        given, media = body or (None, None)
        if "watch" in path:
            async with wire.request(method, path, token="developer") as response:
                assert response.status == 200
            continue
        answer = await wire.send(method, path, given, token="developer", content_type=media or "application/json")
        assert answer.code in (200, 201), (method, path, answer.body)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("namespace", ["default", "nosuch"])
async def test_elsewhere_he_may_do_none_of_it(wire: Http, api: Api, namespace: str) -> None:
    """Whether the namespace is there at all is not told either."""
    before = (await api.list(resources.PODS, "default")).items, (await api.list(resources.SECRETS, "default")).items
    for method, path, body in inside(namespace):
        given, media = body or (None, None)
        answer = await wire.send(method, path, given, token="developer", content_type=media or "application/json")
        assert (answer.code, answer.body["reason"]) == (403, "Forbidden"), (method, path)
        assert f'in the namespace "{namespace}"' in answer.body["message"]
    assert before == (
        (await api.list(resources.PODS, "default")).items,
        (await api.list(resources.SECRETS, "default")).items,
    )


async def test_nor_any_of_their_parts(wire: Http) -> None:
    core = "/api/v1/namespaces/default"
    for method, path in (
        ("POST", f"{core}/pods/web/exec?command=ls&stdout=true"),
        ("GET", f"{core}/pods/web/exec?command=ls&stdout=true"),
        ("POST", f"{core}/pods/web/attach?stdout=true"),
        ("POST", f"{core}/pods/web/portforward"),
        ("GET", f"{core}/pods/web/proxy/"),
        ("POST", f"{core}/serviceaccounts/default/token"),
        ("GET", "/apis/apps/v1/namespaces/default/deployments/web/scale"),
        ("PATCH", "/apis/apps/v1/namespaces/default/deployments/web/scale"),
    ):
        answer = await wire.send(method, path, None if method == "GET" else {}, token="developer", content_type=MERGE)
        assert (answer.code, answer.body["reason"]) == (403, "Forbidden"), (method, path)


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        ("GET", "/api/v1/pods", 'pods is forbidden: User "developer" cannot list resource "pods" in API group ""'),
        (
            "GET",
            "/api/v1/pods?watch=true",
            'pods is forbidden: User "developer" cannot watch resource "pods" in API group ""',
        ),
        (
            "GET",
            "/api/v1/secrets",
            'secrets is forbidden: User "developer" cannot list resource "secrets" in API group ""',
        ),
        (
            "GET",
            "/apis/apps/v1/deployments",
            'deployments.apps is forbidden: User "developer" cannot list resource "deployments" in API group "apps"',
        ),
        ("GET", "/api/v1/nodes", 'nodes is forbidden: User "developer" cannot list resource "nodes" in API group ""'),
        (
            "GET",
            "/api/v1/nodes/crc",
            'nodes "crc" is forbidden: User "developer" cannot get resource "nodes" in API group ""',
        ),
        (
            "PATCH",
            "/api/v1/nodes/crc",
            'nodes "crc" is forbidden: User "developer" cannot patch resource "nodes" in API group ""',
        ),
        (
            "GET",
            "/api/v1/namespaces",
            'namespaces is forbidden: User "developer" cannot list resource "namespaces" in API group ""',
        ),
        (
            "POST",
            "/api/v1/namespaces",
            'namespaces is forbidden: User "developer" cannot create resource "namespaces" in API group ""',
        ),
        (
            "POST",
            f"{RBAC}/clusterroles",
            (
                'clusterroles.rbac.authorization.k8s.io is forbidden: User "developer" cannot create resource "clusterroles" '
                'in API group "rbac.authorization.k8s.io"'
            ),
        ),
        (
            "PATCH",
            f"{RBAC}/clusterroles/admin",
            (
                'clusterroles.rbac.authorization.k8s.io "admin" is forbidden: User "developer" cannot patch resource '
                '"clusterroles" in API group "rbac.authorization.k8s.io"'
            ),
        ),
        (
            "GET",
            f"{RBAC}/clusterrolebindings",
            (
                'clusterrolebindings.rbac.authorization.k8s.io is forbidden: User "developer" cannot list resource '
                '"clusterrolebindings" in API group "rbac.authorization.k8s.io"'
            ),
        ),
        ("GET", "/metrics", 'forbidden: User "developer" cannot get path "/metrics"'),
        ("POST", "/apis", 'forbidden: User "developer" cannot post path "/apis"'),
    ],
)
async def test_what_belongs_to_all_is_not_his(wire: Http, method: str, path: str, message: str) -> None:
    answer = await wire.send(method, path, {} if method != "GET" else None, token="developer", content_type=MERGE)
    scope = "" if "cannot get path" in message or "cannot post path" in message else " at the cluster scope"
    assert (answer.code, answer.body["message"]) == (403, f"{message}{scope}")


async def test_what_is_his_in_his_namespace_is_not_the_namespaces_own(wire: Http) -> None:
    """Quotas, bindings of pods to nodes, statuses and the namespace itself are the administrator's."""
    core = "/api/v1/namespaces/demo"
    for method, path in (
        ("PATCH", core),
        ("DELETE", core),
        ("PUT", f"{core}/finalize"),
        ("PATCH", f"{core}/status"),
        ("POST", f"{core}/pods/web/binding"),
        ("PATCH", f"{core}/pods/web/status"),
        ("PATCH", "/apis/apps/v1/namespaces/demo/deployments/web/status"),
    ):
        assert (await wire.send(method, path, {}, token="developer", content_type=MERGE)).code == 403, (method, path)


async def test_he_may_see_what_is_served(wire: Http) -> None:
    for path in (
        "/api",
        "/apis",
        "/api/v1",
        "/apis/apps/v1",
        "/openapi/v3",
        "/openapi/v3/apis/apps/v1",
        "/version",
        "/healthz",
    ):
        assert (await wire.send("GET", path, token="developer")).code == 200, path
    assert (await wire.send("GET", f"{RBAC}/clusterroles/admin", token="developer")).code == 200


@pytest.mark.usefixtures("filled")
async def test_no_path_leads_around_the_question(wire: Http) -> None:
    """Encoded, doubled and climbing paths are asked about as what they are."""
    for path in (
        "/api/v1/namespaces/demo/../default/secrets",
        "/api/v1/namespaces/demo/..%2Fdefault/secrets",
        "/api/v1/namespaces/demo%2F..%2Fdefault/secrets",
        "/api/v1//namespaces//default//secrets/s",
        "/api/v1/namespaces/default/secrets/s/",
        "/api/v1/namespaces/demo/secrets/..%2f..%2fdefault%2fsecrets%2fs",
    ):
        answer = await wire.send("GET", path, token="developer")
        assert answer.code in (403, 404), path
        assert "c2VjcmV0" not in str(answer.body), path


async def test_what_is_taken_from_him_is_gone_at_once(wire: Http, server: ApiServer, api: Api) -> None:
    path = "/api/v1/namespaces/demo/pods"
    assert (await wire.send("GET", path, token="developer")).code == 200
    await api.delete(resources.ROLE_BINDINGS, "demo", "admin")
    assert (await wire.send("GET", path, token="developer")).code == 403
