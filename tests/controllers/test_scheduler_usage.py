"""What pods take of nodes, as sums: the same as counting all of them anew, after any changes."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pullscope.controllers import amounts
from pullscope.controllers.amounts import Amounts
from pullscope.controllers.scheduler.usage import Usage

PODS, NODES = ("a", "b", "c"), ("one", "two")
REQUESTS = st.dictionaries(st.sampled_from(("cpu", "memory")), st.fractions(0, 4, max_denominator=1000))
CHANGES = st.lists(st.tuples(st.sampled_from(PODS), st.none() | st.tuples(st.sampled_from(NODES), REQUESTS)))


@given(CHANGES)
def test_the_sums_are_those_of_the_pods_that_are_there(changes: list[tuple[str, tuple[str, Amounts] | None]]) -> None:
    usage, pods = Usage(), dict[str, tuple[str, Amounts]]()
    for name, change in changes:
        key = ("default", name)
        if change is None:
            assert usage.release(key) == (pods.pop(name, None) is not None)
        else:
            usage.take(key, *change)
            pods[name] = change
    for node in NODES:
        there = [requests for where, requests in pods.values() if where == node]
        wanted = amounts.total([*there, {"pods": Fraction(len(there))}]) if there else {}
        assert {name: each for name, each in usage.totals.get(node, {}).items() if each} == {
            name: each for name, each in wanted.items() if each
        }
