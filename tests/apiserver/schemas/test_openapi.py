"""The OpenAPI v3 documents: what clients look for in them."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from pullscope.apiserver.schemas import archive, openapi
from pullscope.kube import resources
from pullscope.kube.resources import Resource

VERBS = frozenset(("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"))


@dataclass(frozen=True)
class Served:
    resource: Resource
    verbs: frozenset[str] = VERBS
    subresource: str = ""
    part: Resource | None = None

    @property
    def body(self) -> Resource:
        return self.part or self.resource


CORE = [Served(resources.PODS), Served(resources.NODES), Served(resources.NAMESPACES)]
APPS = [Served(resources.DEPLOYMENTS), Served(resources.REPLICA_SETS)]


def document(served: list[Served]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(openapi.document(served, version="v1.36.2"))
    return found


def test_the_index_names_each_document_with_its_hash() -> None:
    paths = openapi.index([*CORE, *APPS])["paths"]
    assert list(paths) == ["api/v1", "apis/apps/v1"]
    assert paths["apis/apps/v1"]["serverRelativeURL"] == f"/openapi/v3/apis/apps/v1?hash={openapi.digest(APPS)}"


def test_the_hash_changes_with_what_is_served() -> None:
    assert openapi.digest(APPS) == openapi.digest(APPS[::-1])
    assert openapi.digest(APPS) != openapi.digest(APPS[:1])
    assert openapi.digest(APPS) != openapi.digest(CORE)


def test_patch_tells_what_it_understands() -> None:
    paths = document(APPS)["paths"]
    patch = paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert patch["x-kubernetes-group-version-kind"] == {"group": "apps", "version": "v1", "kind": "Deployment"}
    assert {"fieldValidation", "dryRun", "force"} <= {parameter["name"] for parameter in patch["parameters"]}
    assert set(patch["requestBody"]["content"]) == {
        "application/json-patch+json",
        "application/merge-patch+json",
        "application/strategic-merge-patch+json",
        "application/apply-patch+yaml",
    }


def test_only_what_is_served_has_operations() -> None:
    scale = Resource("autoscaling", "v1", "deployments", "Scale")
    verbs = frozenset(("get", "update"))
    paths = document(
        [
            Served(resources.DEPLOYMENTS, frozenset(("list", "watch"))),
            Served(resources.DEPLOYMENTS, verbs, "scale", scale),
        ]
    )["paths"]
    collection, item = "/apis/apps/v1/namespaces/{namespace}/deployments", "/apis/apps/v1/deployments"
    assert {path: set(operations) - {"parameters"} for path, operations in paths.items()} == {
        collection: {"get"},
        item: {"get"},
        f"{collection}/{{name}}/scale": {"get", "put"},
    }
    body = paths[f"{collection}/{{name}}/scale"]["put"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["$ref"].endswith("io.k8s.api.autoscaling.v1.Scale")


def test_cluster_scoped_resources_have_no_namespace_in_their_path() -> None:
    paths = document(CORE)["paths"]
    assert "/api/v1/nodes/{name}" in paths
    assert "/api/v1/namespaces/{name}" in paths
    assert "/api/v1/namespaces/{namespace}/pods" in paths


def test_the_components_are_whole_and_no_more() -> None:
    served = document(APPS)
    schemas = served["components"]["schemas"]
    asked = set(_references(served))
    assert set(schemas) == asked


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        found = [value["$ref"].removeprefix(archive.REFERENCE)] if isinstance(value.get("$ref"), str) else []
        return found + [name for each in value.values() for name in _references(each)]
    return [name for each in value for name in _references(each)] if isinstance(value, list) else []


def test_explain_finds_its_texts() -> None:
    schemas = document(CORE)["components"]["schemas"]
    pod = schemas["io.k8s.api.core.v1.Pod"]
    assert pod["x-kubernetes-group-version-kind"] == [{"group": "", "kind": "Pod", "version": "v1"}]
    assert pod["description"].startswith("Pod is a collection of containers")
    policy = schemas["io.k8s.api.core.v1.Container"]["properties"]["imagePullPolicy"]
    assert policy["type"] == "string"
    assert "One of Always, Never, IfNotPresent." in policy["description"]
    spec = pod["properties"]["spec"]
    assert spec["allOf"] == [{"$ref": "#/components/schemas/io.k8s.api.core.v1.PodSpec"}]
    assert "$ref" not in spec


def test_merge_keys_are_told() -> None:
    containers = document(CORE)["components"]["schemas"]["io.k8s.api.core.v1.PodSpec"]["properties"]["containers"]
    assert containers["x-kubernetes-patch-merge-key"] == "name"
    assert containers["x-kubernetes-list-map-keys"] == ["name"]


def test_the_archive_s_own_schemas_stay_as_they_are() -> None:
    before = json.dumps(archive.schema("io.k8s.api.core.v1.Pod"))
    document(CORE)
    assert json.dumps(archive.schema("io.k8s.api.core.v1.Pod")) == before


def test_kinds_without_a_schema_have_operations_alone() -> None:
    served = document([Served(Resource("example.org", "v1", "widgets", "Widget"))])
    assert "Widget" not in str(served["components"])
    assert "/apis/example.org/v1/namespaces/{namespace}/widgets/{name}" in served["paths"]


@pytest.mark.parametrize(("resource", "path"), [(resources.PODS, "api/v1"), (resources.DEPLOYMENTS, "apis/apps/v1")])
def test_paths_of_documents(resource: Resource, path: str) -> None:
    assert openapi.path(resource) == path
