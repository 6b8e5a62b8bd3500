"""Services with pods behind them, as kubectl shows them."""

from tests.apiserver.kubectl import Kubectl
from tests.controllers.world import NS, World

from pullscope.kube import resources
from pullscope.kube.api import Object

R = resources


async def addresses(world: World, name: str) -> list[str]:
    found = await world.items(R.ENDPOINTS)
    subsets = [subset for each in found if each["metadata"]["name"] == name for subset in each.get("subsets", ())]
    return [address["ip"] for subset in subsets for address in subset.get("addresses", ())]


def deployment(replicas: int) -> Object:
    labels = {"app": "app"}
    container = {"name": "app", "image": "app:v1", "ports": [{"name": "web", "containerPort": 8080}]}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"metadata": {"name": "app"}, "spec": spec}


async def test_endpoints_follow_the_pods(working: World, kubectl: Kubectl) -> None:
    await working.make(R.DEPLOYMENTS, deployment(2))
    await working.pods(2)
    await kubectl("expose", "deployment", "app", "--port=80", "--target-port=web")

    async def two() -> bool:
        return len(await addresses(working, "app")) == 2

    await working.until(R.ENDPOINTS, two)
    first, second = await addresses(working, "app")
    assert f"{first}:8080,{second}:8080" in await kubectl("describe", "service", "app")
    listed = await kubectl.said("get", "endpoints", "app", "--no-headers")
    assert listed[0].split()[:2] == ["app", f"{first}:8080,{second}:8080"]
    assert "Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice" in listed[1]
    (line,) = (await kubectl("get", "endpointslices", "--no-headers")).splitlines()
    assert line.split()[1:4] == ["IPv4", "8080", f"{first},{second}"]
    await kubectl("scale", "deployment", "app", "--replicas=0")

    async def none() -> bool:
        return await addresses(working, "app") == []

    await working.until(R.ENDPOINTS, none)
    await kubectl("delete", "service", "app")
    await working.gone(R.ENDPOINTS, "app")
    await working.until(R.ENDPOINT_SLICES, lambda: is_empty(working))


async def is_empty(world: World) -> bool:
    return await world.items(R.ENDPOINT_SLICES) == []


async def test_endpoints_of_ones_own_stay(working: World) -> None:
    own: Object = {
        "metadata": {"name": "db"},
        "subsets": [{"addresses": [{"ip": "10.9.9.9"}], "ports": [{"port": 5432}]}],
    }
    await working.make(R.ENDPOINTS, own)
    await working.make(R.SERVICES, {"metadata": {"name": "db"}, "spec": {"ports": [{"port": 5432}]}})
    await working.make(
        R.SERVICES, {"metadata": {"name": "other"}, "spec": {"ports": [{"port": 1}], "selector": {"a": "b"}}}
    )

    async def seen() -> bool:
        return len(await working.items(R.ENDPOINTS)) == 2

    await working.until(R.ENDPOINTS, seen)
    assert await addresses(working, "db") == ["10.9.9.9"]
    await working.api.delete(R.SERVICES, NS, "db")
    await working.api.delete(R.SERVICES, NS, "other")
    await working.gone(R.ENDPOINTS, "other")
    assert await addresses(working, "db") == ["10.9.9.9"]
