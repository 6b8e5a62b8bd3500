"""On which nodes a daemon set has its pods, how it replaces them, and what it remembers."""

from typing import Any

import pytest
from tests.controllers.objects import NOW, pod, template

from pullscope.controllers import nodes
from pullscope.controllers.cache import Seen
from pullscope.controllers.daemonset import plan as planning
from pullscope.controllers.daemonset import pods, revisions
from pullscope.kube.api import Object

TAINT = {"key": "dedicated", "value": "db", "effect": "NoSchedule"}
EVICTING = {**TAINT, "effect": "NoExecute"}


def daemon_set(*, image: str = "app:v1", unavailable: Any = 1, surge: Any = 0, **spec: Any) -> Object:
    rolling = {"maxUnavailable": unavailable, "maxSurge": surge}
    metadata = {"name": "app", "namespace": "ns", "uid": "ds-uid", "generation": 1}
    metadata["annotations"] = {"deprecated.daemonset.template.generation": "1"}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": metadata,
        "spec": {
            "selector": {"matchLabels": {"app": "app"}},
            "template": template(image),
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": rolling},
            "revisionHistoryLimit": 10,
            **spec,
        },
        "status": {},
    }


def node(name: str, **spec: Any) -> nodes.NodeView:
    status = {"conditions": [{"type": "Ready", "status": "True"}]}
    labels = spec.pop("labels", {"disk": "ssd"})
    return nodes.view({"metadata": {"name": name, "labels": labels}, "spec": spec, "status": status})


def revision(number: int, image: str = "app:v1", name: str | None = None) -> Object:
    data = revisions.patch(daemon_set(image=image))
    name = name or f"app-{number}"
    return {"metadata": {"name": name, "labels": {pods.HASH: name}}, "data": data, "revision": number}


CURRENT = "app-1"
"""The hash of the only revision, unless a test says otherwise."""


def daemon(name: str, where: str, *, of: str = CURRENT, **changes: Any) -> Any:
    return pod(name, node=where, labels={"app": "app", pods.HASH: of}, **changes)


def plan(
    *daemon_pods: Seen[Any],
    on: tuple[nodes.NodeView, ...] = (node("a"), node("b"), node("c")),
    of: Object | None = None,
    known: tuple[Object, ...] = (revision(1),),
    held: dict[str, float] | None = None,
) -> planning.Plan:
    return planning.plan(planning.Observed(of or daemon_set(), on, daemon_pods, known, held or {}, NOW))


def deleted(planned: planning.Plan) -> list[str]:
    return sorted(each.name for each in planned.delete)


def test_every_node_gets_a_pod() -> None:
    planned = plan(daemon("x", "b"))
    assert (planned.create, deleted(planned)) == (("a", "c"), [])
    assert planned.status == {
        "currentNumberScheduled": 1,
        "numberMisscheduled": 0,
        "desiredNumberScheduled": 3,
        "numberReady": 1,
        "observedGeneration": 1,
        "updatedNumberScheduled": 1,
        "numberAvailable": 1,
        "numberUnavailable": 2,
    }


@pytest.mark.parametrize(
    ("where", "spec", "create", "delete"),
    [
        (node("a", taints=[TAINT]), {}, (), []),
        (node("a", taints=[EVICTING]), {}, (), ["x"]),
        (node("a", taints=[TAINT]), {"tolerations": [{"operator": "Exists"}]}, ("a",), []),
        (node("a", unschedulable=True, taints=[{**TAINT, "key": "node.kubernetes.io/unschedulable"}]), {}, ("a",), []),
        (node("a", labels={}), {"nodeSelector": {"disk": "ssd"}}, (), ["x"]),
        (node("a"), {"nodeName": "b"}, (), ["x"]),
        (node("a", taints=[{**TAINT, "effect": "PreferNoSchedule"}]), {}, ("a",), []),
    ],
    ids=["tainted", "evicting", "tolerated", "cordoned", "not selected", "named elsewhere", "not preferred"],
)
def test_nodes_that_a_pod_does_not_fit(
    where: nodes.NodeView, spec: Object, create: tuple[str, ...], delete: list[str]
) -> None:
    given = daemon_set()
    given["spec"]["template"]["spec"] |= spec
    known = ({**revision(1), "data": revisions.patch(given)},)
    assert plan(on=(where,), of=given, known=known).create == create
    there = plan(daemon("x", "a"), on=(where,), of=given, known=known)
    assert deleted(there) == delete
    assert there.status["numberMisscheduled"] == (0 if create else 1)


def test_a_pod_for_a_node_is_only_for_that_node() -> None:
    given = daemon_set()
    term = {"matchExpressions": [{"key": "disk", "operator": "Exists"}]}
    preferred = {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "preference": term}]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
    own = {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}
    given["spec"]["template"]["spec"] |= {"affinity": {"nodeAffinity": preferred | required}, "tolerations": [own]}
    made = pods.on_node(given, "5f", "a")
    assert made["metadata"]["labels"] == {
        "app": "app",
        "controller-revision-hash": "5f",
        "pod-template-generation": "1",
    }
    field = {"key": "metadata.name", "operator": "In", "values": ["a"]}
    one = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchFields": [field]}]}}
    assert made["spec"]["affinity"] == {"nodeAffinity": preferred | one}
    assert [each["key"].removeprefix("node.kubernetes.io/") for each in made["spec"]["tolerations"]] == [
        *("not-ready", "unreachable", "disk-pressure", "memory-pressure", "pid-pressure", "unschedulable")
    ]
    assert "tolerationSeconds" not in made["spec"]["tolerations"][0]


def test_of_two_pods_on_a_node_the_older_stays() -> None:
    twice = plan(daemon("x", "a", age=9), daemon("y", "a", age=5), on=(node("a"),))
    assert (twice.create, deleted(twice)) == ((), ["y"])


def test_pods_that_ended_make_way() -> None:
    planned = plan(daemon("x", "a", phase="Failed"), daemon("y", "b", phase="Succeeded"), on=(node("a"), node("b")))
    assert (planned.create, deleted(planned), planned.failed) == ((), ["x", "y"], ("a",))
    assert [(event.type, event.reason, event.message) for event in planned.events] == [
        ("Warning", "FailedDaemonPod", "Found failed daemon pod ns/x on node a, will try to kill it"),
        ("Normal", "SucceededDaemonPod", "Found succeeded daemon pod ns/y on node b, will try to delete it"),
    ]
    held = plan(daemon("x", "a", phase="Failed"), on=(node("a"),), held={"a": 4.0})
    assert (deleted(held), held.events, held.failed, held.again) == ([], (), (), 4.0)
    going = plan(daemon("x", "a", phase="Failed", deleting=True), on=(node("a"),))
    assert going.create == ("a",)


def test_a_pod_that_is_going_is_not_replaced_before_it_is_gone() -> None:
    assert plan(daemon("x", "a", deleting=True), on=(node("a"),)).create == ()


def test_pods_that_wait_for_a_node_that_is_gone_go() -> None:
    field = {"key": "metadata.name", "operator": "In", "values": ["gone"]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchFields": [field]}]}}
    waiting = pod("x", node="", affinity={"nodeAffinity": required}, phase="Pending", ready=False)
    assert deleted(plan(waiting, daemon("y", "a"), on=(node("a"),))) == ["x"]
    assert deleted(plan(daemon("z", "gone"), daemon("y", "a"), on=(node("a"),))) == []


OLD, NEW = (revision(1, "app:v0", "app-0"), revision(2, name=CURRENT)), {"of": "app-0"}


def test_an_update_deletes_as_many_pods_as_may_be_missing() -> None:
    olds = [daemon(name, name, **NEW) for name in "abc"]
    assert deleted(plan(*olds, known=OLD)) == ["a"]
    assert deleted(plan(*olds, known=OLD, of=daemon_set(unavailable="50%"))) == ["a", "b"]
    begun = plan(daemon("a2", "a", ready=False), *olds[1:], known=OLD)
    assert deleted(begun) == []
    assert (begun.status["updatedNumberScheduled"], begun.status["numberUnavailable"]) == (1, 1)
    assert deleted(plan(daemon("a2", "a"), *olds[1:], known=OLD)) == ["b"]


def test_an_update_begins_with_pods_that_are_broken_anyway() -> None:
    olds = [daemon("a", "a", **NEW), daemon("b", "b", ready=False, **NEW), daemon("c", "c", **NEW)]
    assert deleted(plan(*olds, known=OLD)) == ["b"]


def test_an_update_waits_until_new_pods_are_available() -> None:
    olds = [daemon(name, name, age=90, **NEW) for name in "bc"]
    waiting = plan(daemon("a2", "a", age=20), *olds, known=OLD, of=daemon_set(minReadySeconds=60))
    assert (deleted(waiting), waiting.again) == ([], 40.0)


def test_surging_starts_new_pods_first() -> None:
    given, olds = daemon_set(unavailable=0, surge=2), [daemon(name, name, **NEW) for name in "abc"]
    begun = plan(*olds, known=OLD, of=given)
    assert (begun.create, deleted(begun)) == (("a", "b"), [])
    waiting = plan(*olds, daemon("a2", "a", ready=False), known=OLD, of=given)
    assert (waiting.create, deleted(waiting)) == (("b",), [])
    done = plan(*olds, daemon("a2", "a"), known=OLD, of=given)
    assert (done.create, deleted(done)) == ((), ["a"])


def test_surging_replaces_broken_pods_at_once_and_leaves_unwanted_ones_until_they_are_spare() -> None:
    given = daemon_set(unavailable=0, surge=1)
    broken = [daemon(name, name, ready=False, **NEW) for name in "abc"]
    assert plan(*broken, known=OLD, of=given).create == ("a", "b", "c")
    tainted, kept = node("b", taints=[TAINT]), daemon("b", "b", **NEW)
    alone = plan(daemon("a2", "a", ready=False), kept, known=OLD, of=given, on=(node("a"), tainted))
    assert deleted(alone) == []
    spare = plan(daemon("a2", "a"), kept, known=OLD, of=given, on=(node("a"), tainted))
    assert deleted(spare) == ["b"]
    lost = plan(daemon("a2", "a"), daemon("b", "b", ready=False, **NEW), known=OLD, of=given, on=(node("a"), tainted))
    assert deleted(lost) == ["b"]


def test_on_delete_replaces_nothing_by_itself() -> None:
    given = daemon_set()
    given["spec"]["updateStrategy"] = {"type": "OnDelete"}
    planned = plan(*[daemon(name, name, **NEW) for name in "abc"], known=OLD, of=given)
    assert (planned.create, planned.delete, planned.status.get("updatedNumberScheduled")) == ((), (), None)


def test_a_new_template_is_a_new_revision() -> None:
    history = plan(known=(revision(3, "app:v0"),)).history
    assert (history.is_new, history.number) == (True, 4)
    made = history.current
    assert made["metadata"]["name"] == f"app-{history.hash}"
    assert made["metadata"]["labels"] == {"app": "app", "controller-revision-hash": history.hash}
    assert made["metadata"]["ownerReferences"][0]["uid"] == "ds-uid"
    assert list(made["data"]["spec"]["template"]) == ["$patch", "metadata", "spec"]


def test_a_template_that_comes_back_is_the_newest_again() -> None:
    history = plan(known=(revision(1), revision(2, "app:v0"))).history
    assert (history.is_new, history.number, history.current["metadata"]["name"]) == (False, 3, "app-1")


def test_a_taken_name_leads_to_another() -> None:
    given = daemon_set()
    plain = plan(of=given, known=()).history.hash
    given["status"] = {"collisionCount": 1}
    assert plan(of=given, known=()).history.hash != plain


def test_old_revisions_beyond_the_limit_are_forgotten_unless_a_pod_lives() -> None:
    known = (*[revision(number, f"app:{number}") for number in (1, 2, 3)], revision(4, name="now"))
    given = daemon_set(revisionHistoryLimit=1)
    assert plan(known=known, of=given).forget == ("app-1", "app-2")
    assert plan(daemon("x", "a", of="app-1"), known=known, of=given).forget == ("app-2", "app-3")


def test_the_status_keeps_what_others_wrote_there() -> None:
    given = daemon_set()
    given["status"] = {"collisionCount": 2, "numberUnavailable": 3, "conditions": [{"type": "X", "status": "True"}]}
    state = plan(*[daemon(name, name) for name in "abc"], of=given).status
    assert (state["collisionCount"], state["conditions"][0]["type"]) == (2, "X")
    assert "numberUnavailable" not in state
