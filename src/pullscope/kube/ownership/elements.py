"""The steps of a path, as FieldsV1 writes them: `f:NAME` a field, `k:{KEYS}` and `v:VALUE` elements of a list, `i:N` a place.

Upstream: sigs.k8s.io/structured-merge-diff v6 fieldpath/element.go and serialize-pe.go.
"""

import functools
from typing import Any

import orjson

from pullscope.kube.ownership.schema import Node

SELF = "."
"""Not a step: the mark of a set's own membership beside its children."""


_FORMS: dict[str, Any] = {"i:": int, "k:": dict}


class UnidentifiedError(ValueError):
    """An element of a list has no key. The message is upstream's."""


class MalformedError(ValueError):
    """A step, or a set of paths, that somebody else wrote cannot be read."""


def of(item: Any, node: Node) -> str:
    """The step to an element of a list that is not atomic. Raises UnidentifiedError."""
    if not node.keys:
        if item is None:
            raise UnidentifiedError("associative list without keys has an element that's an explicit null")
        if isinstance(item, dict | list):
            kind = "map" if isinstance(item, dict) else "list"
            raise UnidentifiedError(f"associative list without keys has an element that's a {kind} type")
        return f"v:{_json(item)}"
    if item is None:
        raise UnidentifiedError("associative list with keys may not have a null element")
    if not isinstance(item, dict):
        raise UnidentifiedError("associative list with keys may not have non-map elements")
    if len(node.keys) == 1 and type(value := item.get(*node.keys)) is str:
        return _named(*node.keys, value)
    return f"k:{_json({key: _key_of(item, key, node) for key in node.keys})}"


@functools.lru_cache(maxsize=4096)
def _named(key: str, value: str) -> str:
    """The most common step, to an element with a name; names come again and again."""
    return f"k:{_json({key: value})}"


def _key_of(item: dict[str, Any], key: str, node: Node) -> Any:
    if key in item:
        return item[key]
    if key in node.key_defaults:
        return node.key_defaults[key]
    why = f'associative list with keys has an element that omits key field "{key}" (and doesn\'t have default value)'
    raise UnidentifiedError(why)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def normal(step: str) -> str | None:
    """A step that somebody else wrote, as we write it; None for one of a kind that is not known, which is to be dropped.

    Raises MalformedError.
    """
    kind, rest = step[:2], step[2:]
    if kind == "f:":
        return step
    if len(kind) < 2 or kind[1] != ":":
        raise MalformedError(f"missing colon: {step}")
    if kind not in ("i:", "k:", "v:"):
        return None
    try:
        value: Any = orjson.loads(rest)
    except orjson.JSONDecodeError as error:
        raise MalformedError(f"{step}: {error}") from None
    if not isinstance(value, _FORMS.get(kind, object)):
        raise MalformedError(f"{step}: another form of value is expected")
    return f"{kind}{_json(dict(sorted(value.items())) if kind == 'k:' else value)}"


def text(step: str) -> str:
    """A step for people: `.spec`, `[name="app"]`, `[="x"]`, `[0]`."""
    kind, rest = step[:2], step[2:]
    match kind:
        case "f:":
            return f".{rest}"
        case "k:":
            return f"[{','.join(f'{key}={_json(value)}' for key, value in orjson.loads(rest).items())}]"
        case "v:":
            return f"[={rest}]"
    return f"[{rest}]"


def order(step: str) -> tuple[Any, ...]:
    """The key that puts steps into upstream's order: fields, keyed elements, values, places."""
    kind, rest = step[:2], step[2:]
    match kind:
        case "f:":
            return (0, rest)
        case "k:":
            return (1, [(key, *_rank(value)) for key, value in orjson.loads(rest).items()])
        case "v:":
            return (2, *_rank(orjson.loads(rest)))
    return (3, int(rest))


def _rank(value: Any) -> tuple[int, Any]:
    """Values of different types, too, have an order."""
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, int | float):
        return 0, value
    return (1, value) if isinstance(value, str) else (3, _json(value))
