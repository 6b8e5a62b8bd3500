"""GET: objects, lists and tables as the recorded API server answers kubectl."""

from typing import Any

import orjson
import pytest
from tests.apiserver.support import DEPLOYMENTS, PODS, TABLE, Http, deployment, pod

from pullscope.base.clock import ManualClock
from pullscope.kube import resources
from pullscope.kube.api import Api


async def test_one_object(wire: Http, api: Api) -> None:
    made = await api.create(resources.PODS, "demo", pod())
    answer = await wire.send("GET", f"{PODS}/web")
    assert (answer.code, answer.body) == (200, made)
    assert answer.headers["Cache-Control"] == "no-cache, private"
    assert answer.headers["Content-Type"] == "application/json"


async def test_a_list_says_kind_and_version_once(wire: Http, api: Api) -> None:
    made = await api.create(resources.PODS, "demo", pod())
    answer = await wire.send("GET", f"{PODS}?limit=500")
    bare = {field: value for field, value in made.items() if field not in ("kind", "apiVersion")}
    assert answer.body == {
        "kind": "PodList",
        "apiVersion": "v1",
        "metadata": {"resourceVersion": made["metadata"]["resourceVersion"]},
        "items": [bare],
    }
    everywhere = await wire.send("GET", "/api/v1/pods")
    assert everywhere.body["items"] == [bare]
    empty = await wire.send("GET", "/apis/apps/v1/deployments")
    assert (empty.body["kind"], empty.body["items"]) == ("DeploymentList", [])


# What `_table-columns.json` recorded of a 1.36 server: name, type, format, priority.
COLUMNS: dict[str, list[tuple[str, str, str, int]]] = {
    "/api/v1/namespaces": [("Name", "string", "name", 0), ("Status", "string", "", 0), ("Age", "string", "", 0)],
    "/api/v1/configmaps": [("Name", "string", "name", 0), ("Data", "string", "", 0), ("Age", "string", "", 0)],
    "/api/v1/serviceaccounts": [("Name", "string", "name", 0), ("Age", "string", "", 0)],
    "/api/v1/secrets": [
        ("Name", "string", "name", 0),
        ("Type", "string", "", 0),
        ("Data", "string", "", 0),
        ("Age", "string", "", 0),
    ],
    "/api/v1/events": [
        ("Last Seen", "string", "", 0),
        ("Type", "string", "", 0),
        ("Reason", "string", "", 0),
        ("Object", "string", "", 0),
        ("Subobject", "string", "", 1),
        ("Source", "string", "", 1),
        ("Message", "string", "", 0),
        ("First Seen", "string", "", 1),
        ("Count", "string", "", 1),
        ("Name", "string", "name", 1),
    ],
    "/api/v1/pods": [
        ("Name", "string", "name", 0),
        ("Ready", "string", "", 0),
        ("Status", "string", "", 0),
        ("Restarts", "string", "", 0),
        ("Age", "string", "", 0),
        ("IP", "string", "", 1),
        ("Node", "string", "", 1),
        ("Nominated Node", "string", "", 1),
        ("Readiness Gates", "string", "", 1),
    ],
    "/api/v1/services": [
        ("Name", "string", "name", 0),
        ("Type", "string", "", 0),
        ("Cluster-IP", "string", "", 0),
        ("External-IP", "string", "", 0),
        ("Port(s)", "string", "", 0),
        ("Age", "string", "", 0),
        ("Selector", "string", "", 1),
    ],
    "/api/v1/nodes": [
        ("Name", "string", "name", 0),
        ("Status", "string", "", 0),
        ("Roles", "string", "", 0),
        ("Age", "string", "", 0),
        ("Version", "string", "", 0),
        ("Internal-IP", "string", "", 1),
        ("External-IP", "string", "", 1),
        ("OS-Image", "string", "", 1),
        ("Kernel-Version", "string", "", 1),
        ("Container-Runtime", "string", "", 1),
    ],
    "/apis/apps/v1/deployments": [
        ("Name", "string", "name", 0),
        ("Ready", "string", "", 0),
        ("Up-to-date", "string", "", 0),
        ("Available", "string", "", 0),
        ("Age", "string", "", 0),
        ("Containers", "string", "", 1),
        ("Images", "string", "", 1),
        ("Selector", "string", "", 1),
    ],
    "/apis/apps/v1/replicasets": [
        ("Name", "string", "name", 0),
        ("Desired", "integer", "", 0),
        ("Current", "integer", "", 0),
        ("Ready", "integer", "", 0),
        ("Age", "string", "", 0),
        ("Containers", "string", "", 1),
        ("Images", "string", "", 1),
        ("Selector", "string", "", 1),
    ],
}


@pytest.mark.parametrize("path", COLUMNS)
async def test_columns_are_upstreams(wire: Http, path: str) -> None:
    answer = await wire.send("GET", f"{path}?limit=500", accept=TABLE)
    assert (answer.body["kind"], answer.body["apiVersion"]) == ("Table", "meta.k8s.io/v1")
    columns = answer.body["columnDefinitions"]
    assert [(each["name"], each["type"], each["format"], each["priority"]) for each in columns] == COLUMNS[path]
    assert all(each["description"] for each in columns)
    assert all(len(row["cells"]) == len(columns) for row in answer.body["rows"])


async def test_a_row_carries_the_metadata(wire: Http, api: Api, clock: ManualClock) -> None:
    made = await api.create(resources.DEPLOYMENTS, "demo", deployment())
    clock.advance(130)
    answer = await wire.send("GET", f"{DEPLOYMENTS}/web", accept=TABLE)
    assert answer.body["metadata"] == {"resourceVersion": made["metadata"]["resourceVersion"]}
    assert answer.body["rows"] == [
        {
            "cells": ["web", "0/1", 0, 0, "2m10s", "app", "registry.example/app:v1", "app=web"],
            "object": {
                "kind": "PartialObjectMetadata",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": made["metadata"],
            },
        }
    ]


async def test_other_forms_of_a_list(wire: Http, api: Api) -> None:
    made = await api.create(resources.PODS, "demo", pod())
    whole = await wire.send("GET", f"{PODS}?includeObject=Object", accept=TABLE)
    assert whole.body["rows"][0]["object"] == made
    none = await wire.send("GET", f"{PODS}?includeObject=None", accept=TABLE)
    assert none.body["rows"][0]["object"] is None
    older = await wire.send("GET", PODS, accept="application/json;as=Table;v=v1beta1;g=meta.k8s.io")
    assert older.body["apiVersion"] == "meta.k8s.io/v1beta1"
    partial = await wire.send("GET", PODS, accept="application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io")
    assert (partial.body["kind"], list(partial.body["items"][0])) == (
        "PartialObjectMetadataList",
        ["kind", "apiVersion", "metadata"],
    )
    protobuf = await wire.send("GET", PODS, accept="application/vnd.kubernetes.protobuf,application/json")
    assert (protobuf.code, protobuf.body["kind"]) == (200, "PodList")


async def refused(wire: Http, path: str, **options: Any) -> tuple[int, Any, Any]:
    answer = await wire.send("GET", path, **options)
    return answer.code, answer.body["reason"], answer.body["message"]


async def test_what_is_missing(wire: Http) -> None:
    answer = await wire.send("GET", f"{PODS}/nosuch", accept=TABLE)
    assert (answer.code, answer.body) == (
        404,
        {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": 'pods "nosuch" not found',
            "reason": "NotFound",
            "details": {"name": "nosuch", "kind": "pods"},
            "code": 404,
        },
    )
    answer = await wire.send("GET", f"{DEPLOYMENTS}/app")
    assert answer.body["details"] == {"name": "app", "group": "apps", "kind": "deployments"}


@pytest.mark.parametrize("path", ["/foo", "/apis/nosuch.example/v1/things", "/apis/nosuch.example", "/apis/apps/v9"])
async def test_paths_that_no_one_knows(wire: Http, path: str) -> None:
    answer = await wire.send("GET", path)
    assert (answer.code, answer.body, answer.headers["Content-Type"]) == (
        404,
        "404 page not found\n",
        "text/plain; charset=utf-8",
    )


_NO_NETWORK = (
    "the server could not find the requested resource: pods/portforward is not served here, for there is no pod network"
)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/api/v1/gadgets", "the server could not find the requested resource"),
        ("/api/v1/namespaces/demo/gadgets/x", "the server could not find the requested resource"),
        ("/api/v1/pods/web", "the server could not find the requested resource"),
        ("/api/v1/namespaces/demo/nodes", "the server could not find the requested resource"),
        (f"{PODS}/web/portforward", _NO_NETWORK),
    ],
)
async def test_resources_that_are_not_served(wire: Http, path: str, message: str) -> None:
    assert await refused(wire, path) == (404, "NotFound", message)


@pytest.mark.parametrize(
    ("query", "code", "reason", "message"),
    [
        ("labelSelector=a%3D%3D%3Db", 400, "BadRequest", None),
        ("fieldSelector=spec.x%3D1", 400, "BadRequest", "field label not supported: spec.x"),
    ],
)
async def test_lists_that_cannot_be_given(wire: Http, query: str, code: int, reason: str, message: str | None) -> None:
    got = await refused(wire, f"{PODS}?{query}")
    assert got[:2] == (code, reason)
    assert message is None or got[2] == message


async def test_forms_that_cannot_be_given(wire: Http) -> None:
    assert await refused(wire, PODS, accept="application/xml") == (
        406,
        "NotAcceptable",
        "only the following media types are accepted: application/json",
    )


async def test_methods_that_mean_nothing(wire: Http) -> None:
    everywhere = [("POST", "/api/v1/pods"), ("DELETE", "/api/v1/pods")]
    for method, path in [("POST", f"{PODS}/web"), ("PUT", PODS), ("POST", "/version"), ("PROPFIND", PODS), *everywhere]:
        answer = await wire.send(method, path, {})
        assert (answer.code, answer.body["reason"]) == (405, "MethodNotAllowed")


async def test_long_request_lines(wire: Http) -> None:
    selector = "app+in+(" + ",".join(f"value-{index}" for index in range(3000)) + ")"
    answer = await wire.send("GET", f"{PODS}?labelSelector={selector}")
    assert (answer.code, answer.body["items"]) == (200, [])


@pytest.mark.parametrize("accept", ["application/json", TABLE])
async def test_a_long_list_comes_in_pieces(wire: Http, api: Api, accept: str) -> None:
    """So that it is never in memory as a whole, and others are answered in between."""
    path, rows = "/api/v1/namespaces/demo/configmaps", "rows" if accept == TABLE else "items"
    query = "?includeObject=Object"
    short = await wire.send("GET", path + query, accept=accept)
    assert "Content-Length" in short.headers
    names = [f"part-{number}" for number in range(4)]
    for name in names:
        await api.create(resources.CONFIG_MAPS, "demo", {"metadata": {"name": name}, "data": {"text": "x" * 500_000}})
    async with wire.request("GET", path + query, headers={"Accept": accept}) as response:
        assert response.headers["Transfer-Encoding"] == "chunked"
        pieces = [piece async for piece, _ in response.content.iter_chunks()]
    assert len(pieces) > 1
    long = orjson.loads(b"".join(pieces))
    assert {**long, "metadata": {}, rows: []} == {**short.body, "metadata": {}, rows: []}
    listed = [row["object"] for row in long[rows]] if accept == TABLE else long[rows]
    assert [each["metadata"]["name"] for each in listed] == names
