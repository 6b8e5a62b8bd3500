"""All controllers at work over the real API server, in memory; the test is the kubelet."""

from typing import Any

import pytest
from tests.controllers.world import NS, World

from pullscope.kube import resources
from pullscope.kube.api import DeleteOptions, Object
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError


def template(image: str) -> Object:
    return {"metadata": {"labels": {"app": "app"}}, "spec": {"containers": [{"name": "app", "image": image}]}}


def deployment(replicas: int, **spec: Any) -> Object:
    selector = {"matchLabels": {"app": "app"}}
    given = {"replicas": replicas, "selector": selector, "template": template("app:v1"), **spec}
    return {"metadata": {"name": "app"}, "spec": given}


async def complete(world: World) -> None:
    async def true() -> bool:
        app = await world.api.get(resources.DEPLOYMENTS, NS, "app")
        conditions = {each["type"]: each.get("reason") for each in app["status"].get("conditions", ())}
        seen = app["status"].get("observedGeneration") == app["metadata"]["generation"]
        return seen and conditions.get("Progressing") == "NewReplicaSetAvailable"

    await world.until(resources.DEPLOYMENTS, true)


async def test_a_deployment_becomes_pods_on_a_node(world: World) -> None:
    await world.make(resources.DEPLOYMENTS, deployment(2))
    pods = await world.pods(2)
    await world.run_pods(pods)
    await complete(world)
    (replica_set,) = await world.items(resources.REPLICA_SETS)
    name = replica_set["metadata"]["name"]
    assert await world.said("ScalingReplicaSet") == [f"Scaled up replica set {name} from 0 to 2"]
    assert sorted(await world.said("SuccessfulCreate")) == sorted(
        f"Created pod: {pod['metadata']['name']}" for pod in pods
    )
    assert sorted(await world.said("Scheduled")) == sorted(
        f"Successfully assigned default/{pod['metadata']['name']} to crc" for pod in pods
    )
    app = await world.api.get(resources.DEPLOYMENTS, NS, "app")
    assert app["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "1"


async def test_a_new_image_rolls_out_and_the_old_pod_goes_last(world: World) -> None:
    await world.make(resources.DEPLOYMENTS, deployment(1))
    (old,) = await world.pods(1)
    await world.run_pods([old])
    await complete(world)
    await world.api.patch(resources.DEPLOYMENTS, NS, "app", {"spec": {"template": template("app:v2")}})
    both = await world.pods(2)
    await world.run_pods([pod for pod in both if pod["metadata"]["name"] != old["metadata"]["name"]])
    await world.pods(1)
    await world.end_pods()
    await complete(world)
    scaled = sorted(text.split(" ", 5)[0:2] + text.split(" ", 5)[5:] for text in await world.said("ScalingReplicaSet"))
    assert [" ".join(words) for words in scaled] == [
        "Scaled down from 1 to 0",
        "Scaled up from 0 to 1",
        "Scaled up from 0 to 1",
    ]
    assert await world.said("SuccessfulDelete") == [f"Deleted pod: {old['metadata']['name']}"]


async def test_a_deleted_pod_is_replaced(world: World) -> None:
    await world.make(resources.DEPLOYMENTS, deployment(1))
    (pod,) = await world.pods(1)
    await world.api.delete(resources.PODS, NS, pod["metadata"]["name"], DeleteOptions(grace_period_seconds=0))
    (other,) = await world.pods(1)
    assert other["metadata"]["name"] != pod["metadata"]["name"]


async def test_recreate_waits_until_the_old_pods_are_gone(world: World) -> None:
    await world.make(resources.DEPLOYMENTS, deployment(1, strategy={"type": "Recreate"}))
    (old,) = await world.pods(1)
    await world.run_pods([old])
    await complete(world)
    await world.api.patch(resources.DEPLOYMENTS, NS, "app", {"spec": {"template": template("app:v2")}})
    await world.pods(0)
    assert len(await world.items(resources.REPLICA_SETS)) == 1
    await world.end_pods()
    (new,) = await world.pods(1)
    assert new["spec"]["containers"][0]["image"] == "app:v2"


@pytest.mark.parametrize("policy", ["Background", "Foreground"])
async def test_what_a_deployment_made_goes_with_it(world: World, policy: Any) -> None:
    await world.make(resources.DEPLOYMENTS, deployment(2))
    await world.run_pods(await world.pods(2))
    await world.api.delete(resources.DEPLOYMENTS, NS, "app", DeleteOptions(propagation_policy=policy))
    await world.pods(0)
    if policy == "Foreground":
        assert len(await world.items(resources.DEPLOYMENTS)) == 1
    await world.end_pods()
    for resource in (resources.DEPLOYMENTS, resources.REPLICA_SETS, resources.PODS):

        async def none(resource: Resource = resource) -> bool:
            return await world.items(resource) == []

        await world.until(resource, none)


async def test_orphans_stay_and_are_adopted(world: World) -> None:
    await world.make(resources.DEPLOYMENTS, deployment(1))
    (pod,) = await world.pods(1)
    await world.api.delete(resources.DEPLOYMENTS, NS, "app", DeleteOptions(propagation_policy="Orphan"))
    await world.gone(resources.DEPLOYMENTS, "app")
    (replica_set,) = await world.items(resources.REPLICA_SETS)
    assert "ownerReferences" not in replica_set["metadata"]
    app = await world.make(resources.DEPLOYMENTS, deployment(1))

    async def adopted() -> bool:
        (each,) = await world.items(resources.REPLICA_SETS)
        return [owner["uid"] for owner in each["metadata"].get("ownerReferences", ())] == [app["metadata"]["uid"]]

    await world.until(resources.REPLICA_SETS, adopted)
    assert [each["metadata"]["name"] for each in await world.pods(1)] == [pod["metadata"]["name"]]


async def test_a_pod_that_is_relabelled_is_released_and_replaced(world: World) -> None:
    await world.make(resources.DEPLOYMENTS, deployment(1))
    (pod,) = await world.pods(1)
    await world.api.patch(resources.PODS, NS, pod["metadata"]["name"], {"metadata": {"labels": {"app": "aside"}}})
    await world.pods(1, labels="app=app")
    aside = await world.api.get(resources.PODS, NS, pod["metadata"]["name"])
    assert "ownerReferences" not in aside["metadata"]


async def test_a_pod_that_fits_nowhere_waits_for_the_node_to_change(world: World) -> None:
    spec = {"containers": [{"name": "app", "image": "app:v1"}], "nodeSelector": {"disk": "ssd"}}
    await world.make(resources.PODS, {"metadata": {"name": "picky"}, "spec": spec})

    async def told() -> bool:
        pod = await world.api.get(resources.PODS, NS, "picky")
        return any(each.get("reason") == "Unschedulable" for each in pod["status"].get("conditions", ()))

    await world.until(resources.PODS, told)
    (message,) = await world.said("FailedScheduling")
    assert message.startswith("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.")
    await world.api.patch(resources.NODES, None, "crc", {"metadata": {"labels": {"disk": "ssd"}}})
    await world.pods(1)


async def test_a_namespace_is_emptied_before_it_goes(world: World) -> None:
    await world.make(resources.NAMESPACES, {"metadata": {"name": "shop"}}, None)
    await world.make(resources.CONFIG_MAPS, {"metadata": {"name": "held", "finalizers": ["example.org/x"]}}, "shop")

    async def furnished() -> bool:
        return len(await world.items(resources.SERVICE_ACCOUNTS, "shop")) == 3

    await world.until(resources.SERVICE_ACCOUNTS, furnished)
    await world.api.delete(resources.NAMESPACES, None, "shop")

    async def told() -> bool:
        shop = await world.api.get(resources.NAMESPACES, None, "shop")
        return any(each["reason"] == "SomeFinalizersRemain" for each in shop["status"].get("conditions", ()))

    await world.until(resources.NAMESPACES, told)
    with pytest.raises(ApiError, match="because it is being terminated"):
        await world.make(resources.CONFIG_MAPS, {"metadata": {"name": "late"}}, "shop")
    await world.api.patch(resources.CONFIG_MAPS, "shop", "held", {"metadata": {"finalizers": None}})
    await world.gone(resources.NAMESPACES, "shop", None)
    assert await world.items(resources.SERVICE_ACCOUNTS, "shop") == []


async def test_a_namespaces_accounts_come_back(world: World) -> None:
    async def there() -> bool:
        names = [each["metadata"]["name"] for each in await world.items(resources.SERVICE_ACCOUNTS)]
        return names == ["builder", "default", "deployer"]

    await world.until(resources.SERVICE_ACCOUNTS, there)
    for name in ("default", "builder"):
        await world.api.delete(resources.SERVICE_ACCOUNTS, NS, name)
    await world.until(resources.SERVICE_ACCOUNTS, there)
