"""OpenAPI v3 documents of what is served: what kubectl asks before `apply`, and what `explain` prints.

A document a group and version: the components that its kinds lead to, and for each resource the operations in the little
detail that clients read (which patch types there are, that `fieldValidation` and `dryRun` are understood). Upstream:
k8s.io/kube-openapi and the documents in kubernetes v1.36 api/openapi-spec/v3.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from pullscope.apiserver.schemas import archive
from pullscope.kube.resources import Resource

Object = dict[str, Any]

_KIND = "x-kubernetes-group-version-kind"
_PATCHES = (
    *("application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"),
    "application/apply-patch+yaml",
)
_JSON = "application/json"


def path(resource: Resource) -> str:
    """The document that a resource is in: `api/v1`, `apis/apps/v1`."""
    return f"apis/{resource.api_version}" if resource.group else f"api/{resource.version}"


def index(resources: Iterable[Resource]) -> Object:
    """The answer to `GET /openapi/v3`: each document's URL, with a hash that changes whenever the document does."""
    by_path: dict[str, list[Resource]] = {}
    for resource in resources:
        by_path.setdefault(path(resource), []).append(resource)
    urls = {where: f"/openapi/v3/{where}?hash={digest(group)}" for where, group in sorted(by_path.items())}
    return {"paths": {where: {"serverRelativeURL": url} for where, url in urls.items()}}


def digest(resources: Sequence[Resource]) -> str:
    """The hash of the document of these resources, 64 hexadecimal digits in upper case."""
    text = "\n".join([archive.digest(), *sorted(repr(resource) for resource in resources)])
    return hashlib.sha256(text.encode()).hexdigest().upper()


def document(resources: Sequence[Resource], *, version: str) -> bytes:
    """The document of resources of one group and version, JSON. `version` is the server's own, like `v1.36.2`."""
    paths: Object = {}
    for resource in resources:
        paths |= _paths(resource)
    info = {"title": "Kubernetes", "version": version}
    return orjson.dumps(
        {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": _components(resources)}}
    )


# Operations


def _paths(resource: Resource) -> Object:
    scope = "{namespace}" if resource.namespaced else None
    collection, item = resource.path(scope), resource.path(scope, "{name}")
    scopes = [_parameter("namespace", "path")] if resource.namespaced else []
    return {
        collection: {
            "parameters": scopes,
            "get": _operation(resource, "list"),
            "post": _operation(resource, "post", [_JSON]),
        },
        item: {
            "parameters": [*scopes, _parameter("name", "path")],
            "get": _operation(resource, "get"),
            "put": _operation(resource, "put", [_JSON]),
            "patch": _operation(resource, "patch", _PATCHES),
            "delete": _operation(resource, "delete"),
        },
    }


def _operation(resource: Resource, action: str, bodies: Sequence[str] = ()) -> Object:
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    operation: Object = {
        "responses": {"200": {"description": "OK"}},
        "x-kubernetes-action": action,
        _KIND: kind,
    }
    if bodies:
        names = ("dryRun", "fieldManager", "fieldValidation", *(("force",) if action == "patch" else ()))
        operation["parameters"] = [_parameter(name, "query") for name in names]
        operation["requestBody"] = {"content": {body: {} for body in bodies}, "required": True}
    return operation


def _parameter(name: str, place: str) -> Object:
    schema = {"type": "boolean" if name == "force" else "string", "uniqueItems": True}
    return {"name": name, "in": place, **({"required": True} if place == "path" else {}), "schema": schema}


# Components


def _components(resources: Iterable[Resource]) -> Object:
    names = _reachable(resources)
    texts = {package: archive.texts(package) for package in {name.rpartition(".")[0] for name in names}}
    return {name: _component(name, texts[name.rpartition(".")[0]].get(name.rpartition(".")[2], {})) for name in names}


def _reachable(resources: Iterable[Resource]) -> list[str]:
    kinds = archive.kinds()
    asked = (f"{resource.api_version}/{resource.kind}" for resource in resources)
    waiting, found = [kinds[kind] for kind in asked if kind in kinds], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _references(archive.schema(name))
    return sorted(found)


def _references(schema: Object) -> Iterator[str]:
    for value in schema.get("properties", {}).values():
        holder = value.get("items") or value.get("additionalProperties") or value
        if "$ref" in holder:
            yield holder["$ref"].removeprefix(archive.REFERENCE)


def _component(name: str, texts: dict[str, str]) -> Object:
    schema = archive.schema(name)
    result = {"description": texts[""], **schema} if texts.get("") else dict(schema)
    if "properties" in schema:
        result["properties"] = {
            field: _described(value, texts.get(field, "")) for field, value in schema["properties"].items()
        }
    return result


def _described(value: Object, text: str) -> Object:
    """A property with its description; beside a reference nothing else may stand, so it moves into `allOf`."""
    if "$ref" in value:
        rest = {key: each for key, each in value.items() if key != "$ref"}
        value = {"allOf": [{"$ref": value["$ref"]}], **rest}
    return {"description": text, **value} if text else value
