"""A private image that another secret pulled: what `plan` foretells for nodes of different releases comes to pass, and `why` says why."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from tests import pullsecrets
from tests.why import bench
from tests.why.bench import Bench

from pullscope.base.clock import SystemClock
from pullscope.content.memory import MemoryStore
from pullscope.kube import resources
from pullscope.lab.config import LabConfig
from pullscope.node.kubeletconfig import KubeletConfig
from pullscope.oci import reference
from pullscope.registry import app, guarded
from pullscope.registry.store import Registry
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient
from pullscope.remote.registries import Login
from pullscope.testing import images
from pullscope.testing import lab as labs
from pullscope.testing.lab import Lab
from pullscope.why.collect.collect import How
from pullscope.why.findings import Finding, Forecast
from pullscope.why.plan import against, planning, reading

USERS = {"alice": "wonderland", "bob": "builder"}
OWNER = Login(guarded.USER, "owner")


@dataclass
class Private:
    """A registry that shows nobody but `USERS` what it has."""

    http: aiohttp.ClientSession
    host: str = field(default="", init=False)

    async def start(self) -> web.AppRunner:
        demand = guarded.Demand("basic", USERS)
        runner = app.runner(app.create(Registry.open(None), handler=guarded.by(OWNER.password, lambda: demand)))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.host = "{}:{}".format(*runner.addresses[0][:2])
        return runner

    async def push(self, name: str, war: str) -> str:
        """The name means an image with this archive now; its digest."""
        store = MemoryStore()
        root = images.make(store, {war: name.encode()}, name)
        await transfer.push(RegistryClient(self.http, self.host, auth=OWNER), reference.parse(name), store, root)
        return str(root.digest)


@pytest.fixture(scope="module")
def older() -> Iterator[Lab]:
    """Nodes of Kubernetes 1.34, with containerd."""
    with labs.running(LabConfig(kubelet=KubeletConfig((1, 34)), runtime="containerd")) as lab:
        yield lab


@pytest.fixture
async def private() -> AsyncIterator[Private]:
    async with AsyncExitStack() as stack:
        registry = Private(await stack.enter_async_context(aiohttp.ClientSession()))
        stack.push_async_callback((await registry.start()).cleanup)
        yield registry


@pytest.fixture(params=["pullscope_lab", "older"])
async def here(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    async with bench.opened(request.getfixturevalue(request.param), "private") as opened:
        yield opened


def manifest(name: str, image: str, policy: str, *secrets: str) -> str:
    container = {"name": "app", "image": image, "imagePullPolicy": policy}
    spec = {"containers": [container], "imagePullSecrets": [{"name": each} for each in secrets]}
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})


async def secret(here: Bench, user: str, host: str) -> None:
    auths = {host: {"username": user, "password": USERS[user]}}
    await here.make(resources.SECRETS, pullsecrets.made(user, auths))


async def planned(here: Bench, text: str) -> tuple[Forecast, str]:
    """What the plan foretells for the one node, and the rules that it names."""
    plan = planning.plan(reading.parse("pod.yaml", text.encode()))
    filled = await against.fill(plan, here.cluster, here.namespace, How(SystemClock(), environment={}))
    forecast = filled.containers[0].forecast
    assert forecast is not None
    return forecast[0], filled.kubelets[0].kubelet.version


async def judged(here: Bench, pod: str) -> Finding:
    """The finding on that pod, once it runs or waits for its image."""
    found = await here.until(
        lambda those: any(each.container.pod == pod and (each.running or each.verdict == "failing") for each in those)
    )
    return next(each for each in found if each.container.pod == pod)


@pytest.mark.parametrize("policy", ["IfNotPresent", "Never"])
async def test_a_pod_without_the_secret(here: Bench, private: Private, policy: str) -> None:
    image = f"{private.host}/{here.namespace}/app:v1"
    digest = await private.push(image, "node.war")
    await secret(here, "alice", private.host)
    await here.make(resources.PODS, json.loads(manifest("first", image, "IfNotPresent", "alice")))
    await here.started()
    wanted = manifest("second", image, policy)
    forecast, version = await planned(here, wanted)
    await here.make(resources.PODS, json.loads(wanted))
    finding = await judged(here, "second")
    causes = [cause.id for cause in finding.causes]
    if version < "v1.35":
        assert (forecast.digest, forecast.source, forecast.certainty) == (digest, "node", "certain")
        assert f"kubelet {version} lets any pod use what its node has" in forecast.because.en
        assert (finding.running, causes) == (digest, [])
    else:
        assert (forecast.digest, forecast.source, forecast.certainty) == (None, None, "likely")
        assert "pulled the node's copy with secret alice" in forecast.because.en
        assert finding.verdict == "failing"
        assert (causes[0], finding.causes[0].certainty) == ("credential-check", "certain")


async def test_a_pod_with_another_secret(here: Bench, private: Private) -> None:
    """Where credentials are looked at again it gets the newer image, and its neighbour is stale for that reason."""
    image = f"{private.host}/{here.namespace}/app:v1"
    await private.push(image, "node.war")
    await asyncio.gather(*(secret(here, user, private.host) for user in USERS))
    await here.make(resources.PODS, json.loads(manifest("first", image, "IfNotPresent", "alice")))
    await here.started()
    newer = await private.push(image, "registry.war")
    wanted = manifest("second", image, "IfNotPresent", "bob")
    forecast, version = await planned(here, wanted)
    await here.make(resources.PODS, json.loads(wanted))
    second = await judged(here, "second")
    first = await judged(here, "first")
    causes = {cause.id: cause.certainty for cause in first.causes}
    if version < "v1.35":
        assert forecast.source == "node"
        assert (first.running, first.verdict, second.verdict) == (second.running, "stale", "stale")
        assert "credential-check" not in causes
    else:
        assert (forecast.digest, forecast.source, forecast.certainty) == (newer, "registry", "possible")
        assert (first.verdict, second.verdict) == ("stale", "up to date")
        assert causes["credential-check"] == "certain"
