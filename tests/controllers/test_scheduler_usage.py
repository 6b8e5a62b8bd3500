"""What pods take of nodes, as sums: the same as counting all of them anew, after any changes."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pullscope.controllers import amounts
from pullscope.controllers.demand import Demand
from pullscope.controllers.scheduler.usage import NOTHING, Usage

PODS, NODES = ("a", "b", "c"), ("one", "two")
REQUESTS = st.dictionaries(st.sampled_from(("cpu", "memory")), st.integers(0, 4000))
WEIGHTS = st.tuples(st.integers(0, 9), st.integers(0, 9))
DEMANDS = st.builds(Demand, REQUESTS, WEIGHTS, st.sampled_from(("", "rs-1", "rs-2")))
CHANGES = st.lists(st.tuples(st.sampled_from(PODS), st.none() | st.tuples(st.sampled_from(NODES), DEMANDS)))


@given(CHANGES)
def test_the_sums_are_those_of_the_pods_that_are_there(changes: list[tuple[str, tuple[str, Demand] | None]]) -> None:
    usage, pods = Usage(), dict[str, tuple[str, Demand]]()
    for name, change in changes:
        key = ("default", name)
        if change is None:
            assert usage.release(key) == (pods.pop(name, None) is not None)
        else:
            usage.take(key, *change)
            pods[name] = change
    for node in NODES:
        there = [demand for where, demand in pods.values() if where == node]
        load = usage.loads.get(node, NOTHING)
        wanted = amounts.total(demand.requests for demand in there)
        assert load.pods == len(there)
        assert {name: load.requests.get(name, 0) for name in wanted} == wanted
        assert load.weight == [sum(demand.weight[i] for demand in there) for i in (0, 1)]
        assert load.owners == Counter(demand.owner for demand in there if demand.owner)
