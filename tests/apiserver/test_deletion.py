"""What a DELETE decides, from the object, the options and the time."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pullscope.apiserver import deletion
from pullscope.apiserver.deletion import Mark, Remove, Wait
from pullscope.kube.api import DeleteOptions, Object

NOW = datetime(2026, 1, 1, tzinfo=UTC)
AT_0, AT_5, AT_30 = (f"2026-01-01T00:00:{second:02}Z" for second in (0, 5, 30))


def given(**metadata: Any) -> Object:
    return {"metadata": {"name": "x", "generation": 1, **metadata}}


def grace(_obj: Object, asked: int | None) -> int:
    return 30 if asked is None else asked


GOING = {"deletionTimestamp": AT_30, "deletionGracePeriodSeconds": 30}


@pytest.mark.parametrize(
    ("metadata", "options", "expected"),
    [
        ({}, DeleteOptions(), (True, {"deletionTimestamp": AT_30, "deletionGracePeriodSeconds": 30, "generation": 2}, False)),
        ({}, DeleteOptions(5), (True, {"deletionTimestamp": AT_5, "deletionGracePeriodSeconds": 5, "generation": 2}, False)),
        ({}, DeleteOptions(0), (True, {"deletionTimestamp": AT_0, "deletionGracePeriodSeconds": 0, "generation": 2}, True)),
        (GOING, DeleteOptions(), None),
        (GOING, DeleteOptions(30), None),
        (GOING, DeleteOptions(5), (True, {"deletionTimestamp": AT_5, "deletionGracePeriodSeconds": 5, "generation": 1}, False)),
        (GOING, DeleteOptions(0), (True, {"deletionTimestamp": AT_0, "deletionGracePeriodSeconds": 0, "generation": 1}, True)),
        ({"finalizers": ["f"]}, DeleteOptions(0), (True, {"deletionGracePeriodSeconds": 0}, False)),
    ],
)  # fmt: skip
def test_graceful(metadata: Object, options: DeleteOptions, expected: tuple[bool, Object, bool] | None) -> None:
    decision = deletion.decide(given(**metadata), options, NOW, grace)
    if expected is None:
        assert decision == Wait()
        return
    assert isinstance(decision, Mark)
    assert decision.obj["metadata"].items() >= expected[1].items()
    assert decision.then_remove is expected[2]


def test_what_was_marked_and_not_removed_goes_with_the_next_request() -> None:
    over = given(deletionTimestamp=AT_0, deletionGracePeriodSeconds=0)
    assert deletion.decide(over, DeleteOptions(0), NOW, grace) == Remove()


@pytest.mark.parametrize(
    ("finalizers", "policy", "left"),
    [
        ([], None, None),
        ([], "Background", None),
        ([], "Foreground", ["foregroundDeletion"]),
        ([], "Orphan", ["orphan"]),
        (["f"], None, ["f"]),
        (["orphan"], None, ["orphan"]),
        (["orphan", "f"], "Background", ["f"]),
        (["foregroundDeletion"], "Orphan", ["orphan"]),
    ],
)
def test_finalizers(finalizers: list[str], policy: Any, left: list[str] | None) -> None:
    decision = deletion.decide(given(finalizers=finalizers), DeleteOptions(propagation_policy=policy), NOW, None)
    if left is None:
        assert decision == Remove()
        return
    assert isinstance(decision, Mark)
    metadata = decision.obj["metadata"]
    assert (metadata["finalizers"], metadata["deletionTimestamp"], decision.then_remove) == (left, AT_0, False)


def test_what_a_write_ends() -> None:
    assert not deletion.is_over(given())
    assert not deletion.is_over(given(**GOING))
    assert not deletion.is_over(given(deletionTimestamp=AT_0, finalizers=["f"]))
    assert deletion.is_over(given(deletionTimestamp=AT_0, deletionGracePeriodSeconds=0))
    namespace = {**given(deletionTimestamp=AT_0), "kind": "Namespace", "spec": {"finalizers": ["kubernetes"]}}
    assert not deletion.is_over(namespace)
    assert deletion.is_over({**namespace, "spec": {}})
