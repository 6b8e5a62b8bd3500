"""The three kinds of PATCH as changes of an object.

Upstream: k8s.io/apiserver v0.36 pkg/endpoints/handlers/patch.go. Server-side apply is refused by name until it exists.
"""

from typing import Any, assert_never

from pullscope.apiserver.handlers import Change
from pullscope.kube.api import Object, PatchType
from pullscope.kube.resources import Resource


def change(type: PatchType, patch: Any, body: Resource) -> Change:  # noqa: A002 (the field's own word)
    """What a patch of objects of `body` does to one. Calling it raises ApiError when it cannot be applied."""
    from pullscope.kube import patch as patches  # noqa: PLC0415 (lands with the next commit of kube)

    match type:
        case "json":
            return lambda current: patches.json_patch(current, patch)
        case "merge":
            return lambda current: patches.merge_patch(current, patch)
        case "strategic":
            return lambda current: _strategic(current, patch, body)
        case _:
            assert_never(type)


def _strategic(current: Object, patch: Any, body: Resource) -> Object:
    raise NotImplementedError
