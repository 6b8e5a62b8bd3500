"""The three kinds of patch, each as a function of the object and the patch to the new object.

Neither argument is changed, and the result shares nothing with the patch. What cannot be applied is an ApiError as the
API server answers it. Upstream: k8s.io/apiserver v0.36 pkg/endpoints/handlers/patch.go and the library behind it
(evanphx/json-patch v4): JSON patch is RFC 6902 without operations on the whole document, merge patch is RFC 7386.
Strategic merge is in `kube.strategic`.
"""

import json
from collections.abc import Callable
from typing import Any

import orjson

from pullscope.kube import status, strategic, values

Object = dict[str, Any]

OPERATIONS_MAX = 10_000
# All that `copy` operations of one patch may add, so that a small patch cannot grow without end: upstream's body limit.
COPIED_MAX = 3 * 1024 * 1024

strategic_merge = strategic.merge


def merge_patch(obj: Object, patch: Any) -> Object:
    """RFC 7386. Raises ApiError 400 when the patch is no object."""
    if not isinstance(patch, dict):
        raise status.bad_request("Invalid JSON Patch")
    return _merged(obj, values.copied(patch))


def _merged(old: Any, patch: Object) -> Object:
    result: Object = dict(old) if isinstance(old, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merged(result.get(key), value) if isinstance(value, dict) else value
    return result


def json_patch(obj: Object, operations: Any) -> Object:
    """RFC 6902. Raises ApiError 400 for what is no patch, 413 for too many operations, 422 for one that does not apply."""
    _check(operations)
    result: Object = values.copied(obj)
    copied = 0
    for operation in operations:
        apply = _OPERATIONS.get(operation.get("op", ""))
        if apply is None:
            raise _inapplicable()
        copied += apply(result, operation)
        if copied > COPIED_MAX:
            raise _inapplicable()
    return result


def _check(operations: Any) -> None:
    if not isinstance(operations, list):
        raise status.bad_request(f"json: cannot unmarshal {_kind(operations)} into Go value of type jsonpatch.Patch")
    for operation in operations:
        if not isinstance(operation, dict):
            what = f"json: cannot unmarshal {_kind(operation)} into Go value of type jsonpatch.Operation"
            raise status.bad_request(what)
    if len(operations) > OPERATIONS_MAX:
        count = f"{OPERATIONS_MAX}, got {len(operations)}"
        raise status.too_large(f"The allowed maximum operations in a JSON patch is {count}")


def _kind(value: Any) -> str:
    """The word that Go's JSON library has for a value."""
    words = {dict: "object", list: "array", str: "string", bool: "bool", int: "number", float: "number"}
    return words.get(type(value), "null")


def _inapplicable() -> status.ApiError:
    """422 as upstream answers it, without the reason (NewGenericServerResponse keeps the library's text to itself)."""
    return status.ApiError(422, "Invalid", "the server rejected our request due to an error in our request", {})


def _pointer(operation: Object, name: str) -> list[str]:
    """The parts of a JSON pointer. The whole document cannot be addressed: an object stays an object."""
    text = operation.get(name)
    if not isinstance(text, str) or not text.startswith("/"):
        raise _inapplicable()
    return [part.replace("~1", "/").replace("~0", "~") for part in text[1:].split("/")]


def _parent(document: Object, parts: list[str]) -> Any:
    found: Any = document
    for part in parts[:-1]:
        found = _child(found, part)
    if not isinstance(found, dict | list):
        raise _inapplicable()
    return found


def _child(container: Any, part: str) -> Any:
    if isinstance(container, dict) and part in container:
        return container[part]
    if isinstance(container, list):
        return container[_index(part, len(container) - 1)]
    raise _inapplicable()


def _index(part: str, last: int) -> int:
    if not (part.isascii() and part.isdigit()) or (len(part) > 1 and part[0] == "0") or int(part) > last:
        raise _inapplicable()
    return int(part)


def _put(document: Object, parts: list[str], value: Any) -> None:
    container, last = _parent(document, parts), parts[-1]
    if isinstance(container, dict):
        container[last] = value
    else:
        container.insert(len(container) if last == "-" else _index(last, len(container)), value)


def _take(document: Object, parts: list[str]) -> Any:
    container, last = _parent(document, parts), parts[-1]
    value = _child(container, last)
    del container[last if isinstance(container, dict) else int(last)]
    return value


def _value(operation: Object) -> Any:
    if "value" not in operation:
        raise _inapplicable()
    return values.copied(operation["value"])


def _add(document: Object, operation: Object) -> int:
    _put(document, _pointer(operation, "path"), _value(operation))
    return 0


def _remove(document: Object, operation: Object) -> int:
    _take(document, _pointer(operation, "path"))
    return 0


def _replace(document: Object, operation: Object) -> int:
    parts = _pointer(operation, "path")
    value, container = _value(operation), _parent(document, parts)
    _child(container, parts[-1])
    container[parts[-1] if isinstance(container, dict) else int(parts[-1])] = value
    return 0


def _move(document: Object, operation: Object) -> int:
    source, target = _pointer(operation, "from"), _pointer(operation, "path")
    if target[: len(source)] == source and target != source:
        raise _inapplicable()
    _put(document, target, _take(document, source))
    return 0


def _copy(document: Object, operation: Object) -> int:
    source = _pointer(operation, "from")
    text = values.encoded(_child(_parent(document, source), source[-1]))
    _put(document, _pointer(operation, "path"), orjson.loads(text))
    return len(text)


def _test(document: Object, operation: Object) -> int:
    parts = _pointer(operation, "path")
    container = _parent(document, parts)
    absent = isinstance(container, dict) and parts[-1] not in container
    actual = None if absent else _child(container, parts[-1])
    if json.dumps(actual, sort_keys=True) != json.dumps(operation.get("value"), sort_keys=True):
        raise _inapplicable()
    return 0


_OPERATIONS: dict[str, Callable[[Object, Object], int]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}
