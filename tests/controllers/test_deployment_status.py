"""What a deployment's status says in the course of a rollout: upstream's reasons and messages."""

from typing import Any

import pytest
from tests.controllers.objects import NOW, ago, deployment, replica_set

from pullscope.controllers.deployment import plan as planning


def status_of(given: dict[str, Any], sets: list[dict[str, Any]]) -> dict[str, Any]:
    action = planning.plan(given, sets, {}, NOW).actions[-1]
    assert isinstance(action, planning.UpdateStatus)
    return action.status


def told(status: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    return [(each["type"], each["status"], each["reason"], each["message"]) for each in status["conditions"]]


MINIMUM = ("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
LACKING = ("Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")


def progressing(age: float, reason: str = "ReplicaSetUpdated", status: str = "True") -> dict[str, Any]:
    times = {"lastUpdateTime": ago(age), "lastTransitionTime": ago(age)}
    return {"type": "Progressing", "status": status, **times, "reason": reason, "message": "before"}


def test_a_new_deployment_waits_for_its_pods() -> None:
    status = status_of(deployment(2), [])
    created = told(status)[0]
    assert created[:3] == ("Progressing", "True", "NewReplicaSetCreated")
    assert created[3].startswith('Created new replica set "app-')
    assert told(status)[1:] == [LACKING]
    assert status["unavailableReplicas"] == 2
    assert status["observedGeneration"] == 1
    assert "replicas" not in status


def test_the_finished_rollout_as_recorded() -> None:
    """The same status, times aside, as the real controller wrote for the same deployment (ground truth, http)."""
    before = {"updatedReplicas": 1, "replicas": 1, "unavailableReplicas": 1, "conditions": [progressing(1)]}
    status = status_of(deployment(1, status=before), [replica_set("app-7f4cf6487c", 1)])
    complete = 'ReplicaSet "app-7f4cf6487c" has successfully progressed.'
    assert told(status) == [MINIMUM, ("Progressing", "True", "NewReplicaSetAvailable", complete)]
    counts = {key: value for key, value in status.items() if key != "conditions"}
    assert counts == {
        "observedGeneration": 1,
        "replicas": 1,
        "updatedReplicas": 1,
        "readyReplicas": 1,
        "availableReplicas": 1,
        "terminatingReplicas": 0,
    }
    assert status["conditions"][1]["lastTransitionTime"] == ago(1)
    assert status["conditions"][1]["lastUpdateTime"] == ago(0)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (progressing(599), ("True", "ReplicaSetUpdated", "before")),
        (progressing(601), ("False", "ProgressDeadlineExceeded", 'ReplicaSet "app-1" has timed out progressing.')),
        (progressing(9999, "NewReplicaSetAvailable"), ("True", "NewReplicaSetAvailable", "before")),
        (
            progressing(9999, "ProgressDeadlineExceeded", "False"),
            ("False", "ProgressDeadlineExceeded", "before"),
        ),
    ],
)
def test_a_rollout_that_stands_still_is_overdue_after_its_deadline(
    condition: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    before = {"updatedReplicas": 1, "replicas": 1, "unavailableReplicas": 1, "conditions": [condition]}
    status = status_of(deployment(1, status=before), [replica_set("app-1", 1, 0)])
    assert ("Progressing", *expected) in told(status)


def test_progress_renews_the_time_but_not_the_transition() -> None:
    before = {"updatedReplicas": 1, "replicas": 2, "conditions": [progressing(100)]}
    status = status_of(deployment(3, status=before), [replica_set("app-1", 3, 2)])
    condition = status["conditions"][-1]
    assert condition["message"] == 'ReplicaSet "app-1" is progressing.'
    assert (condition["lastUpdateTime"], condition["lastTransitionTime"]) == (ago(0), ago(100))


def test_without_a_deadline_progress_is_not_told() -> None:
    given = deployment(1, progressDeadlineSeconds=None, status={"conditions": [progressing(1)]})
    assert told(status_of(given, [replica_set("app-1", 1)])) == [MINIMUM]


def test_pausing_and_resuming_are_told() -> None:
    sets = [replica_set("app-1", 1, 0)]
    paused = status_of(deployment(1, paused=True, status={"conditions": [progressing(1)]}), sets)
    assert ("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused") in told(paused)
    resumed = status_of(deployment(1, status=paused), sets)
    assert ("Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed") in told(resumed)


def test_a_replica_sets_failure_is_the_deployments() -> None:
    failure = {"type": "ReplicaFailure", "status": "True", "lastTransitionTime": ago(5)}
    failure |= {"reason": "FailedCreate", "message": 'pods "x" is forbidden'}
    status = status_of(deployment(1), [replica_set("app-1", 1, 0, conditions=[failure])])
    assert told(status)[-1] == ("ReplicaFailure", "True", "FailedCreate", 'pods "x" is forbidden')
    healed = status_of(deployment(1, status=status), [replica_set("app-1", 1)])
    assert all(each["type"] != "ReplicaFailure" for each in healed["conditions"])
