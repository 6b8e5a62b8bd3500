"""Strategic merge patch: JSON merge patch that knows which lists are sets and by what key.

`merge` gives the new object and changes neither argument. Upstream: k8s.io/apimachinery v0.36.2
pkg/util/strategicpatch/patch.go; the directives are `$patch`, `$retainKeys`, `$setElementOrder/<list>` and
`$deleteFromPrimitiveList/<list>`. Errors become what pkg/endpoints/handlers/patch.go makes of them: malformed directives
400, lists of lists 422, and what upstream does not map, a bare message with 500.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pullscope.kube import status, values

Object = dict[str, Any]

_DIRECTIVE = "$patch"
_RETAIN = "$retainKeys"
_ORDER = "$setElementOrder/"
_DELETE = "$deleteFromPrimitiveList/"


class Schema(Protocol):
    """The type of an object, as far as merging goes. `apiserver.schemas` has it for real kinds."""

    def lookup(self, field: str) -> "Field":
        """What is known of a field; of one that is not in the type, nothing: `Field` with a schema that knows nothing."""


@dataclass(frozen=True)
class Field:
    """`strategy` as in upstream's struct tags: lists are merged only if it is `merge`, objects unless it is `replace`.

    `schema` is the type of the value, for lists of the elements. `key` tells the elements of a merged list apart, empty
    where they are scalars.
    """

    schema: Schema
    strategy: Literal["", "merge", "replace"] = ""
    key: str = ""


class Untyped:
    """The schema of a type that is not known: objects are merged, lists replaced."""

    def lookup(self, field: str) -> Field:  # noqa: ARG002 (the same for every field)
        return Field(self)


def merge(obj: Object, patch: Any, schema: Schema) -> Object:
    """The object with the patch applied. Raises ApiError, see the module's docstring."""
    if not isinstance(patch, dict):
        raise status.bad_request("invalid JSON document")
    return _merge_object(obj, values.copied(patch), schema)


def _merge_object(old: Object, patch: Object, schema: Schema) -> Object:
    if any(name.startswith("$") for name in patch):
        return _merge_with_directives(old, patch, schema)
    result = dict(old)
    for name, value in patch.items():
        if value is not None and not isinstance(value, dict | list):  # most are plain: no need to look up what they are
            result[name] = value
        else:
            _merge_field(result, name, value, schema.lookup(name))
    return result


def _merge_with_directives(old: Object, patch: Object, schema: Schema) -> Object:
    if _DIRECTIVE in patch:
        return _directed(patch)
    result = _retained(old, patch)
    orders = _addressed(patch, _ORDER, "invalid patch format of setElementOrder list")
    for name, order in orders.items():
        _order_list(result, patch, name, order=order, field=schema.lookup(name))
    for name, value in patch.items():
        if not name.startswith((_ORDER, _DELETE)) and name != _RETAIN and name not in orders:
            _merge_field(result, name, value, schema.lookup(name))
    for name, gone in _addressed(patch, _DELETE, "invalid patch format of primitive list").items():
        if isinstance(result.get(name), list):
            unwanted = {_identity(value) for value in gone}
            result[name] = [value for value in result[name] if _identity(value) not in unwanted]
    return result


def _directed(patch: Object) -> Object:
    match patch[_DIRECTIVE]:
        case "replace":
            return _cleaned_object({name: value for name, value in patch.items() if name != _DIRECTIVE})
        case "delete":
            return {}
        case other:
            raise _failure(f"unknown patch type: {_text(other)} in map: {_text(patch)}")


def _retained(old: Object, patch: Object) -> Object:
    """A copy of `old` with only the keys that `$retainKeys` lists, if the patch has one."""
    if _RETAIN not in patch:
        return dict(old)
    keep = patch[_RETAIN]
    given = [name for name, value in patch.items() if value is not None and not name.startswith((_ORDER, _DELETE))]
    if not isinstance(keep, list) or any(name not in keep for name in given if name != _RETAIN):
        raise status.bad_request("invalid patch format of retainKeys")
    return {name: value for name, value in old.items() if name in keep}


def _addressed(patch: Object, prefix: str, complaint: str) -> dict[str, list[Any]]:
    """The lists of the directives that address a sibling, by the sibling's name."""
    found = {name.removeprefix(prefix): value for name, value in patch.items() if name.startswith(prefix)}
    for value in found.values():
        if not isinstance(value, list):
            raise status.bad_request(complaint)
    return found


def _merge_field(result: Object, name: str, value: Any, field: Field) -> None:
    old = result.get(name)
    if value is None:
        result.pop(name, None)
    elif isinstance(old, dict) and isinstance(value, dict):
        replaced = field.strategy == "replace"
        result[name] = _cleaned(value) if replaced else _merge_object(old, value, field.schema)
    elif isinstance(old, list) and isinstance(value, list):
        result[name] = _merge_list(old, value, field) if field.strategy == "merge" else _cleaned(value)
    elif isinstance(value, dict) and _DIRECTIVE in value:
        result.pop(name, None)
    else:
        result[name] = _cleaned(value)


def _cleaned(value: Any) -> Any:
    """A value that is new in the object: without nulls in objects, and without directives and what they direct."""
    if isinstance(value, dict):
        return _cleaned_object(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value if not (isinstance(item, dict) and _DIRECTIVE in item)]
    return value


def _cleaned_object(value: Object) -> Object:
    special = (_ORDER, _DELETE, _RETAIN)
    kept = {name: item for name, item in value.items() if item is not None and not name.startswith(special)}
    return {name: _cleaned(item) for name, item in kept.items() if not (isinstance(item, dict) and _DIRECTIVE in item)}


# Lists


def _merge_list(old: list[Any], patch: list[Any], field: Field) -> list[Any]:
    if not old and not patch:
        return old
    if not _are_objects(old, patch):
        merged = list({_identity(value): value for value in [*old, *patch]}.values())
        return _arranged(merged, patch, old, key="")
    if not field.key:
        raise _failure("cannot merge lists without merge key for type struct")
    old, patch = _resolved(old, patch, field.key)
    return _arranged(_merge_elements(old, patch, field), patch, old, key=field.key)


def _are_objects(*lists: list[Any]) -> bool:
    """Whether the elements are objects; all must be of one type."""
    types = {type(value) for values in lists for value in values}
    if list in types:
        raise status.ApiError(422, "Invalid", "the server rejected our request due to an error in our request", {})
    if len(types) > 1:
        raise _failure(f"list element types are not identical: {_text(list(lists))}")
    return types == {dict}


def _resolved(old: list[Any], patch: list[Any], key: str) -> tuple[list[Any], list[Any]]:
    """The list and the patch after the patch's `$patch` elements have been obeyed and taken out."""
    plain = [item for item in patch if _DIRECTIVE not in item]
    special = [item for item in patch if _DIRECTIVE in item]
    for item in special:
        match item[_DIRECTIVE]:
            case "delete":
                gone = _identity(_key_of(item, key))
                old = [each for each in old if key not in each or _identity(each[key]) != gone]
            case "replace":
                pass
            case "merge":
                raise _failure("merging lists cannot yet be specified in the patch")
            case other:
                raise _failure(f"unknown patch type: {_text(other)} in map: {_text(item)}")
    replaced = any(item[_DIRECTIVE] == "replace" for item in special)
    return (_cleaned(plain), []) if replaced else (old, plain)


def _merge_elements(old: list[Any], patch: list[Any], field: Field) -> list[Any]:
    merged = list(old)
    for item in patch:
        wanted = _identity(_key_of(item, field.key))
        places = (i for i, each in enumerate(merged) if field.key in each and _identity(each[field.key]) == wanted)
        place = next(places, None)
        if place is None:
            merged.append(_cleaned_object(item))
        else:
            merged[place] = _merge_object(merged[place], item, field.schema)
    return merged


def _order_list(result: Object, patch: Object, name: str, *, order: list[Any], field: Field) -> None:
    """Merge the list `name` and put it into the order that the patch demands."""
    old, new = _listed(result, name), _listed(patch, name)
    if old is None and new is None:
        return
    _check_order(new or [], order, field.key)
    if old is not None and new is not None:
        merged = _merge_list(old, new, field) if field.strategy == "merge" else _cleaned(new)
    else:
        merged = _cleaned(new) if old is None else old
    if merged:
        _are_objects(merged, order)
    result[name] = _arranged(merged, order, old or [], key=field.key)


def _listed(container: Object, name: str) -> list[Any] | None:
    value = container.get(name)
    if value is not None and not isinstance(value, list):
        raise _failure(f"expected a []interface {{}}, but received a {_go_type(value)}")
    return value


def _check_order(patch: list[Any], order: list[Any], key: str) -> None:
    """The patch's elements must come in the demanded order (those with directives apart)."""
    kept = [item for item in patch if not (isinstance(item, dict) and _DIRECTIVE in item)]
    remaining = iter(order)
    if not patch or not order:
        return
    for item in kept:
        wanted = _identity(_element_key(item, key))
        if not any(_identity(_element_key(each, key)) == wanted for each in remaining):
            where = f"doesn't match $setElementOrder list:\n{_text(order)}\n"
            raise _failure(f"The order in patch list:\n{_text(patch)}\n {where}")


def _arranged(merged: list[Any], order: list[Any], live: list[Any], *, key: str) -> list[Any]:
    """`merged` with the elements that `order` names in its order, the others between them as they were in `live`."""
    position = _positions(_element_key(item, key) for item in order)
    lived = _positions(_element_key(item, key) for item in live)
    identified = [(_identity(_element_key(item, key)), item) for item in merged]
    named = sorted((pair for pair in identified if pair[0] in position), key=lambda pair: position[pair[0]])
    others = [pair for pair in identified if pair[0] not in position]
    result: list[Any] = []
    for identity, item in named:
        while others and others[0][0] in lived and identity in lived and lived[others[0][0]] < lived[identity]:
            result.append(others.pop(0)[1])
        result.append(item)
    return result + [item for _, item in others]


def _positions(values: Iterable[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, value in enumerate(values):
        found.setdefault(_identity(value), index)
    return found


def _element_key(item: Any, key: str) -> Any:
    return _key_of(item, key) if key else item


def _key_of(item: Any, key: str) -> Any:
    if not isinstance(item, Mapping):
        raise _failure(f"expected a map[string]interface {{}}, but received a {_go_type(item)}")
    if key not in item:
        raise _failure(f"map: {_text(item)} does not contain declared merge key: {key}")
    return item[key]


def _identity(value: Any) -> str:
    """Equal for equal JSON values, and for them alone (in Python 1 equals true)."""
    if type(value) is str:  # nearly all are; no other JSON begins with a quote
        return f'"{value}'
    return json.dumps(value, sort_keys=True)


# Upstream's words


def _failure(message: str) -> status.ApiError:
    """An error that upstream does not map: its message stands alone, with 500."""
    return status.ApiError(500, "", message)


def _go_type(value: Any) -> str:
    """A JSON value's type as Go prints it."""
    names: dict[type, str] = {str: "string", bool: "bool", int: "int64", float: "float64"}
    names |= {dict: "map[string]interface {}", list: "[]interface {}"}
    return names.get(type(value), "nil")


def _text(value: Any) -> str:
    """A JSON value as Go's %v prints it."""
    match value:
        case dict():
            return f"map[{' '.join(f'{name}:{_text(item)}' for name, item in sorted(value.items()))}]"
        case list():
            return f"[{' '.join(_text(item) for item in value)}]"
        case None:
            return "<nil>"
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)
