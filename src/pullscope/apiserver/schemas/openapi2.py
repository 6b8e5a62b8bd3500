"""`/openapi/v2`, as little of it as clients still ask: is `fieldValidation` understood?

kubectl looks for the answer at the PATCH of the kind in the OpenAPI v3 document, and asks here about the kinds that cannot
be patched: access reviews, project requests. A PATCH with its parameters is what it looks for here too
(k8s.io/cli-runtime/pkg/resource/query_param_verifier.go); else it goes on to list the CustomResourceDefinitions, which
not everybody may. So each of these kinds has such an entry, and namespaces have theirs. In JSON and in protobuf
(github.com/google/gnostic-models openapiv2/OpenAPIv2.proto, whose field numbers stand below).
"""

from collections.abc import Iterable
from typing import Any

from pullscope.apiserver.schemas.operations import KIND, Served
from pullscope.kube import resources
from pullscope.kube.resources import Resource

Object = dict[str, Any]

ASKED = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
"""How clients ask for protobuf; an at sign may not stand in a media type, and newer ones take `ANSWERED` alone."""
ANSWERED = ASKED.replace("@", ".")
_PARAMETERS = ("dryRun", "fieldManager", "fieldValidation", "force")


def document(served: Iterable[Served], version: str) -> Object:
    """The document. `version` is the server's own, like `v1.36.2`."""
    parameters = [{"name": name, "in": "query", "type": _type(name), "uniqueItems": True} for name in _PARAMETERS]
    answers = {"200": {"description": "OK"}}
    paths = {
        path: {"patch": {"parameters": parameters, "responses": answers, KIND: _kind(resource)}}
        for path, resource in _paths(served).items()
    }
    return {"swagger": "2.0", "info": {"title": "Kubernetes", "version": version}, "paths": paths}


def protobuf(served: Iterable[Served], version: str) -> bytes:
    """The same in protobuf."""
    parameters = b"".join(_message(8, _parameter(name)) for name in _PARAMETERS)
    paths = b"".join(
        _message(2, _text(1, path) + _message(2, _message(8, parameters + _message(13, _extension(resource)))))
        for path, resource in _paths(served).items()
    )
    info = _text(1, "Kubernetes") + _text(2, version)
    return _text(1, "2.0") + _message(2, info) + _message(8, paths)


def _paths(served: Iterable[Served]) -> dict[str, Resource]:
    """Where objects are made that cannot be patched; and namespaces."""
    kinds = [one.body for one in served if not one.subresource and "create" in one.verbs and "patch" not in one.verbs]
    scoped = {kind.path("{namespace}" if kind.namespaced else None): kind for kind in kinds}
    return {resources.NAMESPACES.path(None, "{name}"): resources.NAMESPACES, **scoped}


def _kind(resource: Resource) -> dict[str, str]:
    return {"group": resource.group, "kind": resource.kind, "version": resource.version}


def _extension(resource: Resource) -> bytes:
    """NamedAny{name, value{yaml}}."""
    lines = "".join(f"{key}: '{value}'\n" for key, value in _kind(resource).items())
    return _text(1, KIND) + _message(2, _text(2, lines))


def _parameter(name: str) -> bytes:
    """ParametersItem{parameter{nonBodyParameter{queryParameterSubSchema}}}."""
    query = _text(2, "query") + _text(4, name) + _text(6, _type(name))
    return _message(1, _message(2, _message(3, query)))


def _type(name: str) -> str:
    return "boolean" if name == "force" else "string"


def _text(number: int, text: str) -> bytes:
    return _message(number, text.encode())


def _message(number: int, content: bytes) -> bytes:
    """A field whose value is a length and so many bytes."""
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    head = bytearray()
    while value > 0x7F:
        head.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*head, value])
