"""Which fields differ between an object and what shall replace it.

Upstream: sigs.k8s.io/structured-merge-diff v6 typed/compare.go. The objects are of their kind already (decoded and
defaulted). What Go's types have even when it is empty counts as there on both sides, so that a new object is compared with
the empty value of its type as upstream does at a creation.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pullscope.kube.ownership import elements
from pullscope.kube.ownership.schema import Node, Object, Struct
from pullscope.kube.ownership.sets import MEMBER, Fields, below

_ABSENT: Any = object()
_CONTAINERS: dict[str, type[dict[str, Any]] | type[list[Any]]] = {
    "object": dict,
    "map": dict,
    "list": list,
    "any": dict,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """`changed` are the fields that are new or have another value, `removed` those that are gone."""

    changed: Fields
    removed: Fields

    def __bool__(self) -> bool:
        return bool(self.changed or self.removed)


def compare(old: Object, new: Object, type_: Struct) -> Comparison:
    """What differs between two objects of a type; `old` is `{}` at a creation."""
    result = Comparison({}, {})
    _struct(old, new, type_, result)
    return result


def _struct(old: Object, new: Object, type_: Struct, result: Comparison) -> None:
    fields, zeros = type_.fields, type_.zeros
    if not old and not zeros:
        _made(new, fields, result)
        return
    for name, after in new.items():
        before = old.get(name, _ABSENT)
        if before != after:
            _field(name, zeros.get(name, _ABSENT) if before is _ABSENT else before, after, fields.get(name), result)
    for name in old.keys() - new.keys():
        _field(name, old[name], zeros.get(name, _ABSENT), fields.get(name), result)


def _field(name: str, before: Any, after: Any, node: Node | None, result: Comparison) -> None:
    if before == after:
        return
    if node is None or (after and after is not _ABSENT and node.shape not in _CONTAINERS):
        _leaf(f"f:{name}", after, result)  # plain values are many: what they become is all there is to say
        return
    before = _ABSENT if not before and _omitted(before, node) else before
    after = _ABSENT if not after and _omitted(after, node) else after
    if before is not after:
        _value(f"f:{name}", before, after, node, result)


def _made(new: Object, fields: Mapping[str, Node], result: Comparison) -> None:
    """`_struct` of what was not there before: the most common case, for nearly all of a new object."""
    for name, value in new.items():
        node = fields.get(name)
        if node is None or (value and node.shape not in _CONTAINERS):
            result.changed[f"f:{name}"] = MEMBER
        elif value or not _omitted(value, node):
            _value(f"f:{name}", _ABSENT, value, node, result)


def _omitted(value: Any, node: Node) -> bool:
    """Whether Go leaves a field out that has this empty value: null, a list, a map. An empty object or text is there."""
    return value is None or isinstance(value, list) or (isinstance(value, dict) and node.shape == "map")


def _leaf(step: str, after: Any, result: Comparison) -> None:
    (result.removed if after is _ABSENT else result.changed)[step] = MEMBER


def _value(step: str, before: Any, after: Any, node: Node, result: Comparison) -> None:
    """Compare what a step leads to; the two differ."""
    kind = None if node.atomic else _CONTAINERS.get(node.shape)
    if kind is None or not (_fits(before, kind) and _fits(after, kind)):
        _leaf(step, after, result)
        return
    if node.always:
        before, after = kind() if before is _ABSENT else before, kind() if after is _ABSENT else after
    if (before is _ABSENT or not before) and (after is _ABSENT or not after):
        if before is _ABSENT or after is _ABSENT:  # null and empty are one value: a leaf
            _leaf(step, after, result)
    elif before is _ABSENT:
        result.changed[step] = whole(after, node)
    elif after is _ABSENT:
        result.removed[step] = whole(before, node)
    else:
        _children(step, before or kind(), after or kind(), node, result)


def _fits(side: Any, kind: type) -> bool:
    return isinstance(side, kind) or side is None or side is _ABSENT


def _children(step: str, before: Any, after: Any, node: Node, result: Comparison) -> None:
    inner = Comparison({}, {})
    match node.shape:
        case "object":
            _struct(before, after, node.type, inner)
        case "list":
            _list(before, after, node, inner)
        case _:
            _map(before, after, node, inner)
    if inner.changed:
        result.changed[step] = inner.changed
    if inner.removed:
        result.removed[step] = inner.removed


def _map(old: Object, new: Object, node: Node, result: Comparison) -> None:
    item = node if node.shape == "any" else node.item
    for name in old.keys() | new.keys():
        before, after = old.get(name, _ABSENT), new.get(name, _ABSENT)
        if before != after:
            _value(f"f:{name}", before, after, item, result)


# Lists


def _list(old: list[Any], new: list[Any], node: Node, result: Comparison) -> None:
    before, after = grouped(old, node), grouped(new, node)
    for step in before.keys() | after.keys():
        one, other = before.get(step, []), after.get(step, [])
        if one != other:
            _element(step, one, other, node, result)


def grouped(items: Iterable[Any], node: Node) -> Mapping[str, list[Any]]:
    """The elements by their steps; there is more than one only where keys are doubled. Raises UnidentifiedError."""
    found: dict[str, list[Any]] = {}
    for item in items:
        step = elements.of(item, node)
        if step in found:
            found[step].append(item)
        else:
            found[step] = [item]
    return found


def _element(step: str, before: list[Any], after: list[Any], node: Node, result: Comparison) -> None:
    """Two differ: doubled ones are compared as one leaf; where they become single, or single ones become doubled, all is new."""
    if len(before) <= 1 and len(after) <= 1:
        _value(step, before[0] if before else _ABSENT, after[0] if after else _ABSENT, node.item, result)
    elif len(before) > 1 and len(after) > 1:
        result.changed[step] = MEMBER
    elif len(before) > 1:
        result.removed[step] = MEMBER
        if after:
            result.changed[step] = whole(after[0], node.item)
    else:
        result.changed[step] = MEMBER
        if before:
            result.removed[step] = whole(before[0], node.item)


# What is there on one side only


def whole(value: Any, node: Node) -> Fields:
    """The set below a path, itself a member, to a value with all that it has."""
    if node.atomic or not value:
        return MEMBER
    if isinstance(value, list) and node.shape == "list":
        return below({step: _whole_elements(each, node.item) for step, each in grouped(value, node).items()})
    if not isinstance(value, dict):
        return MEMBER
    if node.shape == "object":
        return below(_whole_struct(value, node.type))
    inner = node if node.shape == "any" else node.item
    return below({f"f:{name}": whole(each, inner) for name, each in value.items()})


def _whole_struct(value: Object, type_: Struct) -> Fields:
    result, fields = {}, type_.fields
    for name, each in value.items():
        node = fields.get(name)
        if node is None or (each and not isinstance(each, dict | list)):
            result[f"f:{name}"] = MEMBER  # plain values are many, and whatever they are they are leaves
        elif each or not _omitted(each, node):
            result[f"f:{name}"] = whole(each, node)
    return result


def _whole_elements(items: list[Any], node: Node) -> Fields:
    return whole(items[0], node) if len(items) == 1 else MEMBER
