"""The model itself: it accepts what a server may do, and names each promise that is broken."""

import pytest
from tests.killing.ledger import Found, Ledger, Tally


def written() -> Ledger:
    """`a` was acknowledged at 5; another write of it is under way."""
    ledger = Ledger()
    ledger.attempt("a", "one")
    ledger.acknowledge("a", 5)
    ledger.attempt("a", "two")
    return ledger


@pytest.mark.parametrize("found", [Found("one", 5), Found("two", 6)])
def test_what_was_acknowledged_last_or_what_was_under_way(found: Found) -> None:
    ledger = written()
    ledger.check({"a": found}, 9)
    assert (ledger.violations, ledger.acknowledged, ledger.highest) == ([], 1, 9)


@pytest.mark.parametrize(
    ("found", "revision", "faults"),
    [
        ({}, 9, ["lost"]),
        ({"a": Found("zero", 5)}, 9, ["lost"]),
        ({"a": Found("one", 4)}, 9, ["lost"]),
        ({"a": Found("two", 5)}, 9, ["order"]),
        ({"a": Found("two", 6)}, 4, ["order"]),
        ({"a": Found("one", 5), "b": Found("whose", 7)}, 9, ["lost"]),
    ],
)
def test_promises_that_are_broken(found: dict[str, Found], revision: int, faults: list[str]) -> None:
    ledger = written()
    ledger.check(found, revision)
    assert [violation.fault for violation in ledger.violations] == faults


def test_what_a_watch_showed_must_stay() -> None:
    ledger = written()
    ledger.follow(5)
    ledger.seen("a", "two", 6)
    ledger.check({"a": Found("one", 5)}, 9)
    assert [violation.fault for violation in ledger.violations] == ["lost"]


def test_a_deletion_is_a_write() -> None:
    ledger = written()
    ledger.acknowledge("a", 6)
    ledger.attempt("a", None)
    ledger.check({}, 7)
    assert ledger.violations == []
    ledger.check({"a": Found("two", 6)}, 8)
    assert [violation.fault for violation in ledger.violations] == ["lost"]


def test_revisions_only_grow() -> None:
    ledger = written()
    ledger.acknowledge("a", 4)
    ledger.attempt("b", "x")
    ledger.acknowledge("b", 5)
    ledger.follow(9)
    ledger.seen("c", "y", 8)
    assert [(violation.fault, violation.key) for violation in ledger.violations] == [
        ("order", "a"),
        ("order", "b"),
        ("order", "b"),
        ("order", "c"),
    ]


def test_a_refused_write_did_nothing() -> None:
    ledger = written()
    ledger.refuse("a")
    ledger.check({"a": Found("two", 6)}, 9)
    assert [violation.fault for violation in ledger.violations] == ["lost"]


@pytest.mark.parametrize(("found", "broken"), [(0, 1), (1, 0), (2, 0), (3, 1)])
def test_no_step_of_a_counter_is_lost(found: int, broken: int) -> None:
    tally = Tally()
    tally.attempt()
    tally.acknowledge()
    tally.attempt()
    tally.check(found)
    assert len(tally.violations) == broken
