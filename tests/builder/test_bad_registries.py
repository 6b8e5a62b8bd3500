"""Bases that cannot be had, outputs that are not taken: the build fails with OpenShift's reason, and its log says why."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.builder.archives import tar
from tests.builder.pod import WAR, Pod, pod_of
from tests.registry.serving import serving

from pullscope.base.clock import ManualClock
from pullscope.content.memory import MemoryStore
from pullscope.images import probe
from pullscope.oci import reference
from pullscope.registry import app, faulty
from pullscope.registry.faults import Fault, Faults
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient


@dataclass(frozen=True)
class Peer:
    """A registry with the probe in it, what it may be told to do wrong, and a pod that builds with it."""

    faults: Faults
    pod: Pod
    digest: str

    async def build(self) -> int:
        """Build; waits between tries take no time."""
        await self.pod.take(tar(WAR))
        running = asyncio.ensure_future(self.pod.run("sti-build"))
        while not running.done():
            await asyncio.wait([running], timeout=0.01)
            self.pod.clock.advance(5)
        return await running


@pytest.fixture
async def peer(tmp_path: Path) -> AsyncIterator[Peer]:
    clock, store = ManualClock(), MemoryStore()
    faults = Faults(clock)
    handler = faulty.around(app.answer, faults, clock)
    async with serving(None, clock, handler=handler) as served, aiohttp.ClientSession() as session:
        name = reference.parse(f"{served.address}/pullscope/probe:base")
        root = probe.base(store)
        await transfer.push(RegistryClient(session, served.address), name, store, root)
        source = {"kind": "DockerImage", "name": f"{served.address}/pullscope/probe@{root.digest}"}
        strategy: dict[str, Any] = {"sourceStrategy": {"from": source}}
        yield Peer(faults, pod_of(tmp_path, session, served.address, strategy=strategy), str(root.digest))


PULL = "error: failed to pull image: "


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault("pullscope/probe", status=401), "authentication required"),
        (Fault("pullscope/probe", status=403), "denied"),
        (Fault("pullscope/probe", status=404), "manifest unknown"),
        (Fault("pullscope/probe", status=500), "After retrying 2 times, Pull image still failed due to error: "),
        (Fault("pullscope/probe", reset=True), "After retrying 2 times, Pull image still failed due to error: "),
        (Fault("pullscope/probe", wrong_digest=True), "Manifest does not match provided manifest digest sha256:"),
    ],
    ids=str,
)
async def test_bases_that_cannot_be_had(peer: Peer, fault: Fault, said: str) -> None:
    peer.faults.add(fault)
    assert await peer.build() == 1
    (line,) = (line for line in peer.pod.log.splitlines() if line.startswith("error: "))
    assert line.startswith(PULL)
    assert said in line
    assert (peer.pod.status["phase"], peer.pod.status["reason"]) == ("Failed", "PullBuilderImageFailed")


@pytest.mark.parametrize("fault", [Fault("demo/app", status=401), Fault("demo/app", status=403)], ids=str)
async def test_outputs_that_are_not_taken(peer: Peer, fault: Fault) -> None:
    peer.faults.add(fault)
    assert await peer.build() == 1
    assert "error: build error: Failed to push image: " in peer.pod.log
    assert (peer.pod.status["phase"], peer.pod.status["reason"]) == ("Failed", "PushImageToRegistryFailed")
