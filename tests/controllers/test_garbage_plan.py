"""What becomes of an object when its owners go."""

from typing import Any

import pytest

from pullscope.controllers import cache, garbage
from pullscope.controllers.garbage import OwnerState
from pullscope.kube import resources


def thing(
    name: str, *owners: str, deleting: bool = False, finalizers: tuple[str, ...] = (), blocks: bool = True
) -> Any:
    references = [
        {"apiVersion": "v1", "kind": "Pod", "name": owner, "uid": owner, "blockOwnerDeletion": blocks}
        for owner in owners
    ]
    metadata = {"name": name, "namespace": "ns", "uid": name, "resourceVersion": "1", "ownerReferences": references}
    metadata |= {"finalizers": list(finalizers)} | ({"deletionTimestamp": "now"} if deleting else {})
    return cache.see(resources.PODS, {"metadata": metadata}, cache.nothing)


SOLID, GONE, WAITING = OwnerState.SOLID, OwnerState.GONE, OwnerState.WAITING
GOING = thing("d", "x", deleting=True)
FREE = thing("d", "x", blocks=False)
DEPENDENT = thing("d", "x")


@pytest.mark.parametrize(
    ("item", "states", "dependents", "expected"),
    [
        (thing("x"), [], [DEPENDENT], garbage.Keep()),
        (thing("x", "a"), [SOLID], [], garbage.Keep()),
        (thing("x", "a"), [GONE], [], garbage.Delete("Background")),
        (thing("x", "a", finalizers=("orphan",)), [GONE], [], garbage.Delete("Orphan")),
        (thing("x", "a"), [WAITING], [DEPENDENT], garbage.Delete("Foreground")),
        (thing("x", "a"), [WAITING], [], garbage.Delete("Background")),
        (thing("x", "a", "b"), [SOLID, GONE], [], garbage.Disown(frozenset(["b"]))),
        (thing("x", "a", "b"), [WAITING, SOLID], [], garbage.Disown(frozenset(["a"]))),
        (thing("x", "a", deleting=True), [GONE], [], garbage.Keep()),
        (thing("x", deleting=True, finalizers=("orphan",)), [], [DEPENDENT], garbage.Release((DEPENDENT,))),
        (
            thing("x", deleting=True, finalizers=("foregroundDeletion",)),
            [],
            [DEPENDENT],
            garbage.DeleteDependents((DEPENDENT,)),
        ),
        (thing("x", deleting=True, finalizers=("foregroundDeletion",)), [], [GOING], garbage.DeleteDependents(())),
        (thing("x", deleting=True, finalizers=("foregroundDeletion",)), [], [FREE], garbage.Finish()),
        (thing("x", deleting=True, finalizers=("foregroundDeletion",)), [], [], garbage.Finish()),
    ],
)
def test_the_fate_of_an_object(item: Any, states: list[OwnerState], dependents: list[Any], expected: Any) -> None:
    assert garbage.plan(item, list(zip(item.owners, states, strict=True)), dependents) == expected
