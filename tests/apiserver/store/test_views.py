"""Objects that are decoded once for all who look."""

from pullscope.apiserver.store import records, views
from pullscope.apiserver.store.records import Key, Stored
from pullscope.apiserver.store.views import Views


def stored(revision: int, name: str = "a") -> Stored:
    obj = {"metadata": {"name": name}}
    return records.stamped(Key("pods", "ns", name), obj, revision)


def test_who_looks_at_the_same_object_gets_the_same_one() -> None:
    known, one = Views(), stored(1)
    assert known.of(one) is known.of(one)
    assert known.of(one) == one.object()


def test_what_was_made_out_of_an_object_is_another() -> None:
    """A project has the revision of its namespace."""
    known = Views()
    known.of(stored(1))
    assert known.of(stored(1, "b"))["metadata"]["name"] == "b"
    assert known.take(stored(1, "c"))["metadata"]["name"] == "c"


def test_what_was_taken_is_not_given_again() -> None:
    known, one = Views(), stored(1)
    before = known.of(one)
    assert known.take(one) is before
    assert known.of(one) is not before
    assert known.take(stored(2))["metadata"]["resourceVersion"] == "2"


def test_only_the_last_ones_are_kept() -> None:
    known = Views()
    first = stored(0)
    before = known.of(first)
    for revision in range(1, views._KEPT + 1):
        known.of(stored(revision))
    assert known.of(first) is not before
    assert len(known._kept) == views._KEPT
