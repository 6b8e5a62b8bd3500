"""Random lives of one tag: what runs after each step is what the documented rules say.

The kubelet's image manager, the embedded runtime and a registry on a socket are the product's; `model` is not.
"""

import asyncio
import base64
import os
import tempfile
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import pytest
from aiohttp import web
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from tests.model import model
from tests.registry.serving import Served, serving

from pullscope.base.clock import ManualClock
from pullscope.content.memory import MemoryStore
from pullscope.cri.embedded import EmbeddedRuntime
from pullscope.images import probe
from pullscope.kube.events import Note
from pullscope.node.images import ImageManager, Request
from pullscope.node.kubeletconfig import KubeletConfig
from pullscope.node.meters import Meters
from pullscope.node.records import Records
from pullscope.oci import errors, reference
from pullscope.oci.documents import Descriptor
from pullscope.pull import policy
from pullscope.pull.policy import PullPolicy
from pullscope.pull.verification import Mode, Verification
from pullscope.registry import app, calls
from pullscope.registry.calls import Call
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient
from pullscope.remote.registries import Registries

T = TypeVar("T")

WARS = ("red.war", "green.war", "blue.war")
WAR = st.sampled_from(WARS)
PASSWORDS = st.sampled_from(["one", "two", ""])
POLICIES: st.SearchStrategy[PullPolicy] = st.sampled_from(("IfNotPresent", "Never", "Always"))
RELEASES = st.sampled_from([(1, 36), (1, 34), (1, 36)])
MODES: st.SearchStrategy[Mode] = st.sampled_from(("NeverVerifyPreloadedImages", "NeverVerify", "AlwaysVerify"))


class Guard:
    """The registry's doorkeeper: it may want a password to read, or fail."""

    def __init__(self) -> None:
        self.password, self.failing = "", False

    async def __call__(self, call: Call) -> web.StreamResponse:
        if call.request.method not in ("GET", "HEAD") or call.request.headers.get("X-Owner"):
            return await app.answer(call)
        if self.failing:
            return web.Response(status=500)
        wanted = "Basic " + base64.b64encode(f"me:{self.password}".encode()).decode()
        if self.password and call.request.headers.get("Authorization") != wanted:
            refused = calls.failure(errors.UNAUTHORIZED.error())
            refused.headers["WWW-Authenticate"] = 'Basic realm="x"'
            return refused
        return await app.answer(call)


class World:
    """What all examples share: a loop, a registry. Each example has a repository and a node of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.guard = Guard()
        self._serving = serving(None, handler=self.guard)
        self.served: Served = self.run(self._serving.__aenter__())
        self.http: aiohttp.ClientSession = self.run(self._session())
        self.owner: aiohttp.ClientSession = self.run(self._session({"X-Owner": "yes"}))
        self.store = MemoryStore()
        self.images: dict[str, Descriptor] = {war: probe.variant(self.store, war) for war in WARS}
        self.lives = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    async def _session(self, headers: dict[str, str] | None = None) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(headers=headers)

    def close(self) -> None:
        self.run(self.http.close())
        self.run(self.owner.close())
        self.run(self._serving.__aexit__(None, None, None))
        self.loop.close()


class Life(RuleBasedStateMachine):
    """One tag, one node."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.folder = tempfile.TemporaryDirectory(prefix="pullscope-model-")
        self.root = Path(self.folder.name)
        self.world.lives += 1
        self.name = reference.parse(f"{self.world.served.address}/life/n{self.world.lives}:v1")
        self.registry = model.Registry()
        self.pods = 0
        self.runtime: EmbeddedRuntime | None = None
        self._doors()

    @initialize(release=RELEASES, mode=MODES, war=WAR, newer=WAR, password=PASSWORDS)
    def begin(self, release: tuple[int, int], mode: Mode, war: str, newer: str, password: str) -> None:
        """A private or public image, and somebody who may have it has had it: from there it goes wrong."""
        self.node = model.Node(remembers=release >= (1, 35), mode=mode)
        self.config = KubeletConfig(release, verification=Verification(mode))
        self._boot()
        self.push(war)
        self.lock(password)
        self.start("Never", password)
        self.start("IfNotPresent", password)
        for other in ("", "one", "two"):
            self.start("Never", other)
        self.push(newer)
        self.start("Always", password)

    def _boot(self) -> None:
        """The node starts, on what it finds."""

        async def boot() -> EmbeddedRuntime:
            return EmbeddedRuntime(self.root / "node", self.blobs, self.clock, Registries(self.world.http))

        self.blobs = getattr(self, "blobs", None) or MemoryStore()
        self.runtime = self.world.run(boot())
        records = Records(self.root / "kubelet", self.clock, self.config.verification)
        self.world.run(self._settle(records))
        meters = Meters("crc", self.clock)
        self.manager = ImageManager(self.runtime, records, self.clock, lambda: None, meters, self.config)

    async def _settle(self, records: Records) -> None:
        assert self.runtime is not None
        await records.settle(await self.runtime.list_images())

    def _doors(self) -> None:
        self.world.guard.password, self.world.guard.failing = self.registry.lock, self.registry.failing

    # ----------------------------------------------------------------------------------------------- what happens

    @rule(war=WAR)
    def push(self, war: str) -> None:
        client = RegistryClient(self.world.owner, self.world.served.address)
        self.world.run(transfer.push(client, self.name, self.world.store, self.world.images[war]))
        self.registry.image = war

    @precondition(lambda self: self.registry.image is not None)
    @rule()
    def untag(self) -> None:
        client = RegistryClient(self.world.owner, self.world.served.address)
        self.world.run(client.delete_manifest(self.name.repository, "v1"))
        self.registry.image = None

    @rule(password=PASSWORDS)
    def lock(self, password: str) -> None:
        self.registry.lock = password
        self._doors()

    @rule()
    def fail_or_recover(self) -> None:
        self.registry.failing = not self.registry.failing
        self._doors()

    @rule()
    def rmi(self) -> None:
        assert self.runtime is not None
        self.world.run(self.runtime.remove_image(str(self.name)))
        self.node.remove()

    @rule()
    def restart(self) -> None:
        assert self.runtime is not None
        self.world.run(self.runtime.close())
        self._boot()

    @precondition(lambda self: self.registry.image is not None and not self.registry.failing and not self.registry.lock)
    @rule()
    def preload(self) -> None:
        assert self.runtime is not None
        self.world.run(self.runtime.pull_image(str(self.name)))
        assert self.registry.image is not None
        self.node.preload(self.registry.image)

    # ----------------------------------------------------------------------------------------------- what must be

    @rule(pull_policy=POLICIES, password=PASSWORDS)
    def start(self, pull_policy: PullPolicy, password: str) -> None:
        expected = self.node.start(pull_policy, password, self.registry)
        assert self.world.run(self._start(pull_policy, password)) == expected

    @rule(password=PASSWORDS)
    def start_beside(self, password: str) -> None:
        """What most pods are."""
        self.start("IfNotPresent", password)

    async def _start(self, pull_policy: PullPolicy, password: str) -> str:
        self.pods += 1
        secrets = [self._secret(password)] if password else []
        request = Request(f"pod-{self.pods}", str(self.name), pull_policy, secrets)
        outcome = await self.manager.ensure_image_exists(request, _quietly)
        if isinstance(outcome, policy.Refuse):
            return outcome.reason
        assert self.runtime is not None
        tree = self.root / "node" / "trees" / outcome.image_id
        (war,) = (path.name for path in tree.glob("deployments/*.war"))
        return war

    def _secret(self, password: str) -> dict[str, Any]:
        auth = base64.b64encode(f"me:{password}".encode()).decode()
        config = f'{{"auths": {{"{self.name.registry}": {{"auth": "{auth}"}}}}}}'
        return {
            "metadata": {"name": f"s-{password}", "namespace": "ns", "uid": f"uid-{password}"},
            "type": "kubernetes.io/dockerconfigjson",
            "data": {".dockerconfigjson": base64.b64encode(config.encode()).decode()},
        }

    def teardown(self) -> None:
        if self.runtime is not None:
            self.world.run(self.runtime.close())
        self.folder.cleanup()


async def _quietly(_: Note) -> None:
    """Events are not what is judged here."""


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    Life.world = made
    yield made
    made.close()


def test_what_runs_is_what_the_rules_say(world: World) -> None:
    """The same lives in every run; `HYPOTHESIS_LIVES=1000` tries as many others."""
    more = int(os.environ.get("HYPOTHESIS_LIVES", "0"))
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=more or 12,
            derandomize=not more,
            stateful_step_count=20,
            deadline=None,
            phases=(Phase.generate,),  # each step waits for a disk: shrinking takes minutes, and the steps tell enough
            suppress_health_check=(HealthCheck.too_slow,),
        ),
    )
    assert world.lives > 1
