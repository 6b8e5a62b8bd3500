"""OpenAPI v3 documents of what is served: what kubectl asks before `apply`, and what `explain` prints.

A document a group and version: the operations that are served there, and the components that they lead to. Upstream:
k8s.io/kube-openapi and the documents in kubernetes v1.36 api/openapi-spec/v3.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from pullscope.apiserver.schemas import archive, operations
from pullscope.apiserver.schemas.operations import Served
from pullscope.kube.resources import Resource

Object = dict[str, Any]


def path(resource: Resource) -> str:
    """The document that a resource is in: `api/v1`, `apis/apps/v1`."""
    return f"apis/{resource.api_version}" if resource.group else f"api/{resource.version}"


def index(served: Iterable[Served]) -> Object:
    """The answer to `GET /openapi/v3`: each document's URL, with a hash that changes whenever the document does."""
    by_path: dict[str, list[Served]] = {}
    for each in served:
        by_path.setdefault(path(each.resource), []).append(each)
    urls = {where: f"/openapi/v3/{where}?hash={digest(group)}" for where, group in sorted(by_path.items())}
    return {"paths": {where: {"serverRelativeURL": url} for where, url in urls.items()}}


def digest(served: Iterable[Served]) -> str:
    """The hash of the document of these, 64 hexadecimal digits in upper case."""
    lines = sorted(f"{each.resource!r} {each.subresource} {each.body!r} {sorted(each.verbs)}" for each in served)
    return hashlib.sha256("\n".join([archive.digest(), *lines]).encode()).hexdigest().upper()


def document(served: Iterable[Served], *, version: str) -> bytes:
    """The document of what is served in one group and version, JSON. `version` is the server's own, like `v1.36.2`."""
    paths: Object = {}
    asked: set[str] = set()
    for each in served:
        paths |= operations.paths(each)
        asked.update(operations.kinds(each))
    info = {"title": "Kubernetes", "version": version}
    return orjson.dumps(
        {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": _components(asked)}}
    )


def _components(asked: Iterable[str]) -> Object:
    names = _reachable(asked)
    texts = {package: archive.texts(package) for package in {name.rpartition(".")[0] for name in names}}
    return {name: _component(name, texts[name.rpartition(".")[0]].get(name.rpartition(".")[2], {})) for name in names}


def _reachable(asked: Iterable[str]) -> list[str]:
    """The definitions that are asked for, and those that they lead to."""
    waiting, found = list(asked), set[str]()
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
