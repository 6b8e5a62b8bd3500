"""Nodes that fall silent, come back, are drained and deleted; on a clock that the test moves."""

from collections.abc import Awaitable, Callable

import pytest
from tests.apiserver.kubectl import Kubectl
from tests.controllers.world import NS, World

from pullscope.base.clock import ManualClock, SystemClock
from pullscope.kube import meta, resources
from pullscope.kube.api import Object

R = resources
K = "node.kubernetes.io/"
LEASES = "kube-node-lease"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def calm(world: World, clock: ManualClock) -> World:
    """The world with a second node; both have leases."""
    await world.make(R.NAMESPACES, {"metadata": {"name": LEASES}}, None)
    await world.node("b")
    for name in ("crc", "b"):
        await world.make(R.LEASES, {"metadata": {"name": name}}, LEASES)
        await world.until(R.NODES, lambda name=name: has_taints(world, name))  # type: ignore[misc] # mypy knows no defaults of lambdas
    return world


async def has_taints(world: World, name: str, *expected: str) -> bool:
    node = await world.api.get(R.NODES, None, name)
    return sorted(
        f"{each['key'].removeprefix(K)}:{each['effect']}" for each in node["spec"].get("taints", ())
    ) == sorted(expected)


async def live(world: World, clock: ManualClock, seconds: int, *names: str) -> None:
    """Let time go by, in which only these nodes renew their leases."""
    for _ in range(0, seconds, 10):
        clock.advance(10)
        for name in names:
            renewed = {"spec": {"renewTime": meta.micro_timestamp(clock.now())}}
            await world.api.patch(R.LEASES, LEASES, name, renewed)
        for _ in range(50):  # so that all have heard of it before time goes on
            await clock.sleep(0)


async def bound(world: World, name: str, node: str, **spec: object) -> Object:
    """A pod that runs on that node."""
    containers = [{"name": "app", "image": "app:v1"}]
    await world.make(R.SERVICE_ACCOUNTS, {"metadata": {"name": f"of-{name}"}})
    given = {"containers": containers, "nodeName": node, "serviceAccountName": f"of-{name}", **spec}
    pod = await world.make(R.PODS, {"metadata": {"name": name}, "spec": given})
    await world.run_pods([pod])
    return pod


def going(world: World, name: str) -> Callable[[], Awaitable[bool]]:
    async def true() -> bool:
        return "deletionTimestamp" in (await world.api.get(R.PODS, NS, name))["metadata"]

    return true


async def test_a_node_that_falls_silent_loses_its_pods_after_five_minutes(calm: World, clock: ManualClock) -> None:
    await bound(calm, "app", "b")
    await live(calm, clock, 30, "crc", "b")
    await live(calm, clock, 30, "crc")
    assert await has_taints(calm, "b")
    await live(calm, clock, 20, "crc")
    await calm.until(R.NODES, lambda: has_taints(calm, "b", "unreachable:NoSchedule", "unreachable:NoExecute"))
    node = await calm.api.get(R.NODES, None, "b")
    ready = meta.get_condition(node["status"]["conditions"], "Ready") or {}
    assert (ready["status"], ready["reason"]) == ("Unknown", "NodeStatusUnknown")
    assert sorted(await calm.said("NodeNotReady")) == ["Node b status is now: NodeNotReady", "Node is not ready"]
    pod = await calm.api.get(R.PODS, NS, "app")
    assert (meta.get_condition(pod["status"]["conditions"], "Ready") or {})["status"] == "False"
    await live(calm, clock, 280, "crc")
    assert not await going(calm, "app")()
    await live(calm, clock, 40, "crc")
    await calm.until(R.PODS, going(calm, "app"))
    assert await calm.said("TaintManagerEviction") == ["Marking for deletion Pod default/app"]
    pod = await calm.api.get(R.PODS, NS, "app")
    target = meta.get_condition(pod["status"]["conditions"], "DisruptionTarget") or {}
    assert (target["reason"], target["message"]) == (
        "DeletionByTaintManager",
        "Taint manager: deleting due to NoExecute taint",
    )


async def test_a_node_that_comes_back_keeps_its_pods(calm: World, clock: ManualClock) -> None:
    await bound(calm, "app", "b")
    await live(calm, clock, 50, "crc")
    await calm.until(R.NODES, lambda: has_taints(calm, "b", "unreachable:NoSchedule", "unreachable:NoExecute"))
    await live(calm, clock, 10, "crc")
    ready = [{"type": "Ready", "status": "True", "lastHeartbeatTime": meta.timestamp(clock.now())}]
    await calm.api.patch(R.NODES, None, "b", {"status": {"conditions": ready}}, subresource="status")
    await calm.until(R.NODES, lambda: has_taints(calm, "b"))

    async def told() -> bool:
        return "Cancelling deletion of Pod default/app" in await calm.said("TaintManagerEviction")

    await calm.until(R.EVENTS, told)
    await live(calm, clock, 400, "crc", "b")
    assert not await going(calm, "app")()


async def test_when_all_are_silent_everything_stays(calm: World, clock: ManualClock) -> None:
    await bound(calm, "app", "b")
    await live(calm, clock, 50)
    for name in ("crc", "b"):
        await calm.until(R.NODES, lambda name=name: has_taints(calm, name, "unreachable:NoSchedule"))  # type: ignore[misc] # mypy knows no defaults of lambdas
    await live(calm, clock, 600)
    assert not await going(calm, "app")()


async def test_pods_of_a_node_that_is_deleted_go(calm: World, clock: ManualClock) -> None:
    await bound(calm, "app", "b")
    await calm.api.delete(R.NODES, None, "b")
    await live(calm, clock, 30, "crc")
    assert len(await calm.items(R.PODS)) == 1
    await live(calm, clock, 20, "crc")
    await calm.gone(R.PODS, "app")
    assert sorted(await calm.said("RegisteredNode")) == [
        f"Node {name} event: Registered Node {name} in Controller" for name in ("b", "crc")
    ]
    assert await calm.said("RemovingNode") == ["Node b event: Removing Node b from Controller"]


class TestByHand:
    """What kubectl does to nodes."""

    @pytest.fixture
    def clock(self) -> SystemClock:
        return SystemClock()

    async def test_taints_that_evict(self, working: World, kubectl: Kubectl) -> None:
        await working.node("b")
        await bound(working, "goes", "b")
        everything = [{"operator": "Exists"}]
        await bound(working, "stays", "b", tolerations=everything)
        await kubectl("taint", "nodes", "b", "dedicated=db:NoExecute")
        await working.gone(R.PODS, "goes")
        assert [pod["metadata"]["name"] for pod in await working.items(R.PODS)] == ["stays"]
        assert await kubectl("taint", "nodes", "b", "dedicated-") == "node/b untainted\n"

    async def test_cordon_and_drain(self, working: World, kubectl: Kubectl) -> None:
        await working.node("b")
        labels = {"app": "app"}
        template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "app:v1"}]}}
        spec = {"selector": {"matchLabels": labels}, "template": template}
        await working.make(R.DEPLOYMENTS, {"metadata": {"name": "app"}, "spec": {**spec, "replicas": 4}})
        await working.make(R.DAEMON_SETS, {"metadata": {"name": "ds"}, "spec": spec})
        await working.pods(6)
        assert await kubectl("cordon", "b") == "node/b cordoned\n"
        await working.until(R.NODES, lambda: has_taints(working, "b", "unschedulable:NoSchedule"))
        assert (await kubectl("get", "node", "b", "--no-headers")).split()[1] == "Ready,SchedulingDisabled"
        refused = await kubectl("drain", "b", "--timeout=20s", code=1)
        assert "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)" in refused
        assert "node/b drained" in await kubectl("drain", "b", "--ignore-daemonsets", "--timeout=20s")
        on_b = [pod for pod in await working.pods(6) if pod["spec"]["nodeName"] == "b"]
        assert [pod["metadata"]["ownerReferences"][0]["kind"] for pod in on_b] == ["DaemonSet"]
        assert await kubectl("uncordon", "b") == "node/b uncordoned\n"
        await working.until(R.NODES, lambda: has_taints(working, "b"))
