"""One step of a deployment: what is there, what is done."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.controllers.objects import NOW, ago, deployment, replica_set, template

from pullscope.controllers.deployment import facts
from pullscope.controllers.deployment import plan as planning

RECREATE = {"type": "Recreate"}


def described(action: planning.Action) -> str:
    match action:
        case planning.Create(obj):
            return f"create {obj['spec']['replicas']} at revision {obj['metadata']['annotations'][facts.REVISION]}"
        case planning.Resize(name, before, after, _):
            return f"{name} {before}->{after}"
        case planning.Annotate(name, annotations, _):
            return f"annotate {name} at revision {annotations[facts.REVISION]}"
        case planning.Delete(name):
            return f"delete {name}"
        case planning.UpdateStatus():
            return "status"


@dataclass(frozen=True)
class Row:
    """A deployment, its replica sets, and what the plan does."""

    id: str
    deployment: dict[str, Any]
    sets: list[dict[str, Any]]
    expected: list[str]
    pods: dict[str, int] = field(default_factory=dict)


V2 = template("app:v2")
ROWS = [
    Row("a new deployment gets its replica set", deployment(3), [], ["create 3 at revision 1", "status"]),
    Row(
        "a new template gets one within the surge, after the revisions that were",
        deployment(4, template=V2),
        [replica_set("old", 4, revision=7)],
        ["create 1 at revision 8", "old 4->3", "status"],
    ),
    Row(
        "the new one grows before old ones shrink",
        deployment(10, surge=3, template=V2),
        [replica_set("new", 1, image="app:v2", revision=2), replica_set("old", 8)],
        ["new 1->5", "status"],
    ),
    Row(
        "old ones shrink as new pods become available",
        deployment(10, surge=3, template=V2),
        [replica_set("new", 5, image="app:v2", revision=2), replica_set("old", 8)],
        ["old 8->3", "status"],
    ),
    Row(
        "a template that was there before becomes the newest revision",
        deployment(1),
        [replica_set("first", 0, revision=1, age=90), replica_set("second", 1, image="app:v2", revision=2)],
        ["annotate first at revision 3", "first 0->1", "status"],
    ),
    Row(
        "Recreate empties the old one first",
        deployment(2, template=V2, strategy=RECREATE),
        [replica_set("old", 2)],
        ["old 2->0", "status"],
    ),
    Row(
        "Recreate waits for the last old pod",
        deployment(2, template=V2, strategy=RECREATE),
        [replica_set("old", 0)],
        ["status"],
        pods={"old": 1},
    ),
    Row(
        "Recreate starts the new one when all are gone",
        deployment(2, template=V2, strategy=RECREATE),
        [replica_set("old", 0)],
        ["create 2 at revision 2", "status"],
    ),
    Row(
        "a paused deployment starts no rollout",
        deployment(1, template=V2, paused=True),
        [replica_set("old", 1, desired=1, limit=2)],
        ["status"],
    ),
    Row(
        "a paused deployment follows its size",
        deployment(3, template=V2, paused=True),
        [replica_set("old", 1, desired=1, limit=2)],
        ["old 1->3", "status"],
    ),
    Row(
        "history beyond the limit goes, the oldest revision first",
        deployment(1, revisionHistoryLimit=1),
        [
            replica_set("now", 1, revision=4, age=1),
            *(replica_set(f"v{n}", 0, image=f"app:{n}", revision=n, age=9 - n) for n in (3, 1, 2)),
        ],
        ["delete v1", "delete v2", "status"],
    ),
    Row("what is being deleted is left alone", deployment(3, deleting=True), [], ["status"]),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_next_step(row: Row) -> None:
    planned = planning.plan(row.deployment, row.sets, row.pods, NOW)
    assert [described(action) for action in planned.actions] == row.expected


def test_nothing_to_do_is_no_action() -> None:
    first = planning.plan(deployment(1), [replica_set("app-1", 1)], {}, NOW).actions[-1]
    assert isinstance(first, planning.UpdateStatus)
    settled = deployment(1, status=first.status, annotations={facts.REVISION: "1"})
    assert planning.plan(settled, [replica_set("app-1", 1)], {}, NOW) == planning.Plan(())


def test_a_new_replica_set_is_the_deployments() -> None:
    given = deployment(3, surge=1, annotations={"team": "a", "kubectl.kubernetes.io/last-applied-configuration": "{}"})
    created = planning.plan(given, [], {}, NOW).actions[0]
    assert isinstance(created, planning.Create)
    metadata, spec = created.object["metadata"], created.object["spec"]
    digest = metadata["labels"]["pod-template-hash"]
    assert metadata["name"] == f"app-{digest}"
    assert metadata["annotations"] == {
        "team": "a",
        "deployment.kubernetes.io/revision": "1",
        "deployment.kubernetes.io/desired-replicas": "3",
        "deployment.kubernetes.io/max-replicas": "4",
    }
    assert metadata["ownerReferences"] == [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "name": "app",
            "uid": "deployment-uid",
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]
    assert spec["selector"]["matchLabels"] == {"app": "app", "pod-template-hash": digest}
    assert spec["template"]["metadata"]["labels"] == {"app": "app", "pod-template-hash": digest}
    assert given["spec"]["template"]["metadata"]["labels"] == {"app": "app"}


def test_a_returning_template_remembers_the_revisions_it_had() -> None:
    old = replica_set("first", 0, revision=1, age=90)
    other = replica_set("second", 1, image="app:v2", revision=2)
    action = planning.plan(deployment(1), [old, other], {}, NOW).actions[0]
    assert isinstance(action, planning.Annotate)
    assert action.annotations["deployment.kubernetes.io/revision-history"] == "1"


def test_a_rollout_that_stands_still_is_looked_at_when_it_is_overdue() -> None:
    going = {"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated", "message": "…"}
    given = deployment(
        1, status={"conditions": [{**going, "lastUpdateTime": ago(200), "lastTransitionTime": ago(200)}]}
    )
    assert planning.plan(given, [replica_set("app-1", 1, 0)], {}, NOW).again is not None
