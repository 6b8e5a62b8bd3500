"""Configurations merged into objects, and paths taken out of them."""

from typing import Any

import pytest
from tests.kube.ownership.support import SPEC

from pullscope.kube.ownership import merging

MERGED: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("fields", {"replicas": 1, "args": ["a"]}, {"replicas": 2}, {"replicas": 2, "args": ["a"]}),
    ("atomic lists", {"args": ["a", "b"]}, {"args": ["c"]}, {"args": ["c"]}),
    ("atomic objects", {"selector": {"app": "a"}}, {"selector": {}}, {"selector": {}}),
    ("objects", {"rolling": {"surge": 1}}, {"rolling": {"count": 2}}, {"rolling": {"surge": 1, "count": 2}}),
    ("maps", {"labels": {"a": "1"}}, {"labels": {"b": "2"}}, {"labels": {"a": "1", "b": "2"}}),
    (
        "null",
        {"replicas": 1, "labels": {"a": "1", "b": "1"}},
        {"replicas": None, "labels": {"a": None}},
        {"labels": {"b": "1"}},
    ),
    ("null in what is new", {}, {"rolling": {"surge": None, "count": 1}}, {"rolling": {"count": 1}}),
    ("a null object says nothing", {"labels": {"a": "1"}}, {"labels": None}, {"labels": {"a": "1"}}),
    ("empty, as Go writes it", {}, {"rolling": {}, "marks": [], "args": []}, {"rolling": {}, "args": []}),
    ("sets", {"marks": ["a", "b"]}, {"marks": ["c", "b"]}, {"marks": ["a", "c", "b"]}),
    ("free objects", {"raw": {"a": {"b": 1}}}, {"raw": {"a": {"c": [1]}}}, {"raw": {"a": {"b": 1, "c": [1]}}}),
    (
        "keyed elements",
        {"parts": [{"name": "a", "image": "1"}]},
        {"parts": [{"name": "b"}, {"name": "a", "limits": {"x": "1"}}]},
        {"parts": [{"name": "b"}, {"name": "a", "image": "1", "limits": {"x": "1"}}]},
    ),
    (
        "doubled elements are replaced",
        {"parts": [{"name": "a", "image": "1"}, {"name": "a"}, {"name": "b"}]},
        {"parts": [{"name": "a"}]},
        {"parts": [{"name": "a"}, {"name": "b"}]},
    ),
]


@pytest.mark.parametrize(("live", "config", "merged"), [row[1:] for row in MERGED], ids=[row[0] for row in MERGED])
def test_merge(live: dict[str, Any], config: dict[str, Any], merged: dict[str, Any]) -> None:
    before = repr((live, config))
    assert merging.merge(live, config, SPEC) == merged
    assert repr((live, config)) == before


@pytest.mark.parametrize(
    ("live", "config", "order"),
    [
        ("abc", "", "abc"),
        ("", "ba", "ba"),
        ("ab", "xy", "abxy"),
        ("ac", "bc", "abc"),
        ("abc", "cb", "acb"),
        ("abcd", "db", "acdb"),
        ("ab", "xby", "axby"),
        ("aba", "b", "aba"),
    ],
)
def test_the_order_of_merged_lists(live: str, config: str, order: str) -> None:
    """The applied order holds; what only the object has stays before what follows it there."""
    assert merging.merge({"marks": list(live)}, {"marks": list(config)}, SPEC) == {"marks": list(order)}


REMOVED: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("a field", {"replicas": 1, "args": ["a"]}, {"f:replicas": {}}, {"args": ["a"]}),
    ("an object with all below", {"rolling": {"surge": 1}}, {"f:rolling": {".": {}, "f:count": {}}}, {}),
    ("what is empty then", {"rolling": {"surge": 1}, "replicas": 1}, {"f:rolling": {"f:surge": {}}}, {"replicas": 1}),
    ("values", {"labels": {"a": "1", "b": "1"}}, {"f:labels": {"f:a": {}}}, {"labels": {"b": "1"}}),
    ("elements", {"marks": ["a", "b"]}, {"f:marks": {'v:"a"': {}}}, {"marks": ["b"]}),
    ("all elements", {"marks": ["a"]}, {"f:marks": {'v:"a"': {}}}, {}),
    (
        "below elements",
        {"parts": [{"name": "a", "image": "1"}, {"name": "b"}]},
        {"f:parts": {'k:{"name":"a"}': {"f:image": {}}, 'k:{"name":"b"}': {}}},
        {"parts": [{"name": "a"}]},
    ),
    (
        "nothing below what is atomic",
        {"selector": {"app": "a"}},
        {"f:selector": {"f:app": {}}},
        {"selector": {"app": "a"}},
    ),
    ("free objects", {"raw": {"a": {"b": 1, "c": 1}}}, {"f:raw": {"f:a": {"f:b": {}}}}, {"raw": {"a": {"c": 1}}}),
    ("what is not there", {"replicas": 1}, {"f:other": {}, "f:rolling": {"f:x": {}}}, {"replicas": 1}),
]


@pytest.mark.parametrize(("value", "fields", "left"), [row[1:] for row in REMOVED], ids=[row[0] for row in REMOVED])
def test_remove(value: dict[str, Any], fields: dict[str, Any], left: dict[str, Any]) -> None:
    assert merging.remove(value, fields, SPEC) == left
