"""Sets of paths, in the very form of FieldsV1, so that nothing need be converted to work with what is stored.

    {"f:spec": {"f:replicas": {}, "f:selector": {".": {}, "f:app": {}}}}

is the set of `.spec.replicas`, `.spec.selector` and `.spec.selector.app`: a step leads to the set below it; the path to it is
a member if that set is empty or has the mark `.`. `{}` at the top is the empty set. Sets are values: the functions give new
ones, which share their parts with the old. Upstream: sigs.k8s.io/structured-merge-diff v6 fieldpath/set.go.
"""

from collections.abc import Iterator
from typing import Any

from pullscope.kube.ownership import elements
from pullscope.kube.ownership.elements import SELF

Fields = dict[str, Any]
Path = tuple[str, ...]

MEMBER: Fields = {}
"""What stands below a path that is a member without children. Not to be changed."""


def below(children: Fields) -> Fields:
    """The set below a path that is itself a member, with these children."""
    return {SELF: {}, **children} if children else MEMBER


def is_member(node: Fields) -> bool:
    """Whether the path to `node` is a member."""
    return not node or SELF in node


def _marked(node: Fields) -> Fields:
    """A set below a path, its own membership in it as a mark in any case."""
    return node or {SELF: {}}


def _plain(node: Fields) -> Fields:
    """The other way: no mark where it says nothing."""
    return MEMBER if len(node) == 1 and SELF in node else node


def union(left: Fields, right: Fields) -> Fields:
    """Every path of either."""
    if not left or not right:
        return left or right
    result = dict(left)
    for step, node in right.items():
        if step not in result:
            result[step] = node
        elif step != SELF and result[step] != node:
            result[step] = _plain(union(_marked(result[step]), _marked(node)))
    return result


def difference(left: Fields, right: Fields) -> Fields:
    """The paths of `left` that are not in `right`. What lies below a path that is in `right` stays."""
    if left.keys().isdisjoint(right):
        return left
    result: Fields = {}
    for step, node in left.items():
        if step not in right:
            result[step] = node
        elif step != SELF and (rest := difference(_marked(node), _marked(right[step]))):
            result[step] = _plain(rest)
    return result


def without(left: Fields, right: Fields) -> Fields:
    """The paths of `left` that are not in `right`, nor below a path that is."""
    if left.keys().isdisjoint(right):
        return left
    result: Fields = {}
    for step, node in left.items():
        if step not in right:
            result[step] = node
        elif not is_member(right[step]) and (rest := without(_marked(node), right[step])):
            result[step] = _plain(rest)
    return result


def intersection(left: Fields, right: Fields) -> Fields:
    """The paths of both."""
    result: Fields = {}
    for step in left.keys() & right.keys():
        if step == SELF:
            result[SELF] = {}
        elif rest := intersection(_marked(left[step]), _marked(right[step])):
            result[step] = _plain(rest)
    return result


def paths(fields: Fields, prefix: Path = ()) -> Iterator[Path]:
    """The members in upstream's order: those of a level before those below."""
    steps = sorted((step for step in fields if step != SELF), key=elements.order)
    yield from ((*prefix, step) for step in steps if is_member(fields[step]))
    for step in steps:
        yield from paths(fields[step], (*prefix, step))


def text(path: Path) -> str:
    """A path for people: `.spec.containers[name="app"].image`."""
    return "".join(elements.text(step) for step in path)


def normal(fields: Any) -> Fields:
    """A set that somebody else wrote, as we write it. Raises MalformedError."""
    if not isinstance(fields, dict):
        raise elements.MalformedError("not an object")
    result: Fields = {}
    for step, node in fields.items():
        if step == SELF:
            result[SELF] = {}
        elif (known := elements.normal(step)) is not None:
            result[known] = _plain(normal(node))
    return result
