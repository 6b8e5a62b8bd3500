"""The one seam where bytes become values: JSON, YAML and protobuf bodies.

Upstream: k8s.io/apiserver v0.36 pkg/endpoints/handlers (create.go, rest.go, fieldmanager), k8s.io/apimachinery
pkg/runtime/serializer. Texts are upstream's, except what the JSON parser itself says of a syntax error.
"""

import contextlib
from typing import Any

import orjson
import yaml

from pullscope.apiserver.schemas import protobuf
from pullscope.kube import status, wire

BODY_MAX = 3 * 1024 * 1024
JSON, YAML, PROTOBUF = "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"
ACCEPTED = (JSON, YAML, PROTOBUF)
_SHOWN = 1024
_DEPTH_MAX = 1000  # of YAML; orjson's is 1024


class _Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc] # chosen at import
    """YAML as Kubernetes reads it: times stay texts."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class UndecodableError(ValueError):
    """The body is not of the media type it claims to be; the message is the parser's."""


def media_type(header: str | None) -> str:
    """The media type of a Content-Type header; without one it is JSON."""
    return (header or JSON).partition(";")[0].strip().lower() or JSON


def parse(body: bytes, media: str) -> Any:
    """The value that a body holds. Raises UndecodableError for JSON and YAML, ApiError 400 for protobuf, 415 for the rest."""
    if media == JSON:
        return _json(body)
    if media == YAML:
        return _yaml(body)
    if media == PROTOBUF:
        return wire.decode_protobuf(body, protobuf.tables())
    raise status.unsupported_media_type(ACCEPTED)


def _json(body: bytes) -> Any:
    if not body.strip():
        raise UndecodableError("unexpected end of JSON input")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise UndecodableError(str(error)) from None


def _yaml(body: bytes) -> Any:
    if body.startswith(b"{"):  # most YAML that comes is JSON, which is read twenty times faster
        with contextlib.suppress(orjson.JSONDecodeError):
            return orjson.loads(body)
    try:
        _check_yaml(body)
        return orjson.loads(orjson.dumps(yaml.load(body, Loader=_Loader), option=orjson.OPT_NON_STR_KEYS))  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as error:
        raise UndecodableError(f"yaml: {' '.join(str(error).split())}") from None


def _check_yaml(body: bytes) -> None:
    """Refuse what would take more to build than to send: aliases, and depths at which the parser's own stack ends."""
    depth = 0
    for event in yaml.parse(body, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise UndecodableError("yaml: aliases are not supported")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH_MAX:
            raise UndecodableError(f"yaml: exceeded max depth of {_DEPTH_MAX}")


def doubled_keys(body: bytes) -> list[str]:
    """Where YAML, which must be well formed, has a key twice in one mapping, in Go's words.

    Not found in JSON with characters that YAML does not have.
    """
    try:
        found, waiting = [], [yaml.compose(body, Loader=_Loader)]
    except yaml.YAMLError:
        return []
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            seen = set()
            for key, value in node.value:
                if key.value in seen:
                    line = key.start_mark.line + 1
                    found.append((line, f'line {line}: key "{key.value}" already set in map'))
                seen.add(key.value)
                waiting.append(value)
    return [text for _, text in sorted(found)]


def unrecognized(expected: str, why: str, body: bytes) -> status.ApiError:
    """400 for a body that is not an object at all."""
    message = f"the object provided is unrecognized (must be of type {expected}): couldn't get version/kind; {why}"
    return status.bad_request(f"{message} ({_summary(body)})")


def _summary(body: bytes) -> str:
    if not body:
        return "<empty>"
    start = body[:_SHOWN]
    text = start.decode("utf-8", "replace") if body.startswith(b"{") else start.hex()
    return f"{text} ..." if len(body) > _SHOWN else text


def not_an_object(value: Any) -> str:
    """Go's sentence for JSON that is well formed and no object."""
    words = {list: "array", str: "string", bool: "bool", int: "number", float: "number"}
    return f"json: cannot unmarshal {words.get(type(value), 'null')} into Go value of type map[string]interface {{}}"
