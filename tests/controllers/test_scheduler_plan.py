"""Where a pod goes, and in which words it goes nowhere."""

from typing import Any

import pytest

from pullscope.controllers import amounts, demand, nodes
from pullscope.controllers.scheduler import plan as planning
from pullscope.controllers.scheduler import scores
from pullscope.controllers.scheduler.usage import Load
from pullscope.controllers.tolerations import tolerates


def node(name: str = "crc", **changes: Any) -> nodes.NodeView:
    status: dict[str, Any] = {"conditions": [{"type": "Ready", "status": "True"}]}
    status["allocatable"] = changes.pop("allocatable", {"cpu": "4", "memory": "8Gi", "pods": "250"})
    metadata = {"name": name, "labels": changes.pop("labels", {"kubernetes.io/hostname": name, "size": "10"})}
    return nodes.view({"metadata": metadata, "spec": changes, "status": status})


def plan(
    spec: dict[str, Any], *candidates: nodes.NodeView, loads: dict[str, Load] | None = None, owner: str = ""
) -> planning.Decision:
    controller = {"kind": "ReplicaSet", "uid": owner, "controller": True}
    pod = {"metadata": {"ownerReferences": [controller] if owner else []}, "spec": spec}
    return planning.plan(spec, demand.of(pod), candidates, loads or {})


def load(pods: int = 1, **requests: str) -> Load:
    made = Load(pods=pods)
    made.requests.update(amounts.parse(requests))
    made.weight = [made.requests.get(name, 0) for name in ("cpu", "memory")]
    return made


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
    assert plan(spec, candidate) == planning.Bind("crc")


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
    expected = planning.Unschedulable(f"0/1 nodes are available: {reason}. {rest}")
    assert plan(spec, candidate, loads={"crc": load(cpu="3", memory="1Gi")}) == expected


def test_the_reasons_of_several_nodes_are_counted() -> None:
    three = (node("a"), node("b"), node("c", unschedulable=True))
    assert plan(wants(cpu="2"), *three, loads={"a": load(cpu="3"), "b": load(cpu="4")}) == planning.Unschedulable(
        "0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu. no new claims to deallocate, "
        "preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, "
        "2 No preemption victims found for incoming pod."
    )


def test_a_pod_for_one_node_by_name_is_not_measured_against_the_others() -> None:
    spec = required({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["b"]}]})
    decision = plan(spec, node("a"), node("b", taints=[TAINT]), node("c"))
    assert isinstance(decision, planning.Unschedulable)
    assert decision.message.startswith(
        "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. "
    )
    assert plan(spec, node("a"), node("b")) == planning.Bind("b")


def test_without_nodes_there_is_one_sentence() -> None:
    assert plan({}) == planning.Unschedulable("no nodes available to schedule pods")


def test_what_the_scheduler_does_not_know_it_refuses_by_name() -> None:
    affinity: dict[str, Any] = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{}]}}
    decision = plan({"affinity": affinity}, node())
    assert decision == planning.Unschedulable("pullscope's scheduler does not support spec.affinity.podAntiAffinity")


A, B = node("a"), node("b")
PREFER_NOT = {**TAINT, "effect": "PreferNoSchedule"}
PREFERRED = {"weight": 5, "preference": {"matchExpressions": [EXPRESSION]}}
PREFERRING = {"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [PREFERRED]}}}
IMAGE = "127.0.0.1:5000/app"


def has(name: str, megabytes: int, image: str = f"{IMAGE}:latest") -> nodes.NodeView:
    """A node with an image of that size."""
    status = {
        "conditions": [{"type": "Ready", "status": "True"}],
        "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "250"},
        "images": [{"names": [f"{IMAGE}@sha256:1", image], "sizeBytes": megabytes * 1024 * 1024}],
    }
    return nodes.view({"metadata": {"name": name}, "spec": {}, "status": status})


@pytest.mark.parametrize(
    ("spec", "candidates", "loads", "best"),
    [
        ({}, (A, B), {}, "a"),
        ({}, (A, B), {"a": load(2), "b": load(1)}, "b"),
        ({}, (A, B), {"a": load(cpu="1"), "b": load(9)}, "b"),
        ({}, (node("a", taints=[PREFER_NOT]), B), {"b": load(cpu="3")}, "b"),
        ({"tolerations": [{"operator": "Exists"}]}, (node("a", taints=[PREFER_NOT]), B), {"b": load(cpu="3")}, "a"),
        (PREFERRING, (node("a", labels={"size": "5"}), B), {"b": load(cpu="3", memory="6Gi")}, "b"),
        (wants(cpu="1"), (A, B), {"a": load(cpu="1"), "b": load(memory="2Gi")}, "b"),
        ({"containers": [{"image": IMAGE}]}, (A, has("b", 500)), {}, "b"),
        ({"containers": [{"image": IMAGE}]}, (A, has("b", 20)), {}, "a"),
        ({"containers": [{"image": f"{IMAGE}:v2"}]}, (A, has("b", 500)), {}, "a"),
        ({"containers": [{"image": IMAGE}]}, (A, has("b", 500)), {"b": load(cpu="3", memory="6Gi")}, "a"),
    ],
    ids=[
        *("alike", "fewer pods", "more free", "a taint that warns", "tolerated", "preferred", "balance", "image"),
        *("small image", "another tag", "image on a full node"),
    ],
)
def test_the_best_node_is_taken(spec: Any, candidates: Any, loads: dict[str, Load], best: str) -> None:
    assert plan(spec, *candidates, loads=loads) == planning.Bind(best)
    assert plan(spec, *reversed(candidates), loads=loads) == planning.Bind(best)


def test_the_pods_of_a_replica_set_are_spread() -> None:
    crowded, other = load(cpu="100m"), load(cpu="1")
    crowded.owners["rs"] += 1
    assert plan({}, A, B, loads={"a": crowded, "b": other}, owner="rs") == planning.Bind("b")
    assert plan({}, A, B, loads={"a": crowded, "b": other}, owner="another") == planning.Bind("a")


def test_each_plugin_gives_its_points() -> None:
    spec = {**wants(cpu="1", memory="2Gi"), "tolerations": []}
    given = demand.of({"metadata": {}, "spec": spec})
    loads = {"a": load(cpu="1", memory="2Gi"), "b": load(cpu="3")}
    choice = scores.Choice(spec, given, [A, B], [A, B], loads)
    assert scores.taints(choice) == [100, 100]
    assert scores.spread(choice) == scores.affinity(choice) == scores.image_locality(choice) == [0, 0]
    assert scores.least_allocated(choice) == [50, (0 + 75) // 2]
    assert scores.balanced_allocation(choice) == [100, 62]
    assert scores.totals(choice) == [450, 300 + 37 + 62]


@pytest.mark.parametrize("field", ["containers", "initContainers"])
def test_what_asks_for_nothing_counts_for_something(field: str) -> None:
    spec: dict[str, Any] = {"containers": [{"name": "a"}], field: [{"name": "b"}, {"name": "c", "resources": {}}]}
    counted = amounts.requests(spec, missing=amounts.parse({"cpu": "100m", "memory": "200Mi"}))
    given = demand.of({"metadata": {}, "spec": spec})
    assert (given.requests, given.weight) == ({}, (counted["cpu"], counted["memory"]))


def test_images_that_few_nodes_have_count_for_less() -> None:
    spec = {"containers": [{"image": IMAGE}, {"image": IMAGE}]}
    given = demand.of({"metadata": {}, "spec": spec})
    everyone = [has("a", 500), has("b", 500), A, B]
    choice = scores.Choice(spec, given, everyone[:1], everyone, {})
    assert scores.image_locality(choice) == [100 * (2 * 250 - 23) // (2 * 1000 - 23)]


def test_what_a_pod_counts_for() -> None:
    asking = {"resources": {"requests": {"cpu": "1"}}}
    spec = {"containers": [{}, asking], "initContainers": [{"resources": {"requests": {"cpu": "3"}}}]}
    reference = {"kind": "ReplicaSet", "uid": "rs", "controller": True}
    found = demand.of({"metadata": {"ownerReferences": [reference]}, "spec": spec})
    assert (found.weight, found.owner) == ((3000, 2 * 200 * 1024 * 1024 * 1000), "rs")
    assert found.requests == amounts.parse({"cpu": "3"})
    assert demand.of({"metadata": {"ownerReferences": [{**reference, "kind": "Job"}]}, "spec": spec}).owner == ""


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
