"""A configuration merged into an object, and items taken out of an object.

Upstream: sigs.k8s.io/structured-merge-diff v6 typed/merge.go and remove.go. Nothing given is changed; the results share their
parts with what was given.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any

from pullscope.kube.ownership import elements
from pullscope.kube.ownership.compare import grouped
from pullscope.kube.ownership.schema import Node, Object, Struct
from pullscope.kube.ownership.sets import Fields, is_member


def merge(live: Object, config: Object, type_: Struct) -> Object:
    """`live` with what `config` says; a null in it takes a field out. `config` must be without `typed.problems`."""
    result = dict(live)
    for name, value in config.items():
        node = type_.fields.get(name)
        _set(result, name, value if node is None else _merged(live.get(name), value, node))
    return result


def _set(result: Object, name: str, value: Any) -> None:
    if value is None:
        result.pop(name, None)
    else:
        result[name] = value


def _merged(live: Any, config: Any, node: Node) -> Any:
    """`config` where one of the two is all there is, or a leaf; else what the two make together."""
    match node.shape:
        case "object" if not node.atomic and (live or config):
            return merge(live or {}, config or {}, node.type)
        case "map" if not node.atomic and (live or config):
            return _merged_map(live or {}, config or {}, node.item)
        case "list" if not node.atomic:
            return list(_merged_list(live or [], config or [], node)) or None
        case "any" if isinstance(live, dict) and isinstance(config, dict):
            return _merged_map(live, config, node)
    return config


def _merged_map(live: Object, config: Object, item: Node) -> Object:
    result = dict(live)
    for name, value in config.items():
        _set(result, name, _merged(live.get(name), value, item))
    return result


def _merged_list(live: list[Any], config: list[Any], node: Node) -> Iterator[Any]:
    """The elements of both: `config`'s in its order, and before the next that both have those that only `live` has."""
    had, wanted = grouped(live, node), grouped(config, node)
    rest, shared = deque(wanted), deque(step for step in wanted if step in had)
    for item in live:
        step = elements.of(item, node)
        if step not in wanted:
            yield item
        while shared and step == shared[0]:
            head = rest.popleft()
            if head == step:
                shared.popleft()
            yield _merged_element(had.get(head, []), wanted[head][0], node)
    for step in rest:
        yield _merged_element(had.get(step, []), wanted[step][0], node)


def _merged_element(live: list[Any], config: Any, node: Node) -> Any:
    """Doubled elements are not merged but replaced, all of them."""
    return _merged(live[0] if len(live) == 1 else None, config, node.item)


def remove(value: Object, fields: Fields, type_: Struct) -> Object:
    """The object without the paths of `fields` and all below them; what is empty after that goes, too."""
    result = {}
    for name, each in value.items():
        kept = _kept(each, fields.get(f"f:{name}"), type_.fields.get(name))
        if kept is not None:
            result[name] = kept
    return result


def _kept(value: Any, fields: Fields | None, node: Node | None) -> Any:
    """What stays of a value, None for nothing; `fields` is what stands at its step in the set, None where nothing does."""
    if fields is None:
        return value
    if is_member(fields):
        return None
    if node is None or node.atomic or not isinstance(value, dict | list):
        return value
    return _children(value, fields, node) or None


def _children(value: Any, fields: Fields, node: Node) -> Any:
    if isinstance(value, list):
        kept = [_kept(each, fields.get(elements.of(each, node)), node.item) for each in value]
        return [each for each in kept if each is not None]
    if node.shape == "object":
        return remove(value, fields, node.type)
    inner = node if node.shape == "any" else node.item
    left = {name: _kept(each, fields.get(f"f:{name}"), inner) for name, each in value.items()}
    return {name: each for name, each in left.items() if each is not None}
