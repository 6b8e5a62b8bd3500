"""Daemon sets as people use them: the real kubectl, and nodes that come and go."""

from tests.apiserver.kubectl import Kubectl
from tests.controllers.world import NS, World

from pullscope.kube import resources
from pullscope.kube.api import Object

R = resources


def daemon_set(image: str = "app:v1") -> Object:
    labels = {"app": "app"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": image}]}}
    return {"metadata": {"name": "app"}, "spec": {"selector": {"matchLabels": labels}, "template": template}}


async def nodes_of(world: World, count: int) -> list[str]:
    return sorted(pod["spec"]["nodeName"] for pod in await world.pods(count))


async def test_nodes_come_and_go(working: World) -> None:
    await working.make(R.DAEMON_SETS, daemon_set())
    assert await nodes_of(working, 1) == ["crc"]
    await working.node("b")
    assert await nodes_of(working, 2) == ["b", "crc"]
    taint = {"key": "dedicated", "value": "db", "effect": "NoExecute"}
    await working.api.patch(R.NODES, None, "b", {"spec": {"taints": [taint]}})
    assert await nodes_of(working, 1) == ["crc"]
    await working.api.patch(R.NODES, None, "b", {"spec": {"taints": None, "unschedulable": True}})
    assert await nodes_of(working, 2) == ["b", "crc"]
    (created, *_) = await working.said("SuccessfulCreate")
    assert created.startswith("Created pod: app-")


async def test_rollouts(working: World, kubectl: Kubectl) -> None:
    await working.node("b")
    await working.make(R.DAEMON_SETS, daemon_set())
    done = 'daemon set "app" successfully rolled out'
    assert done in await kubectl("rollout", "status", "ds/app", "--timeout=20s")
    await kubectl("set", "image", "ds/app", "app=app:v2")
    assert done in await kubectl("rollout", "status", "ds/app", "--timeout=20s")
    assert {pod["spec"]["containers"][0]["image"] for pod in await working.pods(2)} == {"app:v2"}
    history = (await kubectl("rollout", "history", "ds/app")).split()
    assert history[:3] == ["daemonset.apps/app", "REVISION", "CHANGE-CAUSE"]
    assert history[3::2] == ["1", "2"]
    assert "app:v1" in await kubectl("rollout", "history", "ds/app", "--revision=1")
    assert await kubectl("rollout", "undo", "ds/app") == "daemonset.apps/app rolled back\n"
    assert done in await kubectl("rollout", "status", "ds/app", "--timeout=20s")
    assert {pod["spec"]["containers"][0]["image"] for pod in await working.pods(2)} == {"app:v1"}
    assert (await kubectl("rollout", "history", "ds/app")).split()[3::2] == ["2", "3"]
    again = await kubectl("rollout", "undo", "ds/app", "--to-revision=3")
    assert again == "daemonset.apps/app skipped rollback (current template already matches revision 3)\n"
    before = {pod["metadata"]["uid"] for pod in await working.pods(2)}
    assert await kubectl("rollout", "restart", "ds/app") == "daemonset.apps/app restarted\n"
    assert done in await kubectl("rollout", "status", "ds/app", "--timeout=20s")
    assert before.isdisjoint(pod["metadata"]["uid"] for pod in await working.pods(2))
    (line,) = (await kubectl("get", "ds", "--no-headers")).splitlines()
    assert line.split()[:7] == ["app", "2", "2", "2", "2", "2", "<none>"]
    assert "Desired Number of Nodes Scheduled: 2" in await kubectl("describe", "ds", "app")


async def test_what_a_daemon_set_made_goes_with_it_or_is_taken_over(working: World, kubectl: Kubectl) -> None:
    await working.make(R.DAEMON_SETS, daemon_set())
    (pod,) = await working.pods(1)
    await kubectl("delete", "ds", "app", "--cascade=orphan")
    await working.make(R.DAEMON_SETS, daemon_set())

    async def adopted() -> bool:
        (revision,) = await working.items(R.CONTROLLER_REVISIONS)
        (kept,) = await working.items(R.PODS)
        return all(each["metadata"].get("ownerReferences") for each in (revision, kept))

    await working.until(R.PODS, adopted)
    assert [each["metadata"]["name"] for each in await working.pods(1)] == [pod["metadata"]["name"]]
    await kubectl("delete", "ds", "app", "--cascade=foreground")
    for resource in (R.DAEMON_SETS, R.PODS, R.CONTROLLER_REVISIONS):
        assert await working.items(resource, NS) == []
