"""Discovery, version, health: what clients ask before they ask for anything."""

import pytest
from tests.apiserver.support import Http

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v={0};as=APIGroupDiscoveryList"
BOTH = ",".join([AGGREGATED.format("v2"), AGGREGATED.format("v2beta1"), "application/json"])
ALL_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]


@pytest.mark.parametrize(("accept", "version"), [(BOTH, "v2"), (AGGREGATED.format("v2beta1"), "v2beta1")])
async def test_aggregated_discovery(wire: Http, accept: str, version: str) -> None:
    core = await wire.send("GET", "/api?timeout=32s", accept=accept)
    assert core.headers["Content-Type"] == AGGREGATED.format(version)
    assert core.headers["Vary"] == "Accept"
    assert (core.body["kind"], core.body["apiVersion"]) == ("APIGroupDiscoveryList", f"apidiscovery.k8s.io/{version}")
    (group,) = core.body["items"]
    assert group["metadata"] == {}
    (served,) = group["versions"]
    assert (served["version"], served["freshness"]) == ("v1", "Current")
    found = {each["resource"]: each for each in served["resources"]}
    pods = found["pods"]
    parts = {part["subresource"]: (part["responseKind"]["kind"], part["verbs"]) for part in pods.pop("subresources")}
    assert pods == {
        "resource": "pods",
        "responseKind": {"group": "", "version": "", "kind": "Pod"},
        "scope": "Namespaced",
        "singularResource": "pod",
        "verbs": ALL_VERBS,
        "shortNames": ["po"],
        "categories": ["all"],
    }
    assert parts == {
        "attach": ("PodAttachOptions", ["create", "get"]),
        "binding": ("Binding", ["create"]),
        "eviction": ("Eviction", ["create"]),
        "exec": ("PodExecOptions", ["create", "get"]),
        "log": ("Pod", ["get"]),
        "status": ("Pod", ["get", "patch", "update"]),
    }
    assert found["namespaces"]["scope"] == "Cluster"
    tagged = await wire.send("GET", "/api", accept=accept)
    assert tagged.headers["ETag"] == core.headers["ETag"]


async def test_aggregated_groups(wire: Http) -> None:
    answer = await wire.send("GET", "/apis", accept=BOTH)
    groups = {group["metadata"]["name"]: group["versions"][0]["resources"] for group in answer.body["items"]}
    deployments = {each["resource"]: each for each in groups["apps"]}["deployments"]
    assert deployments["subresources"][0] == {
        "subresource": "scale",
        "responseKind": {"group": "autoscaling", "version": "v1", "kind": "Scale"},
        "verbs": ["get", "patch", "update"],
    }


async def test_discovery_that_a_client_has(wire: Http) -> None:
    first = await wire.send("GET", "/apis", accept=BOTH)
    headers = {"If-None-Match": first.headers["ETag"], "Accept": BOTH}
    async with wire.request("GET", "/apis", headers=headers) as again:
        assert again.status == 304


async def test_older_discovery(wire: Http) -> None:
    versions = await wire.send("GET", "/api")
    assert (versions.body["kind"], versions.body["versions"]) == ("APIVersions", ["v1"])
    groups = await wire.send("GET", "/apis")
    assert groups.body["kind"] == "APIGroupList"
    apps = {"groupVersion": "apps/v1", "version": "v1"}
    group = {"name": "apps", "versions": [apps], "preferredVersion": apps}
    assert group in groups.body["groups"]
    assert (await wire.send("GET", "/apis/apps")).body == {"kind": "APIGroup", "apiVersion": "v1", **group}
    listed = (await wire.send("GET", "/apis/apps/v1")).body
    assert (listed["kind"], listed["groupVersion"]) == ("APIResourceList", "apps/v1")
    by_name = {each["name"]: each for each in listed["resources"]}
    assert by_name["deployments"]["shortNames"] == ["deploy"]
    assert by_name["deployments/scale"] == {
        "name": "deployments/scale",
        "singularName": "",
        "namespaced": True,
        "kind": "Scale",
        "verbs": ["get", "patch", "update"],
        "group": "autoscaling",
        "version": "v1",
    }


async def test_version_says_who_we_are(wire: Http) -> None:
    answer = await wire.send("GET", "/version?timeout=32s")
    assert (answer.body["major"], answer.body["minor"]) == ("1", "36")
    assert answer.body["gitVersion"].startswith("v1.36.2+pullscope-")


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
async def test_health(wire: Http, path: str) -> None:
    answer = await wire.send("GET", path, token=None)
    assert (answer.code, answer.body) == (200, "ok")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/livez?verbose", "[+]ping ok\nlivez check passed\n"),
        ("/readyz?verbose&exclude=ping", "[+]ping excluded: ok\nreadyz check passed\n"),
        (
            "/healthz?verbose&exclude=b&exclude=a",
            '[+]ping ok\nwarn: some health checks cannot be excluded: no matches for "a","b"\nhealthz check passed\n',
        ),
        ("/livez?exclude=a", "ok"),
        ("/readyz/ping", "ok"),
        ("/livez/nope", "404 page not found\n"),
    ],
)
async def test_single_checks(wire: Http, path: str, told: str) -> None:
    answer = await wire.send("GET", path)
    assert (answer.code, answer.body) == (404 if "404" in told else 200, told)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


async def test_the_little_of_openapi_2(wire: Http) -> None:
    """kubectl judges the same in protobuf (test_kubectl_access)."""
    answer = await wire.send("GET", "/openapi/v2")
    patches = {path: item["patch"] for path, item in answer.body["paths"].items()}
    assert patches["/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"]["x-kubernetes-group-version-kind"] == {
        "group": "authorization.k8s.io",
        "version": "v1",
        "kind": "SelfSubjectAccessReview",
    }
    assert {"/api/v1/namespaces/{name}", "/apis/project.openshift.io/v1/projectrequests"} <= patches.keys()
    assert all(
        {"fieldValidation", "dryRun"} <= {one["name"] for one in each["parameters"]} for each in patches.values()
    )
