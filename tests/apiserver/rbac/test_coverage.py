"""Nobody grants more than they have: what is covered, and what is said to be missing."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.apiserver.rbac import coverage, rules
from pullscope.apiserver.rbac.rules import Rule
from pullscope.kube.status import ApiError

READ = ("get", "list", "watch")
VERBS, GROUPS, RESOURCES = ("get", "list"), ("", "apps"), ("pods", "pods/log", "nodes")


def some(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True).map(tuple)


RULES = st.builds(
    Rule,
    some(*VERBS, "*"),
    some(*GROUPS, "*"),
    some(*RESOURCES, "*/log", "*"),
    st.sampled_from([(), ("a",), ("a", "b")]),
)


def test_what_is_missing_is_compacted_by_resource() -> None:
    owned = [Rule(("get",), ("",), ("pods",))]
    wanted = [Rule(READ, ("",), ("pods", "secrets")), Rule(("get",), urls=("/metrics",))]
    found = sorted(str(rule) for rule in coverage.missing(owned, wanted))
    assert found == [
        '{APIGroups:[""], Resources:["pods"], Verbs:["list" "watch"]}',
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list" "watch"]}',
        '{NonResourceURLs:["/metrics"], Verbs:["get"]}',
    ]


@pytest.mark.parametrize(
    ("owner", "wanted", "covered"),
    [
        (Rule(("*",), ("*",), ("*",)), Rule(("get",), ("apps",), ("pods/log",)), True),
        (Rule(("*",), ("*",), ("*",)), Rule(("get",), urls=("/x",)), False),
        (Rule(("get",), ("",), ("*/log",)), Rule(("get",), ("",), ("pods/log",)), True),
        (Rule(("get",), ("",), ("*/log",)), Rule(("get",), ("",), ("pods",)), False),
        (Rule(("get",), ("",), ("pods",), ("a",)), Rule(("get",), ("",), ("pods",)), False),
        (Rule(("get",), ("",), ("pods",)), Rule(("get",), ("",), ("pods",), ("a",)), True),
        (Rule(("get",), urls=("/api/*",)), Rule(("get",), urls=("/api/v1", "/api/*")), True),
        (Rule(("get",), urls=("/api",)), Rule(("get",), urls=("/api/*",)), False),
    ],
)
def test_one_rule_and_another(owner: Rule, wanted: Rule, *, covered: bool) -> None:
    assert (coverage.missing([owner], [wanted]) == []) == covered


@given(st.lists(RULES, max_size=3), RULES)
def test_what_is_covered_allows_nothing_new(owned: list[Rule], wanted: Rule) -> None:
    """Whatever the wanted rule allows, some owned rule allows too, exactly when nothing is missing."""
    missing = coverage.missing(owned, [wanted])
    parts = [resource.partition("/") for resource in RESOURCES]
    for verb, group, (plural, _, part), name in itertools.product(VERBS, GROUPS, parts, ("", "a", "b")):
        asked = rules.on_resource(verb, group, plural, part, name)
        if asked.allowed_by(wanted):
            held = any(asked.allowed_by(rule) for rule in owned)
            assert held or any(asked.allowed_by(rule) for rule in missing)


def test_a_rule_without_measure_is_refused_before_it_is_counted_out() -> None:
    many = tuple(map(str, range(1000)))
    with pytest.raises(ApiError) as refused:
        coverage.missing([], [Rule(many, many, many)])
    assert refused.value.code == 400
    assert coverage.missing([Rule(("*",), ("*",), ("*",))], [Rule(many, many, many)]) == []
