"""Strategic merge patch: rows as kubectl sends them, upstream's refusals, and what must hold for all."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.kube import patch, strategic
from pullscope.kube.status import ApiError
from pullscope.kube.strategic import Field, Untyped


class Type:
    """A schema made of the few fields that the rows below need."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self._fields = fields

    def lookup(self, field: str) -> Field:
        return self._fields.get(field) or Field(Untyped())


PORTS = Field(Untyped(), "merge", "containerPort")
CONTAINER = Type({"ports": PORTS, "env": Field(Untyped(), "merge", "name"), "command": Field(Untyped())})
SPEC = Type({"containers": Field(CONTAINER, "merge", "name"), "tolerations": Field(Untyped())})
META = Type({"finalizers": Field(Untyped(), "merge"), "labels": Field(Untyped())})
POD = Type({"spec": Field(SPEC), "metadata": Field(META), "selector": Field(Untyped(), "replace")})


def merged(obj: dict[str, Any], change: Any) -> dict[str, Any]:
    """`strategic_merge`, which must leave both arguments as they are."""
    before, given_change = copy.deepcopy(obj), copy.deepcopy(change)
    result = patch.strategic_merge(obj, change, POD)
    assert (obj, change) == (before, given_change)
    return result


def containers(*items: dict[str, Any], **directives: Any) -> dict[str, Any]:
    return {"spec": {"containers": list(items), **directives}}


APP, SIDE = {"name": "app", "image": "v1"}, {"name": "side", "image": "s1"}

ROWS: dict[str, tuple[Any, Any, Any]] = {
    "a field of one container": (
        containers(APP, SIDE),
        containers({"name": "app", "image": "v2"}),
        containers({"name": "app", "image": "v2"}, SIDE),
    ),
    "kubectl set image": (
        containers(SIDE, APP),
        containers(
            {"name": "app", "image": "v2"}, **{"$setElementOrder/containers": [{"name": "side"}, {"name": "app"}]}
        ),
        containers(SIDE, {"name": "app", "image": "v2"}),
    ),
    "what the patch adds without an order comes first": (containers(APP), containers(SIDE), containers(SIDE, APP)),
    "order alone": (
        containers(APP, SIDE),
        {"spec": {"$setElementOrder/containers": [{"name": "side"}, {"name": "app"}]}},
        containers(SIDE, APP),
    ),
    "order keeps what only the server has in its place": (
        containers({"name": "a"}, {"name": "server"}, {"name": "b"}),
        {
            "spec": {
                "$setElementOrder/containers": [{"name": "a"}, {"name": "b"}, {"name": "c"}],
                "containers": [{"name": "c"}],
            }
        },
        containers({"name": "a"}, {"name": "server"}, {"name": "b"}, {"name": "c"}),
    ),
    "delete a container": (
        containers(APP, SIDE),
        containers({"name": "app", "$patch": "delete"}),
        containers(SIDE),
    ),
    "delete with order, as apply sends it": (
        containers(APP, SIDE),
        containers({"name": "app", "$patch": "delete"}, **{"$setElementOrder/containers": [{"name": "side"}]}),
        containers(SIDE),
    ),
    "replace the list": (
        containers(APP, SIDE),
        containers({"$patch": "replace"}, {"name": "new", "image": None}),
        containers({"name": "new"}),
    ),
    "a list without a strategy is replaced": (
        {"spec": {"tolerations": [{"key": "a"}, {"key": "b"}]}},
        {"spec": {"tolerations": [{"key": "c", "effect": None}]}},
        {"spec": {"tolerations": [{"key": "c"}]}},
    ),
    "nested lists are merged": (
        containers({"name": "app", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}),
        containers({"name": "app", "env": [{"name": "B", "value": "3"}, {"name": "C", "value": "4"}]}),
        containers(
            {
                "name": "app",
                "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "3"}, {"name": "C", "value": "4"}],
            }
        ),
    ),
    "integers are keys too": (
        containers({"name": "app", "ports": [{"containerPort": 80, "name": "a"}]}),
        containers({"name": "app", "ports": [{"containerPort": 80, "name": "b"}, {"containerPort": 81}]}),
        containers({"name": "app", "ports": [{"containerPort": 80, "name": "b"}, {"containerPort": 81}]}),
    ),
    "null deletes": (
        {"metadata": {"labels": {"a": "1", "b": "2"}}},
        {"metadata": {"labels": {"a": None, "missing": None}}},
        {"metadata": {"labels": {"b": "2"}}},
    ),
    "null in what is new is left out": (
        {},
        {"metadata": {"labels": {"a": None, "b": "1"}}},
        {"metadata": {"labels": {"b": "1"}}},
    ),
    "scalars are a set": (
        {"metadata": {"finalizers": ["a", "b"]}},
        {"metadata": {"finalizers": ["b", "c"]}},
        {"metadata": {"finalizers": ["a", "b", "c"]}},
    ),
    "delete from a list of scalars": (
        {"metadata": {"finalizers": ["a", "b", "c"]}},
        {"metadata": {"$deleteFromPrimitiveList/finalizers": ["b", "x"]}},
        {"metadata": {"finalizers": ["a", "c"]}},
    ),
    "delete, add and order scalars": (
        {"metadata": {"finalizers": ["a", "b"]}},
        {
            "metadata": {
                "$deleteFromPrimitiveList/finalizers": ["a"],
                "$setElementOrder/finalizers": ["c", "b"],
                "finalizers": ["c"],
            }
        },
        {"metadata": {"finalizers": ["c", "b"]}},
    ),
    "retain keys": (
        {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}},
        {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}},
        {"strategy": {"type": "Recreate"}},
    ),
    "replace an object": (
        {"metadata": {"labels": {"a": "1"}}},
        {"metadata": {"labels": {"$patch": "replace", "b": "2"}}},
        {"metadata": {"labels": {"b": "2"}}},
    ),
    "delete an object": (
        {"metadata": {"labels": {"a": "1"}}},
        {"metadata": {"labels": {"$patch": "delete"}}},
        {"metadata": {"labels": {}}},
    ),
    "a directive for what is not there": ({}, {"metadata": {"$patch": "delete"}}, {}),
    "an object whose type is replaced": ({"selector": {"a": 1}}, {"selector": {"b": 2}}, {"selector": {"b": 2}}),
    "another type wins": ({"x": {"a": 1}}, {"x": ["b"]}, {"x": ["b"]}),
    "unknown fields are merged as objects": ({"x": {"a": 1}}, {"x": {"b": 2}}, {"x": {"a": 1, "b": 2}}),
    "true is not one": (
        {"metadata": {"finalizers": [True]}},
        {"metadata": {"$deleteFromPrimitiveList/finalizers": [1]}},
        {"metadata": {"finalizers": [True]}},
    ),
    "an order for a list that is nowhere": (
        {"spec": {}},
        {"spec": {"$setElementOrder/containers": [{"name": "a"}]}},
        {"spec": {}},
    ),
    "two empty lists": (containers(), containers(), containers()),
}


@pytest.mark.parametrize(("obj", "change", "expected"), ROWS.values(), ids=ROWS.keys())
def test_rows(obj: Any, change: Any, expected: Any) -> None:
    result = merged(obj, change)
    assert result == expected
    assert str(result) == str(expected), "the same order, too"


REFUSALS: dict[str, tuple[Any, Any, int, str]] = {
    "no merge key": (
        containers(APP),
        containers({"image": "v2", "args": ["a", 1, None, True]}),
        500,
        "map: map[args:[a 1 <nil> true] image:v2] does not contain declared merge key: name",
    ),
    "unknown directive": (
        {"spec": {}},
        {"spec": {"$patch": "bad"}},
        500,
        "unknown patch type: bad in map: map[$patch:bad]",
    ),
    "unknown directive in a list": (
        containers(APP),
        containers({"name": "app", "$patch": "bad"}),
        500,
        "unknown patch type: bad in map: map[$patch:bad name:app]",
    ),
    "merge is no directive of lists": (
        containers(APP),
        containers({"$patch": "merge"}),
        500,
        "merging lists cannot yet be specified in the patch",
    ),
    "mixed elements": (
        containers(APP),
        {"spec": {"containers": ["x"]}},
        500,
        "list element types are not identical: [[map[image:v1 name:app]] [x]]",
    ),
    "lists of lists": (
        {"metadata": {"finalizers": ["a"]}},
        {"metadata": {"finalizers": [["b"]]}},
        422,
        "the server rejected our request due to an error in our request",
    ),
    "order is no list": (
        containers(APP),
        {"spec": {"$setElementOrder/containers": "x"}},
        400,
        "invalid patch format of setElementOrder list",
    ),
    "order does not fit": (
        containers(APP, SIDE),
        containers({"name": "app"}, **{"$setElementOrder/containers": [{"name": "side"}]}),
        500,
        "The order in patch list:\n[map[name:app]]\n doesn't match $setElementOrder list:\n[map[name:side]]\n",
    ),
    "list is no list": (
        containers(APP),
        {"spec": {"containers": {}, "$setElementOrder/containers": [{"name": "app"}]}},
        500,
        "expected a []interface {}, but received a map[string]interface {}",
    ),
    "deletion is no list": (
        {"metadata": {"finalizers": ["a"]}},
        {"metadata": {"$deleteFromPrimitiveList/finalizers": "a"}},
        400,
        "invalid patch format of primitive list",
    ),
    "retained keys are no list": ({"s": {}}, {"s": {"$retainKeys": "x"}}, 400, "invalid patch format of retainKeys"),
    "retained keys lack one": (
        {"s": {}},
        {"s": {"$retainKeys": ["a"], "b": 1}},
        400,
        "invalid patch format of retainKeys",
    ),
    "no object": ({}, [], 400, "invalid JSON document"),
}


@pytest.mark.parametrize(("obj", "change", "code", "message"), REFUSALS.values(), ids=REFUSALS.keys())
def test_refusals(obj: Any, change: Any, code: int, message: str) -> None:
    before = copy.deepcopy(obj)
    with pytest.raises(ApiError) as refused:
        patch.strategic_merge(obj, change, POD)
    assert (refused.value.code, refused.value.message) == (code, message)
    assert obj == before


_names = st.sampled_from("abcd")
_items = st.lists(
    st.fixed_dictionaries({"name": _names}, optional={"image": st.sampled_from(["v1", "v2"])}),
    max_size=4,
    unique_by=lambda item: item["name"],
)


@given(_items, _items)
def test_merging_twice_is_merging_once(old: list[Any], new: list[Any]) -> None:
    once = merged(containers(*old), containers(*new))
    assert merged(once, containers(*new)) == once


@given(_items, _items)
def test_merged_lists_have_every_key_once_and_the_patch_s_values(old: list[Any], new: list[Any]) -> None:
    result = merged(containers(*old), containers(*new))["spec"]["containers"]
    by_name = {item["name"]: item for item in result}
    assert len(by_name) == len(result)
    assert set(by_name) == {item["name"] for item in [*old, *new]}
    assert all(by_name[item["name"]] == {**by_name[item["name"]], **item} for item in new)


@given(_items, st.permutations("abcd"))
def test_the_demanded_order_is_kept(old: list[Any], order: list[str]) -> None:
    change = {"spec": {"$setElementOrder/containers": [{"name": name} for name in order]}}
    result = merged(containers(*old), change)["spec"]["containers"]
    assert [item["name"] for item in result] == [name for name in order if name in {item["name"] for item in old}]


_patches = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["delete", "replace", "merge", "a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("spec", "containers", "name", "metadata", "finalizers", "$patch", "$retainKeys"),
                    *(
                        "$setElementOrder/containers",
                        "$deleteFromPrimitiveList/finalizers",
                        "$setElementOrder/finalizers",
                    ),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(_patches, _patches)
def test_any_patch_applies_or_is_refused(obj: Any, change: Any) -> None:
    original = obj if isinstance(obj, dict) else {"spec": obj}
    before = copy.deepcopy(original)
    try:
        result = strategic.merge(original, change, POD)
    except ApiError:
        result = {}
    assert isinstance(result, dict)
    assert original == before
