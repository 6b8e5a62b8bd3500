"""What a node keeps of pods that have nothing to do lies packed; it is the same when somebody looks."""

from hypothesis import given
from hypothesis import strategies as st
from tests.node.world import NS, World, pod

from pullscope.kube import resources
from pullscope.node.packed import Packed
from pullscope.node.pods import PodSync

VALUES = st.none() | st.booleans() | st.text(max_size=5) | st.lists(st.integers(0, 2**53))
OBJECTS = st.dictionaries(st.text(max_size=5), VALUES)


@given(OBJECTS)
def test_what_was_packed_comes_out_as_it_was(obj: dict[str, object]) -> None:
    packed = Packed(obj)
    packed.pack()
    assert packed.object == obj
    packed.pack()
    packed.pack()
    assert packed.object == obj


def is_packed(worker: PodSync) -> bool:
    held = (worker._pod, worker.statuses._stored, worker.statuses._current)
    return all(isinstance(each._value, bytes) for each in held)


def worker_of(world: World, uid: str) -> PodSync:
    assert world.kubelet._dispatcher is not None
    found = world.kubelet._dispatcher.pod(uid)
    assert found is not None
    return found


async def test_a_pod_without_work_is_packed_and_one_that_others_write_to_is_again(world: World) -> None:
    await world.run()
    stored = await world.pod()
    worker = worker_of(world, stored["metadata"]["uid"])
    assert is_packed(worker)
    assert worker.statuses.current == worker.statuses.stored == stored["status"]
    assert "managedFields" not in worker.pod["metadata"]
    patch = {"status": {"nominatedNodeName": "elsewhere"}}
    await world.api.patch(resources.PODS, NS, pod()["metadata"]["name"], patch, subresource="status")
    await world.quiet()
    assert is_packed(worker)
    assert worker.statuses.stored["nominatedNodeName"] == "elsewhere"
