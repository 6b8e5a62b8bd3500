"""Configurations: what is wrong with them, and what they name."""

from typing import Any

import pytest
from tests.kube.ownership.support import SPEC, texts

from pullscope.kube.ownership import typed

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"other": 1}, ".other: field not declared in schema"),
    ({"rolling": {"x": 1}}, ".rolling.x: field not declared in schema"),
    ({"selector": {"x": "1"}}, ".selector.x: field not declared in schema"),
    ({"replicas": "1"}, ".replicas: expected numeric (int or float), got string"),
    ({"replicas": True}, ".replicas: expected numeric (int or float), got bool"),
    ({"labels": {"a": 8080}}, ".labels.a: expected string, got &value.valueUnstructured{Value:8080}"),
    (
        {"args": [{"a": ["x", None]}]},
        '.args[0]: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"a":[]interface {}{"x", interface {}(nil)}}}',
    ),
    ({"rolling": [1, True, None]}, ".rolling: expected map, got &{[1 true <nil>]}"),
    ({"parts": {"b": 1, "a": "x"}}, ".parts: expected list, got &{map[a:x b:1]}"),
    ({"labels": "x"}, ".labels: expected map, got &{x}"),
    (
        {"parts": [{"name": "a"}, {"image": "x"}]},
        '.parts: element 1: associative list with keys has an element that omits key field "name" (and doesn\'t have default value)',
    ),
    ({"parts": [None]}, ".parts: element 0: associative list with keys may not have a null element"),
    ({"parts": ["a"]}, ".parts: element 0: associative list with keys may not have non-map elements"),
    ({"marks": [None]}, ".marks: element 0: associative list without keys has an element that's an explicit null"),
    ({"marks": [[]]}, ".marks: element 0: associative list without keys has an element that's a list type"),
    ({"parts": [{"name": "a"}, {"name": "a"}]}, '.parts: duplicate entries for key [name="a"]'),
    ({"marks": ["a", "a"]}, '.marks: duplicate entries for key [="a"]'),
    (
        {"parts": [{"name": "a", "ports": [{"number": 80}, {"number": 80, "protocol": "TCP"}]}]},
        '.parts[name="a"].ports: duplicate entries for key [number=80,protocol="TCP"]',
    ),
    (
        {"replicas": "1", "labels": {"a": 1}},
        """errors:
  .replicas: expected numeric (int or float), got string
  .labels.a: expected string, got &value.valueUnstructured{Value:1}""",
    ),
]


@pytest.mark.parametrize(("config", "problem"), WRONG, ids=[problem[:40] for _, problem in WRONG])
def test_what_is_wrong(config: dict[str, Any], problem: str) -> None:
    assert typed.problems(config, SPEC) == problem


def test_nothing_is_wrong() -> None:
    config = {"replicas": None, "marks": ["a"], "args": ["a", "a"], "raw": {"x": [1]}, "parts": [{"name": "a"}]}
    assert typed.problems(config, SPEC) == ""


NAMES: list[tuple[dict[str, Any], list[str]]] = [
    ({"replicas": 1, "selector": {"app": "a"}, "args": []}, [".args", ".replicas", ".selector"]),
    ({"rolling": {"surge": 1}}, [".rolling.surge"]),
    ({"rolling": {}, "labels": None}, [".labels", ".rolling"]),
    ({"labels": {"a": "1"}}, [".labels.a"]),
    ({"parts": [], "marks": []}, []),
    ({"parts": [{"name": "a"}], "marks": ["x"]}, ['.marks[="x"]', '.parts[name="a"]', '.parts[name="a"].name']),
    ({"raw": {"a": {"b": [1]}, "c": 1}}, [".raw.a", ".raw.c", ".raw.a.b"]),
]


@pytest.mark.parametrize(("config", "named"), NAMES)
def test_what_a_configuration_names(config: dict[str, Any], named: list[str]) -> None:
    assert texts(typed.field_set(config, SPEC)) == named


def test_declared_fields_count_when_something_below_them_does() -> None:
    fields = typed.field_set({"rolling": {"surge": 1}, "labels": {"a": "1"}, "parts": [{"name": "a"}]}, SPEC)
    assert texts(typed.with_named(fields, SPEC)) == [
        *(".labels", ".parts", ".rolling", ".labels.a", '.parts[name="a"]', '.parts[name="a"].name', ".rolling.surge"),
    ]
