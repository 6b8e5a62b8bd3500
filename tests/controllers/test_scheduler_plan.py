"""Where a pod goes, and in which words it goes nowhere."""

from typing import Any

import pytest

from pullscope.controllers import amounts, nodes
from pullscope.controllers.scheduler import plan as planning
from pullscope.controllers.tolerations import tolerates


def node(name: str = "crc", **changes: Any) -> nodes.NodeView:
    status: dict[str, Any] = {"conditions": [{"type": "Ready", "status": "True"}]}
    status["allocatable"] = changes.pop("allocatable", {"cpu": "4", "memory": "8Gi", "pods": "250"})
    metadata = {"name": name, "labels": changes.pop("labels", {"kubernetes.io/hostname": name, "size": "10"})}
    return nodes.view({"metadata": metadata, "spec": changes, "status": status})


def required(*terms: Any) -> dict[str, Any]:
    selector = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": list(terms)}}
    return {"affinity": {"nodeAffinity": selector}}


def wants(**requests: str) -> dict[str, Any]:
    return {"containers": [{"resources": {"requests": requests}}]}


TAINT = {"key": "dedicated", "value": "db", "effect": "NoSchedule"}
EXPRESSION = {"key": "size", "operator": "Gt", "values": ["9"]}


@pytest.mark.parametrize(
    ("spec", "candidate"),
    [
        ({}, node()),
        ({"nodeSelector": {"size": "10"}}, node()),
        (required({"matchExpressions": [EXPRESSION]}), node()),
        (required({}, {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["crc"]}]}), node()),
        ({"tolerations": [{"key": "dedicated", "operator": "Exists"}]}, node(taints=[TAINT])),
        ({}, node(taints=[{**TAINT, "effect": "PreferNoSchedule"}])),
        ({"tolerations": [{"operator": "Exists"}]}, node(unschedulable=True, taints=[TAINT])),
        (wants(cpu="4", memory="8Gi"), node()),
    ],
)
def test_a_pod_that_fits_is_bound(spec: dict[str, Any], candidate: nodes.NodeView) -> None:
    assert planning.plan(spec, [candidate], {}) == planning.Bind("crc")


NOT_HELPFUL = (
    "no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
)
NO_VICTIMS = (
    "no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."
)


@pytest.mark.parametrize(
    ("spec", "candidate", "reason", "rest"),
    [
        ({}, node(taints=[TAINT]), "1 node(s) had untolerated taint(s)", NOT_HELPFUL),
        ({}, node(taints=[{**TAINT, "effect": "NoExecute"}]), "1 node(s) had untolerated taint(s)", NOT_HELPFUL),
        ({}, node(unschedulable=True), "1 node(s) were unschedulable", NOT_HELPFUL),
        (
            {"nodeSelector": {"disk": "ssd"}},
            node(),
            "1 node(s) didn't match Pod's node affinity/selector",
            NOT_HELPFUL,
        ),
        (required({}), node(), "1 node(s) didn't match Pod's node affinity/selector", NOT_HELPFUL),
        (
            required({"matchExpressions": [{**EXPRESSION, "values": ["x"]}]}),
            node(),
            "1 node(s) didn't match Pod's node affinity/selector",
            NOT_HELPFUL,
        ),
        (wants(cpu="5"), node(), "1 Insufficient cpu", NOT_HELPFUL),
        (wants(cpu="2", memory="1Gi"), node(), "1 Insufficient cpu", NO_VICTIMS),
        ({}, node(allocatable={"pods": "1"}), "1 Too many pods", NO_VICTIMS),
    ],
)
def test_a_pod_that_fits_nowhere_is_told_why(
    spec: dict[str, Any], candidate: nodes.NodeView, reason: str, rest: str
) -> None:
    used = {"crc": amounts.parse({"cpu": "3", "memory": "1Gi", "pods": "1"})}
    expected = planning.Unschedulable(f"0/1 nodes are available: {reason}. {rest}")
    assert planning.plan(spec, [candidate], used) == expected


def test_the_reasons_of_several_nodes_are_counted() -> None:
    decision = planning.plan(wants(cpu="9"), [node("a"), node("b"), node("c", taints=[TAINT])], {})
    assert isinstance(decision, planning.Unschedulable)
    assert decision.message.startswith(
        "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. "
    )


def test_without_nodes_there_is_one_sentence() -> None:
    assert planning.plan({}, [], {}) == planning.Unschedulable("no nodes available to schedule pods")


def test_what_the_scheduler_does_not_know_it_refuses_by_name() -> None:
    affinity: dict[str, Any] = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{}]}}
    decision = planning.plan({"affinity": affinity}, [node()], {})
    assert decision == planning.Unschedulable("pullscope's scheduler does not support spec.affinity.podAntiAffinity")


def test_the_node_with_the_fewest_pods_is_taken() -> None:
    used = {"a": amounts.parse({"pods": "2"}), "b": amounts.parse({"pods": "1"})}
    assert planning.plan({}, [node("a"), node("b")], used) == planning.Bind("b")


def test_a_pod_takes_its_containers_together_or_its_largest_init_container() -> None:
    container = {"resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}}
    init = {"resources": {"requests": {"cpu": "2"}}}
    spec = {"containers": [container, container], "initContainers": [init], "overhead": {"cpu": "1"}}
    assert amounts.requests(spec) == amounts.parse({"cpu": "3", "memory": "2Gi"})


@pytest.mark.parametrize(
    ("toleration", "covers"),
    [
        ({"operator": "Exists"}, True),
        ({"key": "dedicated", "value": "db"}, True),
        ({"key": "dedicated", "operator": "Equal", "value": "web"}, False),
        ({"key": "other", "operator": "Exists"}, False),
        ({"key": "dedicated", "operator": "Exists", "effect": "NoExecute"}, False),
        ({"value": "db"}, False),
    ],
)
def test_tolerations_as_upstream_reads_them(toleration: dict[str, str], covers: bool) -> None:
    assert tolerates([toleration], TAINT) is covers
