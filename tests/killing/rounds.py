"""Start a server, let clients write, kill it at a random moment, start it again, compare: over and over, on one directory."""

import asyncio
import json
import random
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import yaml
from tests.killing import pushers, runners, writers
from tests.killing.ledger import Ledger, Tally, Violation
from tests.killing.victims import Process, Target, Victim

from pullscope.base.clock import SystemClock

_WRITERS = 6
_COUNTERS = 2
_PUSHERS = 2


@dataclass
class Rounds:
    """All that is done to one victim. `with_pods`: it has a node. Each life has fewer than `writes` writes.

    `early` is the part of the lives that end while the server is still starting.
    """

    victim: Victim
    chance: random.Random
    with_pods: bool = False
    writes: int = 60
    early: float = 0.2
    objects: Ledger = field(default_factory=Ledger)
    tags: Ledger = field(default_factory=Ledger)
    blobs: Ledger = field(default_factory=Ledger)
    pods: Ledger = field(default_factory=Ledger)
    tally: Tally = field(default_factory=Tally)
    recoveries: list[float] = field(default_factory=list)

    async def run(self, kills: int) -> None:
        """Kill the victim so many times; at last, look once more."""
        for _ in range(kills):
            await self._life(early=bool(self.recoveries) and self.chance.random() < self.early)
        process, target = await self._started()
        try:
            async with target.session() as api:
                await self._look(target, api)
        finally:
            await process.kill()

    @property
    def models(self) -> tuple[Ledger | Tally, ...]:
        return (self.objects, self.tags, self.blobs, self.pods, self.tally)

    @property
    def acknowledged(self) -> int:
        """Writes of all kinds that clients were told to be done."""
        return sum(model.acknowledged for model in self.models)

    @property
    def violations(self) -> list[Violation]:
        return [violation for model in self.models for violation in model.violations]

    async def _life(self, *, early: bool) -> None:
        if early:
            process = await Process.start(self.victim)
            await SystemClock().sleep(self.chance.uniform(0, max(self.recoveries)))
            await process.kill()
            self._check_files()
            return
        process, target = await self._started()
        try:
            async with target.session() as api, pushers.session(target.registry) as registry:
                revision = await self._look(target, api)
                clients = [asyncio.ensure_future(client) for client in self._clients(target, api, registry, revision)]
                await self._moment(clients)
                await process.kill()
                await _ended(clients)
        finally:
            await process.kill()
        self._check_files()

    async def _moment(self, clients: Sequence["asyncio.Future[None]"]) -> None:
        """Return at a random moment in the midst of the writing; or when a client has failed, which `_ended` raises."""
        clock, enough = SystemClock(), self.acknowledged + self.chance.randrange(self.writes)
        while self.acknowledged < enough and not any(client.done() for client in clients):
            await clock.sleep(0.002)
        await clock.sleep(self.chance.uniform(0, 0.01))

    async def _started(self) -> tuple[Process, Target]:
        clock = SystemClock()
        began = clock.monotonic()
        process = await Process.start(self.victim)
        target = await process.ready()
        if target is None:
            await process.kill()
            errors = (self.victim.root / "errors.log").read_text(encoding="utf-8", errors="replace")
            raise AssertionError(f"it does not start again: {errors[-2000:]}")
        self.recoveries.append(clock.monotonic() - began)
        return process, target

    async def _look(self, target: Target, api: aiohttp.ClientSession) -> int:
        """Compare with the models; the revision that clients go on from."""
        await writers.make_counter(api)
        found, revision = await writers.read(api)
        self.objects.check(found, revision)
        self.tally.check(await writers.counted(api))
        async with pushers.session(target.registry) as registry:
            self.tags.check(await pushers.tagged(registry, self.tags.keys))
            self.blobs.check(await pushers.held(registry, self.blobs.keys))
            self.blobs.forget()  # from now on they are looked at with the images that name them
        if self.with_pods:
            self.pods.check(await runners.settled(api, self.victim.root))
        return revision

    def _clients(
        self, target: Target, api: aiohttp.ClientSession, registry: aiohttp.ClientSession, revision: int
    ) -> list[Coroutine[Any, Any, None]]:
        """Everybody who writes or watches during one life."""
        clients = [writers.watch(api, self.objects, revision)]
        clients += [writers.write(api, self.objects, f"w{number}", self.chance) for number in range(_WRITERS)]
        clients += [writers.count(api, self.tally) for _ in range(_COUNTERS)]
        for number in range(_PUSHERS):
            clients.append(pushers.push(registry, self.tags, self.blobs, f"p{number}", self.chance))
        if self.with_pods:
            image = f"{target.registry}/pullscope/probe:base"
            clients.append(runners.run(api, self.pods, image, self.chance))
        return clients

    def _check_files(self) -> None:
        """No file that is written as a whole may be half there."""
        root = self.victim.root
        for path in [*root.glob("*.json"), *root.glob("**/image_manager/*/sha256-*")]:
            json.loads(path.read_bytes())
        for path in root.glob("kubeconfig"):
            assert yaml.safe_load(path.read_bytes())["clusters"]


async def _ended(clients: Sequence["asyncio.Future[None]"]) -> None:
    """Wait for clients whose server is gone. Raises what else they met."""
    for outcome in await asyncio.gather(*clients, return_exceptions=True):
        if outcome is not None and not isinstance(outcome, writers.GONE):
            raise outcome
