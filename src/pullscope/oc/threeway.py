"""The patch of `apply`: what brings an object to a file's state, and leaves alone what the file never spoke of.

`patch(original, modified, current, schema)`: the file as it was applied last, the file now, the object on the server; all
are JSON. Applied to `current` with `kube.strategic`, the patch sets all that `modified` has, and removes what `original` had
and `modified` lacks. Empty when there is nothing to do. With `strategic.Untyped` it is a JSON merge patch.
Upstream: k8s.io/apimachinery v0.36 pkg/util/strategicpatch/patch.go (CreateThreeWayMergePatch).
"""

from collections.abc import Sequence
from typing import Any

from pullscope.kube.api import Object
from pullscope.kube.strategic import Field, Schema

# The fields with the patch strategy retainKeys (unions: of their members only the wanted one stays), which schemas here
# do not tell.
_UNIONS = ("strategy", "volumes")


def patch(original: Object, modified: Object, current: Object, schema: Schema) -> Object:
    """See the module."""
    result: Object = {name: None for name in original if modified.get(name) is None and name in current}
    for name, wanted in modified.items():
        if wanted is None:
            result |= {name: None} if name in current else {}
        else:
            result |= _of_field(name, original.get(name), wanted, current.get(name), field=schema.lookup(name))
    return result


def _of_field(name: str, original: Any, wanted: Any, found: Any, *, field: Field) -> Object:
    """The entries of the patch that one field needs."""
    if isinstance(wanted, dict) and isinstance(found, dict) and field.strategy != "replace":
        inner = patch(original if isinstance(original, dict) else {}, wanted, found, field.schema)
        if inner and name in _UNIONS:
            inner["$retainKeys"] = sorted(wanted)
        return {name: inner} if inner else {}
    if isinstance(wanted, list) and isinstance(found, list) and field.strategy == "merge":
        before = original if isinstance(original, list) else []
        return (
            _of_objects(name, before, wanted, found, field) if field.key else _of_scalars(name, before, wanted, found)
        )
    return {} if wanted == found else {name: wanted}


def _of_objects(
    name: str, original: Sequence[Object], wanted: Sequence[Object], found: Sequence[Object], field: Field
) -> Object:
    """A list whose elements are told apart by a key."""
    key = field.key
    before, there = {each.get(key): each for each in original}, {each.get(key): each for each in found}
    changed: list[Object] = []
    for each in wanted:
        if each.get(key) not in there:
            changed.append(each)
        elif inner := patch(before.get(each.get(key), {}), each, there[each.get(key)], field.schema):
            union = {"$retainKeys": sorted(each)} if name in _UNIONS else {}
            changed.append({**inner, key: each.get(key), **union})
    kept = [each.get(key) for each in wanted]
    changed += [{"$patch": "delete", key: value} for value in before if value not in kept and value in there]
    if not changed and kept == [value for value in there if value in kept]:
        return {}
    order = {f"$setElementOrder/{name}": [{key: value} for value in kept]}
    return {**order, name: changed} if changed else order


def _of_scalars(name: str, original: Sequence[Any], wanted: Sequence[Any], found: Sequence[Any]) -> Object:
    """A list that is a set."""
    added = [each for each in wanted if each not in found]
    removed = [each for each in original if each not in wanted and each in found]
    result: Object = {name: added} if added else {}
    if removed:
        result[f"$deleteFromPrimitiveList/{name}"] = removed
    return {f"$setElementOrder/{name}": list(wanted), **result} if result else {}
