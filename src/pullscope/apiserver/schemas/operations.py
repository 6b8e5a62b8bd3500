"""The operations of an OpenAPI document: which methods a path has, with what parameters, bodies and answers.

Upstream: the documents in kubernetes v1.36 api/openapi-spec/v3. Only what is served is described.
"""

from collections.abc import Iterator
from typing import Any, Protocol

from pullscope.apiserver.schemas import archive
from pullscope.kube.resources import Resource

Object = dict[str, Any]

KIND = "x-kubernetes-group-version-kind"
_JSON = "application/json"
_PATCHES = (
    *("application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"),
    "application/apply-patch+yaml",
)
_BY_VERB = {
    "list": "get",
    "create": "post",
    "deletecollection": "delete",
    "get": "get",
    "update": "put",
    "patch": "patch",
    "delete": "delete",
}
_LISTS = ("list", "deletecollection")
_OF_MANY = ("list", "create", "deletecollection")
_SCOPE = "{namespace}"
_SELECTING: dict[str, str] = {
    **dict.fromkeys(("continue", "fieldSelector", "labelSelector"), "string"),
    **dict.fromkeys(("resourceVersion", "resourceVersionMatch"), "string"),
    **dict.fromkeys(("limit", "timeoutSeconds"), "integer"),
    "sendInitialEvents": "boolean",
}
_WRITING = dict.fromkeys(("dryRun", "fieldManager", "fieldValidation"), "string")
_DELETING = {
    **dict.fromkeys(("dryRun", "propagationPolicy"), "string"),
    "gracePeriodSeconds": "integer",
    "orphanDependents": "boolean",
}
_PARAMETERS: dict[str, dict[str, str]] = {
    "list": {**_SELECTING, "allowWatchBookmarks": "boolean", "watch": "boolean"},
    "create": _WRITING,
    "update": _WRITING,
    "patch": {**_WRITING, "force": "boolean"},
    "delete": _DELETING,
    "deletecollection": {**_SELECTING, **_DELETING},
}
_TEXTS = ("log", "proxy")
_UPLOADS = ("instantiatebinary",)
_CODES = {"create": ("201",), "patch": ("200", "201")}
DELETE_OPTIONS = Resource("", "v1", "", "DeleteOptions")


class Served(Protocol):
    """One thing that can be asked: a resource or a part of it. `body` is what its objects are."""

    @property
    def resource(self) -> Resource: ...
    @property
    def subresource(self) -> str: ...
    @property
    def body(self) -> Resource: ...
    @property
    def verbs(self) -> frozenset[str]: ...


def paths(served: Served) -> Object:
    """Each path of it, with its operations."""
    resource = served.resource
    scopes = [_parameter("namespace", "string", "path")] if resource.namespaced else []
    scope = _SCOPE if resource.namespaced else None
    named = [*scopes, _parameter("name", "string", "path")]
    item = resource.path(scope, "{name}")
    if served.subresource:
        return {f"{item}/{served.subresource}": _operations(served, named, served.verbs)}
    verbs = {verb for verb in served.verbs if verb in _OF_MANY}
    found = {
        resource.path(scope): _operations(served, scopes, verbs),
        item: _operations(served, named, served.verbs - verbs),
    }
    if resource.namespaced and "list" in verbs:
        found[resource.path()] = _operations(served, [], {"list"})
    return {path: operations for path, operations in found.items() if set(operations) - {"parameters"}}


def kinds(served: Served) -> Iterator[str]:
    """The definitions that its bodies and answers name, where there are some."""
    for resource in (served.body, _list_of(served.body), DELETE_OPTIONS):
        if (found := _definition(resource)) is not None:
            yield found


def _operations(served: Served, parameters: list[Object], verbs: set[str] | frozenset[str]) -> Object:
    operations = {_BY_VERB[verb]: _operation(served, verb) for verb in sorted(verbs) if verb in _BY_VERB}
    return {**({"parameters": parameters} if parameters else {}), **operations}


def _operation(served: Served, verb: str) -> Object:
    body = served.body
    operation: Object = {
        "responses": {code: {"description": "OK", **_answer(served, verb)} for code in _CODES.get(verb, ("200",))},
        "x-kubernetes-action": {"create": "post", "update": "put"}.get(verb, verb),
        KIND: {"group": body.group, "version": body.version, "kind": body.kind},
    }
    if verb in _PARAMETERS:
        operation["parameters"] = [_parameter(name, type_, "query") for name, type_ in _PARAMETERS[verb].items()]
    if served.subresource in _UPLOADS:
        raw = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {"content": {"*/*": raw}, "required": True}
    elif verb in ("create", "update"):
        operation["requestBody"] = {**_json(body), "required": True}
    elif verb == "patch":
        operation["requestBody"] = {
            "content": {media: {"schema": _patch(media)} for media in _PATCHES},
            "required": True,
        }
    elif verb.startswith("delete"):
        operation["requestBody"] = _json(DELETE_OPTIONS)
    return operation


def _answer(served: Served, verb: str) -> Object:
    if served.subresource in _TEXTS:
        return {"content": {"text/plain": {"schema": {"type": "string"}}}}
    if verb == "delete":
        return {"content": {_JSON: {}}}  # the object or a Status
    return _json(_list_of(served.body) if verb in _LISTS else served.body)


def _json(resource: Resource) -> Object:
    definition = _definition(resource)
    return {"content": {_JSON: {"schema": {"$ref": f"{archive.REFERENCE}{definition}"}} if definition else {}}}


def _patch(media: str) -> Object:
    return {"type": "array", "items": {"type": "object"}} if media == _PATCHES[0] else {"type": "object"}


def _parameter(name: str, type_: str, place: str) -> Object:
    required = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, **required, "schema": {"type": type_, "uniqueItems": True}}


def _list_of(resource: Resource) -> Resource:
    return Resource(resource.group, resource.version, resource.plural, f"{resource.kind}List")


def _definition(resource: Resource) -> str | None:
    return archive.kinds().get(f"{resource.api_version}/{resource.kind}")
