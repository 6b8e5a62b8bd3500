"""An applied configuration as its kind's type sees it: what is wrong with it, and which fields it names.

Upstream: sigs.k8s.io/structured-merge-diff v6 typed/validate.go and tofieldset.go. Unlike an object it need not be complete;
what it leaves out it does not manage.
"""

from collections.abc import Iterator
from typing import Any

from pullscope.kube.ownership import elements
from pullscope.kube.ownership.elements import SELF
from pullscope.kube.ownership.schema import Node, Object, Struct
from pullscope.kube.ownership.sets import MEMBER, Fields, below, is_member

_NUMBERS = frozenset({"int32", "int64", "number"})
_STRINGS = frozenset({"string", "bytes"})


def problems(config: Object, type_: Struct) -> str:
    """What is wrong, in upstream's words: one line, or several under `errors:`. Empty when nothing is."""
    found = [f"{path}: {why}" if path else why for path, why in _struct_problems(config, type_, "")]
    return found[0] if len(found) == 1 else "\n".join(["errors:", *(f"  {line}" for line in found)]) if found else ""


_Problems = Iterator[tuple[str, str]]


def _struct_problems(value: Object, type_: Struct, path: str) -> _Problems:
    for name, each in value.items():
        node = type_.fields.get(name)
        if node is None:
            yield f"{path}.{name}", "field not declared in schema"
            return
        yield from _problems(each, node, f"{path}.{name}")


def _problems(value: Any, node: Node, path: str) -> _Problems:
    if value is None or node.shape == "any":
        return
    match node.shape:
        case "object" | "map" if not isinstance(value, dict):
            yield path, f"expected map, got &{{{_text(value)}}}"
        case "object":
            yield from _struct_problems(value, node.type, path)
        case "map":
            for name, each in value.items():
                yield from _problems(each, node.item, f"{path}.{name}")
        case "list" if not isinstance(value, list):
            yield path, f"expected list, got &{{{_text(value)}}}"
        case "list":
            yield from _list_problems(value, node, path)
        case _:
            yield from _scalar_problems(value, node.shape, path)


def _list_problems(value: list[Any], node: Node, path: str) -> _Problems:
    seen = set()
    for index, each in enumerate(value):
        step = f"i:{index}"
        if not node.atomic:
            try:
                step = elements.of(each, node)
            except elements.UnidentifiedError as error:
                yield path, f"element {index}: {error}"
                return
            if step in seen:
                yield path, f"duplicate entries for key {elements.text(step)}"
            seen.add(step)
        yield from _problems(each, node.item, path + elements.text(step))


def _scalar_problems(value: Any, shape: str, path: str) -> _Problems:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if shape in _NUMBERS and not is_number:
        yield path, f"expected numeric (int or float), got {_go_type(value)}"
    elif shape in _STRINGS and not isinstance(value, str):
        yield path, f"expected string, got &value.valueUnstructured{{Value:{_go_syntax(value)}}}"
    elif shape == "bool" and not isinstance(value, bool):
        yield path, f"expected boolean, got &{{{_text(value)}}}"
    elif isinstance(value, dict | list):
        yield path, f"expected any scalar, got &{{{_text(value)}}}"


def _go_type(value: Any) -> str:
    names = {dict: "map[string]interface {}", list: "[]interface {}", str: "string", bool: "bool"}
    return names.get(type(value), "float64")


def _text(value: Any) -> str:
    """A value as Go's %v prints it."""
    match value:
        case dict():
            return f"map[{' '.join(f'{name}:{_text(each)}' for name, each in sorted(value.items()))}]"
        case list():
            return f"[{' '.join(_text(each) for each in value)}]"
        case None:
            return "<nil>"
        case bool():
            return str(value).lower()
    return str(value)


def _go_syntax(value: Any) -> str:
    """A value as Go's %#v prints it."""
    match value:
        case dict():
            inner = ", ".join(f'"{name}":{_go_syntax(each)}' for name, each in sorted(value.items()))
            return f"map[string]interface {{}}{{{inner}}}"
        case list():
            return f"[]interface {{}}{{{', '.join(_go_syntax(each) for each in value)}}}"
        case str():
            return f'"{value}"'
        case None:
            return "interface {}(nil)"
    return _text(value)


# What it names


def field_set(value: Object, type_: Struct) -> Fields:
    """The paths that an object has: every leaf, every element of a list, every value of a map."""
    found = ((name, _declared_field(each, type_.fields.get(name))) for name, each in value.items())
    return {f"f:{name}": fields for name, fields in found if fields is not None}


def _declared_field(value: Any, node: Node | None) -> Fields | None:
    """What stands at the step to a field: no member for its children's sake. None when it names nothing, as an empty list."""
    if node is None or node.atomic or not isinstance(value, dict | list) or value == {}:
        return MEMBER
    if isinstance(value, list) and node.shape != "list":
        return MEMBER
    return _children(value, node) or None


def _children(value: Any, node: Node) -> Fields:
    if isinstance(value, list):
        return {elements.of(each, node): _within(each, node.item) for each in value}
    if node.shape == "object":
        return field_set(value, node.type)
    inner = node if node.shape == "any" else node.item
    return {f"f:{name}": _within(each, inner) for name, each in value.items()}


def _within(value: Any, node: Node) -> Fields:
    """What stands at the step to an element of a list or a value of a map: a member in any case."""
    if node.atomic or not isinstance(value, dict | list) or (isinstance(value, list) and node.shape != "list"):
        return MEMBER
    return below(_children(value, node))


def with_named(fields: Fields, type_: Struct) -> Fields:
    """The set, and with every path below a declared field that field as well: it goes when all that was set of it goes.

    Upstream: Set.EnsureNamedFieldsAreMembers.
    """
    return {step: _with_named(node, _node_at(step, type_)) for step, node in fields.items()}


def _node_at(step: str, type_: Struct) -> Node | None:
    return type_.fields.get(step[2:]) if step.startswith("f:") else None


def _with_named(fields: Fields, node: Node | None) -> Fields:
    """What stands at a step to a declared field: a member in any case."""
    children = _below_named(fields, node)
    return children if is_member(children) else {SELF: {}, **children}


def _below_named(fields: Fields, node: Node | None) -> Fields:
    if not fields or node is None or node.shape not in ("object", "list", "map"):
        return fields
    if node.shape == "object":
        type_ = node.type
        return {
            step: each if step == SELF else _with_named(each, _node_at(step, type_)) for step, each in fields.items()
        }
    return {step: each if step == SELF else _below_named(each, node.item) for step, each in fields.items()}
