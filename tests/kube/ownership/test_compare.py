"""Which fields differ, form by form."""

from typing import Any

import pytest
from tests.kube.ownership.support import SPEC, texts

from pullscope.kube.ownership import compare, elements

ROWS: list[tuple[str, dict[str, Any], dict[str, Any], list[str], list[str]]] = [
    ("nothing", {"replicas": 1}, {"replicas": 1}, [], []),
    ("a plain field", {"replicas": 1}, {"replicas": 2}, [".replicas"], []),
    ("a new and a gone field", {"replicas": 1}, {"args": ["a"]}, [".args"], [".replicas"]),
    ("an atomic object", {"selector": {"app": "a"}}, {"selector": {"app": "b"}}, [".selector"], []),
    ("an atomic list", {"args": ["a"]}, {"args": ["a", "b"]}, [".args"], []),
    ("a new object by pointer", {}, {"rolling": {"surge": 1}}, [".rolling", ".rolling.surge"], []),
    ("a field of it", {"rolling": {"surge": 1}}, {"rolling": {"surge": 2}}, [".rolling.surge"], []),
    ("an object gone", {"rolling": {"surge": 1}}, {}, [], [".rolling", ".rolling.surge"]),
    ("an object by value is always there", {}, {"strategy": {"type": "x"}}, [".strategy.type"], []),
    ("and stays so", {"strategy": {"type": "x"}}, {}, [], [".strategy.type"]),
    ("also empty", {}, {"strategy": {}}, [], []),
    ("a new empty object is a leaf", {}, {"rolling": {}}, [".rolling"], []),
    ("emptied, it is still there", {"rolling": {"surge": 1}}, {"rolling": {}}, [], [".rolling.surge"]),
    ("null and empty are one", {"labels": {}}, {"labels": None}, [], []),
    ("a plain field that Go always writes", {}, {"ready": 0}, [], []),
    ("only when it says something", {}, {"ready": 1}, [".ready"], []),
    ("new values of a map", {}, {"labels": {"a": "1"}}, [".labels", ".labels.a"], []),
    ("more of them", {"labels": {"a": "1"}}, {"labels": {"a": "2", "b": "1"}}, [".labels.a", ".labels.b"], []),
    ("elements of a set", {"marks": ["a", "b"]}, {"marks": ["b", "c"]}, ['.marks[="c"]'], ['.marks[="a"]']),
    ("their order is nothing", {"marks": ["a", "b"]}, {"marks": ["b", "a"]}, [], []),
    (
        "keyed elements",
        {"parts": [{"name": "a", "image": "1"}]},
        {"parts": [{"name": "b"}, {"name": "a", "image": "2"}]},
        ['.parts[name="b"]', '.parts[name="a"].image', '.parts[name="b"].name'],
        [],
    ),
    (
        "keys with a default",
        {"parts": [{"name": "a", "ports": [{"number": 80}]}]},
        {"parts": [{"name": "a", "ports": [{"number": 80, "name": "web"}]}]},
        ['.parts[name="a"].ports[number=80,protocol="TCP"].name'],
        [],
    ),
    (
        "doubled elements are one leaf",
        {"parts": [{"name": "a"}, {"name": "a", "image": "1"}]},
        {"parts": [{"name": "a"}, {"name": "a", "image": "2"}]},
        ['.parts[name="a"]'],
        [],
    ),
    (
        "doubled becomes single",
        {"marks": ["a", "a"]},
        {"marks": ["a"]},
        ['.marks[="a"]'],
        ['.marks[="a"]'],
    ),
    (
        "single becomes doubled",
        {"parts": [{"name": "a"}]},
        {"parts": [{"name": "a"}, {"name": "a"}]},
        ['.parts[name="a"]'],
        ['.parts[name="a"]', '.parts[name="a"].name'],
    ),
    (
        "free objects field by field",
        {"raw": {"a": 1, "b": {"c": [1]}}},
        {"raw": {"a": 1, "b": {"c": [2]}}},
        [".raw.b.c"],
        [],
    ),
    ("free values of another form", {"raw": {"a": [1]}}, {"raw": {"a": {"b": 1}}}, [".raw.a"], []),
    ("fields that no type has", {}, {"other": {"a": 1}}, [".other"], []),
]


@pytest.mark.parametrize(("old", "new", "changed", "removed"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_what_differs(old: dict[str, Any], new: dict[str, Any], changed: list[str], removed: list[str]) -> None:
    found = compare.compare(old, new, SPEC)
    assert (texts(found.changed), texts(found.removed)) == (changed, removed)
    assert bool(found) == bool(changed or removed)


def test_elements_without_a_key_are_told() -> None:
    with pytest.raises(elements.UnidentifiedError, match='omits key field "name"'):
        compare.compare({}, {"parts": [{"image": "1"}]}, SPEC)
