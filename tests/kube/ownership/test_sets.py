"""The algebra of field sets, beside Python's sets of paths."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kube.ownership.support import of_paths, texts

from pullscope.kube.ownership import elements, sets
from pullscope.kube.ownership.sets import Path

_steps = st.sampled_from(["f:a", "f:b", 'k:{"name":"x"}', 'v:"x"'])
_paths: st.SearchStrategy[Path] = st.lists(_steps, min_size=1, max_size=3).map(tuple)
_sets = st.frozensets(_paths, max_size=6)


def _members(fields: sets.Fields) -> set[Path]:
    found = list(sets.paths(fields))
    assert len(found) == len(set(found))
    return set(found)


def _below(path: Path, other: Path) -> bool:
    return path[: len(other)] == other


@given(_sets)
def test_a_set_is_its_paths(paths: frozenset[Path]) -> None:
    fields = of_paths(paths)
    assert _members(fields) == paths
    assert sets.normal(fields) == fields
    assert bool(fields) == bool(paths)


@given(_sets, _sets)
def test_the_operations_are_those_of_sets(left: frozenset[Path], right: frozenset[Path]) -> None:
    one, two = of_paths(left), of_paths(right)
    before = repr((one, two))
    assert sets.union(one, two) == of_paths(left | right)
    assert sets.difference(one, two) == of_paths(left - right)
    assert sets.intersection(one, two) == of_paths(left & right)
    kept = {path for path in left if not any(_below(path, gone) for gone in right)}
    assert sets.without(one, two) == of_paths(kept)
    assert repr((one, two)) == before, "sets are values"


def test_a_path_with_children_can_be_a_member() -> None:
    fields: Any = {"f:labels": {".": {}, "f:app": {}}, "f:spec": {"f:replicas": {}}}
    assert texts(fields) == [".labels", ".labels.app", ".spec.replicas"]
    assert sets.difference(fields, {"f:labels": {}}) == {"f:labels": {"f:app": {}}, "f:spec": {"f:replicas": {}}}
    assert sets.difference(fields, {"f:labels": {"f:app": {}}}) == {"f:labels": {}, "f:spec": {"f:replicas": {}}}


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ("f:spec", ".spec"),
        ("f:a.b/c", ".a.b/c"),
        ('k:{"name":"app"}', '[name="app"]'),
        ('k:{"containerPort":80,"protocol":"TCP"}', '[containerPort=80,protocol="TCP"]'),
        ('v:"kubernetes"', '[="kubernetes"]'),
        ("v:1", "[=1]"),
        ("i:3", "[3]"),
    ],
)
def test_steps_for_people(step: str, text: str) -> None:
    assert elements.text(step) == text
    assert elements.normal(step) == step


def test_the_order_of_steps_is_upstream_s() -> None:
    steps = ["i:10", "i:9", 'v:"a"', "v:10", "v:9", 'k:{"p":10}', 'k:{"p":9}', "f:b", "f:a", "v:true", "v:null"]
    ordered = ["f:a", "f:b", 'k:{"p":9}', 'k:{"p":10}', "v:9", "v:10", 'v:"a"', "v:true", "v:null", "i:9", "i:10"]
    assert sorted(steps, key=elements.order) == ordered


def test_sets_of_others_are_read_as_ours() -> None:
    foreign: Any = {
        'k:{ "b":1, "a":"x" }': {".": {}},
        'v: "x"': {},
        "x:later": {"f:a": {}},
        "f:a": {".": {}, "f:b": {}},
    }
    expected: Any = {'k:{"a":"x","b":1}': {}, 'v:"x"': {}, "f:a": {".": {}, "f:b": {}}}
    assert sets.normal(foreign) == expected


@pytest.mark.parametrize(
    "fields", [{"": {}}, {"spec": {}}, {"k:name": {}}, {"k:[1]": {}}, {"i:x": {}}, {"f:a": []}, "f:a"]
)
def test_what_is_no_set(fields: Any) -> None:
    with pytest.raises(elements.MalformedError):
        sets.normal(fields)
