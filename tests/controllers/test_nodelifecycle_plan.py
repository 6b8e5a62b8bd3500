"""What a node's silence leads to, and how long pods may stay on it."""

from typing import Any

import pytest
from tests.controllers.objects import NOW, ago

from pullscope.controllers import nodes
from pullscope.controllers.nodelifecycle import eviction, lost
from pullscope.controllers.nodelifecycle import plan as planning
from pullscope.kube.api import Object

K = "node.kubernetes.io/"
HEALTHY = {"MemoryPressure": "False", "DiskPressure": "False", "PIDPressure": "False"}


def node(name: str = "a", *taints: Object, ready: str | None = "True", **conditions: str) -> nodes.NodeView:
    said = HEALTHY | conditions | ({"Ready": ready} if ready else {})
    listed = [{"type": type_, "status": status, "lastHeartbeatTime": ago(5)} for type_, status in said.items()]
    return nodes.view({"metadata": {"name": name}, "spec": {"taints": list(taints)}, "status": {"conditions": listed}})


def cordoned(*taints: Object) -> nodes.NodeView:
    metadata, spec = {"name": "a"}, {"taints": list(taints), "unschedulable": True}
    return nodes.view(
        {"metadata": metadata, "spec": spec, "status": {"conditions": [{"type": "Ready", "status": "True"}]}}
    )


def taint(key: str, effect: str = "NoSchedule") -> Object:
    return {"key": K + key, "effect": effect, "timeAdded": ago(0)}


OWN = {"key": "mine", "effect": "NoExecute"}
SECOND = node("b")


def plan(one: nodes.NodeView, *others: nodes.NodeView, silent: float = 5) -> planning.Plan:
    return planning.plan(one, silent, (one, *others), NOW)


@pytest.mark.parametrize(
    ("one", "taints"),
    [
        (node(), None),
        (node("a", OWN), None),
        (node("a", taint("not-ready"), OWN), (OWN,)),
        (node("a", taint("unreachable", "NoExecute")), ()),
        (node("a", taint("not-ready"), ready=None), None),
        (node("a", ready=None), None),
        (node(ready="False"), (taint("not-ready"), taint("not-ready", "NoExecute"))),
        (node(ready="Unknown"), (taint("unreachable"), taint("unreachable", "NoExecute"))),
        (
            node("a", taint("not-ready"), taint("not-ready", "NoExecute"), ready="Unknown"),
            (taint("unreachable"), taint("unreachable", "NoExecute")),
        ),
        (node(MemoryPressure="True"), (taint("memory-pressure"),)),
        (node("a", taint("disk-pressure"), DiskPressure="True"), None),
        (node("a", taint("disk-pressure")), ()),
        (cordoned(), (taint("unschedulable"),)),
        (cordoned(taint("unschedulable")), None),
        (node("a", taint("unschedulable")), ()),
    ],
)
def test_taints_follow_conditions(one: nodes.NodeView, taints: tuple[Object, ...] | None) -> None:
    assert plan(one, SECOND).taints == taints


def down(name: str, *taints: Object) -> nodes.NodeView:
    return node(name, *taints, ready="Unknown")


def test_when_all_nodes_are_silent_nobody_is_evicted() -> None:
    evicting = taint("unreachable", "NoExecute")
    assert plan(down("a", taint("unreachable")), down("b")).taints is None
    assert plan(down("a", taint("unreachable"), evicting), down("b")).taints == (taint("unreachable"),)


def test_when_most_nodes_are_silent_no_further_ones_are_emptied() -> None:
    evicting, others = taint("unreachable", "NoExecute"), (down("b"), down("c"), node("d"))
    assert plan(down("a", taint("unreachable")), *others).taints is None
    assert plan(down("a", taint("unreachable"), evicting), *others).taints is None
    assert plan(down("a", taint("unreachable")), *others[1:], node("e")).taints == (taint("unreachable"), evicting)


@pytest.mark.parametrize(
    ("one", "silent", "is_lost", "again"),
    [
        (node(), 0, False, 40.0),
        (node(), 39, False, 1.0),
        (node(), 40, True, None),
        (node(ready=None), 59, False, 1.0),
        (node(ready=None), 60, True, None),
        (node(ready="Unknown", **dict.fromkeys(HEALTHY, "Unknown")), 90, False, None),
    ],
)
def test_silence(one: nodes.NodeView, silent: float, is_lost: bool, again: float | None) -> None:
    planned = plan(one, SECOND, silent=silent)
    assert (planned.is_lost, planned.again) == (is_lost, again)


def test_what_a_silent_node_said_is_not_known_any_more() -> None:
    said = {"type": "Ready", "status": "True", "reason": "KubeletReady", "lastHeartbeatTime": ago(99)}
    other = {"type": "NetworkUnavailable", "status": "False"}
    conditions = [{**said, "lastTransitionTime": ago(500)}, other]
    given = {"metadata": {"creationTimestamp": ago(600)}, "status": {"conditions": conditions}}
    found = {each["type"]: each for each in planning.unknown(given, NOW)}
    assert found["Ready"] == {
        "type": "Ready",
        "status": "Unknown",
        "reason": "NodeStatusUnknown",
        "message": "Kubelet stopped posting node status.",
        "lastHeartbeatTime": ago(99),
        "lastTransitionTime": ago(0),
    }
    assert found["NetworkUnavailable"] == other
    assert found["PIDPressure"] == {
        "type": "PIDPressure",
        "status": "Unknown",
        "reason": "NodeStatusNeverUpdated",
        "message": "Kubelet never posted node status.",
        "lastHeartbeatTime": ago(600),
        "lastTransitionTime": ago(0),
    }


def tolerating(*tolerations: Any) -> Object:
    return {"spec": {"tolerations": list(tolerations)}}


MINE = {"key": "mine", "operator": "Exists"}


@pytest.mark.parametrize(
    ("pod", "taints", "seconds"),
    [
        (tolerating(), [OWN], 0.0),
        (tolerating(), [{**OWN, "effect": "NoSchedule"}], None),
        (tolerating(MINE), [OWN], None),
        (tolerating({**MINE, "tolerationSeconds": 30}), [OWN], 30.0),
        (tolerating({**MINE, "tolerationSeconds": -5}), [OWN], 0.0),
        (tolerating({**MINE, "tolerationSeconds": 30}, MINE), [OWN], 30.0),
        (tolerating(MINE), [OWN, taint("unreachable", "NoExecute")], 0.0),
        (
            tolerating(
                {**MINE, "tolerationSeconds": 30},
                {"key": f"{K}unreachable", "operator": "Exists", "tolerationSeconds": 9},
            ),
            [OWN, taint("unreachable", "NoExecute")],
            9.0,
        ),
    ],
)
def test_how_long_a_pod_may_stay(pod: Object, taints: list[Object], seconds: float | None) -> None:
    assert eviction.after(pod, taints) == seconds


def test_pods_of_a_node_that_is_gone_have_failed() -> None:
    ended = lost.ended({"status": {"phase": "Running"}}, ago(0))
    assert (ended["phase"], ended["conditions"][0]["reason"]) == ("Failed", "DeletionByPodGC")
    assert lost.ended({"status": {"phase": "Succeeded"}}, ago(0))["phase"] == "Succeeded"
