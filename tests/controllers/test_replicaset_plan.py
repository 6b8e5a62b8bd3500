"""How many pods a replica set makes, and which it lets go first."""

from typing import Any

import pytest
from tests.controllers.objects import NOW, ago, pod, replica_set

from pullscope.controllers import podcontrol
from pullscope.controllers.replicaset import plan as planning


def plan(size: int, *pods: Any, neighbours: dict[str, int] | None = None, **changes: Any) -> planning.Plan:
    given = replica_set("rs", size)
    given["spec"] |= changes
    return planning.plan(given, pods, lambda: neighbours or {}, NOW)


@pytest.mark.parametrize(
    ("size", "pods", "missing"),
    [
        (3, [], 3),
        (3, [pod("a"), pod("b", phase="Failed"), pod("c", deleting=True)], 2),
        (1, [pod("a")], 0),
        (1000, [], podcontrol.BURST),
    ],
)
def test_what_is_missing_is_created(size: int, pods: list[Any], missing: int) -> None:
    planned = plan(size, *pods)
    assert (planned.create, planned.delete) == (missing, ())


@pytest.mark.parametrize(
    ("first", "others"),
    [
        (pod("first", node=""), [pod("a")]),
        (pod("first", phase="Pending"), [pod("a")]),
        (pod("first", ready=False), [pod("a")]),
        (pod("first", cost="-1"), [pod("a")]),
        (pod("first", cost="nonsense", age=10), [pod("a", cost="1", age=10)]),
        (pod("first", node="crowded"), [pod("a", node="empty")]),
        (pod("first", age=10), [pod("a", age=100)]),
        (pod("first", restarts=3), [pod("a")]),
    ],
)
def test_the_pod_that_is_missed_least_goes_first(first: Any, others: list[Any]) -> None:
    planned = plan(1, *others, first, neighbours={"crowded": 5, "empty": 1, "crc": 1})
    assert [each.name for each in planned.delete] == ["first"]


def test_a_replica_set_that_goes_makes_and_deletes_nothing() -> None:
    given = replica_set("rs", 5)
    given["metadata"]["deletionTimestamp"] = ago(1)
    planned = planning.plan(given, [], dict, NOW)
    assert (planned.create, planned.delete) == (0, ())


def test_the_status_counts() -> None:
    planned = plan(
        4, pod("a", labels={"app": "app", "pod-template-hash": "rs"}), pod("b", ready=False), pod("c", deleting=True)
    )
    assert planned.status == {
        "replicas": 2,
        "fullyLabeledReplicas": 1,
        "readyReplicas": 1,
        "availableReplicas": 1,
        "observedGeneration": 1,
        "terminatingReplicas": 1,
    }


def test_a_pod_is_available_when_it_was_ready_long_enough() -> None:
    planned = plan(2, pod("old", age=60), pod("young", age=10), minReadySeconds=30)
    assert planned.status["availableReplicas"] == 1
    assert planned.again == 20


def test_a_failure_is_told_once_and_taken_back() -> None:
    failed = planning.with_failure({"replicas": 0}, ("FailedCreate", "no room"), NOW)
    assert failed["conditions"] == [
        {
            "type": "ReplicaFailure",
            "status": "True",
            "lastTransitionTime": ago(0),
            "reason": "FailedCreate",
            "message": "no room",
        }
    ]
    assert planning.with_failure(failed, ("FailedCreate", "still none"), NOW) == failed
    assert planning.with_failure(failed, None, NOW) == {"replicas": 0}


def test_a_pod_is_made_from_the_template() -> None:
    given = replica_set("rs", 1)
    made = planning.pod_of(given)
    assert made["metadata"]["generateName"] == "rs-"
    assert made["metadata"]["labels"] == {"app": "app", "pod-template-hash": "rs"}
    assert made["metadata"]["ownerReferences"][0]["uid"] == "rs-uid"
    assert made["spec"] == given["spec"]["template"]["spec"]
