"""The three kinds of PATCH as changes of an object.

Upstream: k8s.io/apiserver v0.36 pkg/endpoints/handlers/patch.go. The fourth kind, server-side apply, is in `applying`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

import orjson

from pullscope.apiserver import applying, bodies, decoding, options
from pullscope.apiserver.handlers import Change
from pullscope.apiserver.schemas import types
from pullscope.kube import patch as patches
from pullscope.kube import status, strategic
from pullscope.kube.api import Object, PatchType
from pullscope.kube.resources import Resource

_TYPES: dict[str, PatchType] = {
    "application/json-patch+json": "json",
    "application/merge-patch+json": "merge",
    "application/strategic-merge-patch+json": "strategic",
}


def change(type: PatchType, patch: Any, body: Resource) -> Change:  # noqa: A002 (the field's own word)
    """What a patch of objects of `body` does to one. Calling it raises ApiError when it cannot be applied."""
    match type:
        case "json":
            return lambda current: patches.json_patch(current, patch)
        case "merge":
            return lambda current: patches.merge_patch(current, patch)
        case "strategic":
            schema = types.of(body.api_version, body.kind) or strategic.Untyped()
            return lambda current: patches.strategic_merge(current, patch, schema)
        case _:
            assert_never(type)


@dataclass
class Patch:
    """A patch that came over the wire: its result is checked like a body.

    `problems` are the patch's own (doubled fields), `warnings` those of the last attempt.
    """

    apply: Change
    body: Resource
    mode: str
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def __call__(self, current: Object) -> Object:
        try:
            patched = self.apply(current)
        except RecursionError:
            raise status.bad_request("error applying patch: exceeded max depth") from None
        new = bodies.checked(patched, self.body, self.mode, problems=self.problems)
        self.warnings = new.warnings
        return new.obj


def read(body: bytes, content_type: str | None, expected: Resource, parameters: Mapping[str, str]) -> Patch:
    """The patch in a body. Raises ApiError 400 for what is no JSON, 415 for what is no patch that is known."""
    media = decoding.media_type(content_type)
    if media not in _TYPES:
        raise status.unsupported_media_type([*_TYPES, applying.MEDIA_TYPE])
    options.field_manager(parameters, "PatchOptions")
    try:
        patch = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise status.bad_request(f"error decoding patch: {error}") from None
    mode = bodies.mode(parameters, "PatchOptions")
    return Patch(change(_TYPES[media], patch, expected), expected, mode, bodies.duplicates(body, mode))
