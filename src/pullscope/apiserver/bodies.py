"""Bodies of requests as objects of the kind that the request is about, every field known and of its type.

Upstream: k8s.io/apiserver v0.36 pkg/endpoints/handlers/create.go and rest.go (transformDecodeError), and the strict decoding
of k8s.io/apimachinery pkg/runtime/serializer/json. `fieldValidation` says what becomes of unknown and doubled fields: they
are refused (Strict), dropped with a warning (Warn, the default), or dropped (Ignore).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from pullscope.apiserver import decoding
from pullscope.apiserver.schemas import decode, types
from pullscope.kube import causes, status
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource

_MODES = ("", "Ignore", "Strict", "Warn")
_DELETE_OPTIONS = Resource("", "v1", "deleteoptions", "DeleteOptions")


@dataclass
class Body:
    """An object that was sent, and what the client is warned of."""

    obj: Object
    warnings: list[str] = field(default_factory=list)

    def fresh(self) -> Object:
        """A copy for one attempt of a write."""
        copy: Object = orjson.loads(orjson.dumps(self.obj))
        return copy


def read(
    body: bytes, content_type: str | None, expected: Resource, parameters: Mapping[str, str], *, kind: str
) -> Body:
    """The object in a body. Raises ApiError 400, 415 or 422 in upstream's words; `kind` is what the options are called."""
    media, wanted = decoding.media_type(content_type), mode(parameters, kind)
    value = _decoded(body, media, expected)
    doubled = duplicates(body, wanted) if media == decoding.JSON else []
    return checked(value, expected, wanted, problems=doubled)


def _decoded(body: bytes, media: str, expected: Resource) -> Object:
    try:
        value = decoding.parse(body, media)
    except decoding.UndecodableError as error:
        raise decoding.unrecognized(expected.kind, f"json parse error: {error}", body) from None
    if not isinstance(value, dict):
        raise decoding.unrecognized(expected.kind, f"json parse error: {decoding.not_an_object(value)}", body)
    return value


def mode(parameters: Mapping[str, str], kind: str) -> str:
    """The request's `fieldValidation`. Raises ApiError 422 for one that there is not; `kind` is what the options are called."""
    given = parameters.get("fieldValidation", "")
    if given not in _MODES:
        options = Resource("meta.k8s.io", "v1", "", kind)
        raise status.invalid(options, "", [causes.not_supported("fieldValidation", given, _MODES)])
    return given or "Warn"


def duplicates(body: bytes, mode: str) -> list[str]:
    """Upstream's sentence for each field that a JSON text has twice; nobody asks under Ignore."""
    if mode == "Ignore":
        return []
    try:
        return decode.duplicates(body)
    except decode.UndecodableError as error:
        raise status.bad_request(str(error)) from None


def checked(value: Object, expected: Resource, mode: str, *, problems: list[str]) -> Body:
    """`value` as an object of `expected`: the right kind, known fields alone. Raises ApiError 400.

    `problems` are those that are known already; they are treated like unknown fields.
    """
    kind, version = value.get("kind") or expected.kind, value.get("apiVersion") or expected.api_version
    if kind != expected.kind:
        package = expected.group.split(".")[0] or "core"  # of the internal types, which upstream converts to
        given = str(version).rpartition("/")[2]
        why = f"converting ({given}.{kind}) to ({package}.{expected.kind}): unknown conversion"
        raise _cannot_be_handled(str(kind), str(version), expected, why)
    if version != expected.api_version:
        why = f"the API version in the data ({version}) does not match"
        raise status.bad_request(f"{why} the expected API version ({expected.api_version})")
    read = _typed({**value, "kind": kind, "apiVersion": version}, expected)
    problems = [*problems, *read.unknown]
    if mode == "Strict" and problems:
        why = f"strict decoding error: {', '.join(problems)}"
        raise _cannot_be_handled(kind, version, expected, why)
    return Body(read.obj, problems if mode == "Warn" else [])


def _typed(value: Object, expected: Resource) -> decode.Decoded:
    known = types.of(expected.api_version, expected.kind)
    assert known is not None, f"{expected.kind} is served, so its type is known"
    try:
        return decode.decode(value, known)
    except decode.UndecodableError as error:
        raise _cannot_be_handled(expected.kind, expected.api_version, expected, str(error)) from None


def _cannot_be_handled(kind: str, api_version: str, expected: Resource, why: str) -> status.ApiError:
    subject = f"{kind} in version {causes.quote(api_version.rpartition('/')[2])}"
    return status.bad_request(f"{subject} cannot be handled as a {expected.kind}: {why}")


def delete_options(body: bytes, content_type: str | None) -> Object:
    """The DeleteOptions of a DELETE, which may have no body and says its own version. Raises ApiError 400 or 415."""
    if not body.strip():
        return {}
    value = _decoded(body, decoding.media_type(content_type), _DELETE_OPTIONS)
    unversioned = {name: each for name, each in value.items() if name not in ("kind", "apiVersion")}
    return _typed(unversioned, _DELETE_OPTIONS).obj
