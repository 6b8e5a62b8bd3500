"""JSON patch and JSON merge patch: the examples of their RFCs, the API server's refusals, and what must hold for all."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.kube import patch
from pullscope.kube.status import ApiError
from pullscope.kube.strategic import Untyped

# RFC 7386, appendix A: the rows whose patch and result are objects.
MERGE_ROWS: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("obj", "change", "expected"), MERGE_ROWS)
def test_merge_rows_of_the_rfc(obj: Any, change: Any, expected: Any) -> None:
    assert patch.merge_patch(obj, change) == expected


@pytest.mark.parametrize("change", [None, [], "x", 1, [{"a": 1}]])
def test_a_merge_patch_is_an_object(change: Any) -> None:
    with pytest.raises(ApiError, match="Invalid JSON Patch") as refused:
        patch.merge_patch({}, change)
    assert refused.value.code == 400


def op(name: str, path: str, **rest: Any) -> dict[str, Any]:
    return {"op": name, "path": path, **rest}


# RFC 6902, appendix A (those that address a part of the document), and arrays and escapes beside them.
JSON_ROWS: list[tuple[Any, list[dict[str, Any]], Any]] = [
    ({"foo": "bar"}, [op("add", "/baz", value="qux")], {"baz": "qux", "foo": "bar"}),
    ({"foo": ["bar", "baz"]}, [op("add", "/foo/1", value="qux")], {"foo": ["bar", "qux", "baz"]}),
    ({"baz": "qux", "foo": "bar"}, [op("remove", "/baz")], {"foo": "bar"}),
    ({"foo": ["bar", "qux", "baz"]}, [op("remove", "/foo/1")], {"foo": ["bar", "baz"]}),
    ({"baz": "qux", "foo": "bar"}, [op("replace", "/baz", value="boo")], {"baz": "boo", "foo": "bar"}),
    (
        {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
        [op("move", "/qux/thud", **{"from": "/foo/waldo"})],
        {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
    ),
    (
        {"foo": ["all", "grass", "cows", "eat"]},
        [op("move", "/foo/3", **{"from": "/foo/1"})],
        {"foo": ["all", "cows", "eat", "grass"]},
    ),
    (
        {"baz": "qux", "foo": ["a", 2, "c"]},
        [op("test", "/baz", value="qux"), op("test", "/foo/1", value=2)],
        {"baz": "qux", "foo": ["a", 2, "c"]},
    ),
    ({"foo": "bar"}, [op("add", "/child", value={"grandchild": {}})], {"foo": "bar", "child": {"grandchild": {}}}),
    ({"foo": "bar"}, [op("add", "/baz", value="qux", xyz=123)], {"foo": "bar", "baz": "qux"}),
    ({"/": 9, "~1": 10}, [op("test", "/~01", value=10), op("test", "/~1", value=9)], {"/": 9, "~1": 10}),
    ({"foo": ["bar"]}, [op("add", "/foo/-", value=["abc", "def"])], {"foo": ["bar", ["abc", "def"]]}),
    ({"a": {"b": 1}}, [op("copy", "/c", **{"from": "/a"}), op("add", "/c/b", value=2)], {"a": {"b": 1}, "c": {"b": 2}}),
    ({"a": 1}, [op("test", "/missing", value=None)], {"a": 1}),
    ({"a": [1, 2]}, [op("replace", "/a/1", value=3)], {"a": [1, 3]}),
    ({"a": 1}, [op("add", "/a", value=None)], {"a": None}),
    ({"a": 1}, [op("move", "/a", **{"from": "/a"})], {"a": 1}),
]


@pytest.mark.parametrize(("obj", "operations", "expected"), JSON_ROWS)
def test_json_patch_rows_of_the_rfc(obj: Any, operations: list[Any], expected: Any) -> None:
    before, given_operations = copy.deepcopy(obj), copy.deepcopy(operations)
    result = patch.json_patch(obj, operations)
    assert result == expected
    assert (obj, operations) == (before, given_operations), "the arguments stay as they are"


@pytest.mark.parametrize(
    ("obj", "operations"),
    [
        ({"baz": "qux"}, [op("test", "/baz", value="bar")]),
        ({"foo": "bar"}, [op("add", "/baz/bat", value="qux")]),
        ({"/": 9, "~1": 10}, [op("test", "/~01", value="10")]),
        ({"a": 1}, [op("test", "/a", value=True)]),
        ({"a": 1}, [op("remove", "/b")]),
        ({"a": 1}, [op("replace", "/b", value=1)]),
        ({"a": 1}, [op("replace", "/a")]),
        ({"a": 1}, [op("add", "/b")]),
        ({"a": 1}, [op("add", "", value={})]),
        ({"a": 1}, [op("replace", "", value={})]),
        ({"a": 1}, [op("remove", "")]),
        ({"a": 1}, [op("remove", "a")]),
        ({"a": [1]}, [op("add", "/a/2", value=1)]),
        ({"a": [1]}, [op("remove", "/a/1")]),
        ({"a": [1]}, [op("remove", "/a/-")]),
        ({"a": [1]}, [op("remove", "/a/-1")]),
        ({"a": [1]}, [op("replace", "/a/00", value=1)]),
        ({"a": [1]}, [op("replace", "/a/x", value=1)]),
        ({"a": {"b": 1}}, [op("move", "/a/b/c", **{"from": "/a"})]),
        ({"a": 1}, [op("move", "/b")]),
        ({"a": 1}, [op("copy", "/b", **{"from": "/c"})]),
        ({"a": 1}, [op("spam", "/a")]),
        ({"a": 1}, [{}]),
        ({"a": 1}, [{"op": "add", "path": 5, "value": 1}]),
    ],
)
def test_what_does_not_apply(obj: Any, operations: list[Any]) -> None:
    before = copy.deepcopy(obj)
    with pytest.raises(ApiError) as refused:
        patch.json_patch(obj, operations)
    assert (refused.value.code, refused.value.reason) == (422, "Invalid")
    assert refused.value.message == "the server rejected our request due to an error in our request"
    assert obj == before, "nothing half done"


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        ({}, "json: cannot unmarshal object into Go value of type jsonpatch.Patch"),
        ("x", "json: cannot unmarshal string into Go value of type jsonpatch.Patch"),
        ([1], "json: cannot unmarshal number into Go value of type jsonpatch.Operation"),
        ([[]], "json: cannot unmarshal array into Go value of type jsonpatch.Operation"),
        ([None], "json: cannot unmarshal null into Go value of type jsonpatch.Operation"),
    ],
)
def test_what_is_no_json_patch(operations: Any, message: str) -> None:
    with pytest.raises(ApiError) as refused:
        patch.json_patch({}, operations)
    assert (refused.value.code, refused.value.message) == (400, message)


def test_too_many_operations() -> None:
    with pytest.raises(ApiError, match="maximum operations in a JSON patch is 10000, got 10001") as refused:
        patch.json_patch({"a": 1}, [op("test", "/a", value=1)] * 10_001)
    assert refused.value.code == 413


def test_copies_cannot_grow_without_end() -> None:
    doubling = [op("copy", "/a/-", **{"from": "/a"})] * 60
    with pytest.raises(ApiError) as refused:
        patch.json_patch({"a": ["x" * 1000]}, doubling)
    assert refused.value.code == 422


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"x": value}
    return value


@pytest.mark.parametrize(
    ("apply", "change"),
    [
        (patch.merge_patch, nested(1000)),
        (patch.json_patch, [op("add", "/a", value=nested(1000))]),
        (lambda obj, change: patch.strategic_merge(obj, change, Untyped()), nested(1000)),
    ],
)
def test_nesting_has_an_end(apply: Callable[[Any, Any], Any], change: Any) -> None:
    with pytest.raises(ApiError, match="cannot be written as JSON: Recursion limit reached") as refused:
        apply({}, change)
    assert refused.value.code == 400


@pytest.mark.parametrize("levels", [100, 250])
def test_deep_objects_are_merged(levels: int) -> None:
    obj, change = nested(levels), nested(levels)
    assert patch.merge_patch(obj, change) == patch.strategic_merge(obj, change, Untyped()) == obj


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab~/", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc~/", max_size=2), inner, max_size=3),
    max_leaves=5,
)
_objects = st.dictionaries(st.text("abc~/", max_size=2), _json, max_size=3)


@given(_objects, _objects)
def test_merging_twice_is_merging_once(obj: dict[str, Any], change: dict[str, Any]) -> None:
    once = patch.merge_patch(obj, change)
    assert patch.merge_patch(once, change) == once
    assert patch.merge_patch(obj, {}) == obj


@given(_objects, _objects)
def test_adding_and_removing_a_member_changes_nothing(obj: dict[str, Any], value: dict[str, Any]) -> None:
    added = patch.json_patch(obj, [op("add", "/new", value=value), op("test", "/new", value=value)])
    assert added == {**obj, "new": value}
    assert patch.json_patch(added, [op("remove", "/new")]) == obj


_paths = st.text("/ab01-~", max_size=6)
_operations = st.lists(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"])},
        optional={"path": _paths, "from": _paths, "value": _json},
    ),
    max_size=5,
)


@given(_objects, _operations)
def test_any_operations_apply_or_are_refused(obj: dict[str, Any], operations: list[Any]) -> None:
    before = copy.deepcopy(obj)
    try:
        result = patch.json_patch(obj, operations)
    except ApiError:
        result = {}
    assert isinstance(result, dict)
    assert obj == before
