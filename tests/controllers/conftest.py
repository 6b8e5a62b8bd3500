"""An API server in memory with all controllers at work, a node `crc`, and kubectl."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.apiserver import kubectl as kubectls
from tests.apiserver.kubectl import Kubectl
from tests.apiserver.support import ADMIN, TOKEN
from tests.controllers.world import NS, World

from pullscope.apiserver.resources.all_kinds import ALL
from pullscope.apiserver.server import ApiServer
from pullscope.apiserver.services import Imaging
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import Clock, SystemClock
from pullscope.controllers import manager
from pullscope.kube import resources


@pytest.fixture
def clock() -> Clock:
    return SystemClock()


@pytest.fixture
def imaging() -> Imaging:
    """What image streams need besides the store: nothing, unless a test says otherwise."""
    return Imaging()


@pytest.fixture
def file() -> Path | None:
    """Where the server keeps its state; in memory unless a test says otherwise."""
    return None


@pytest.fixture
async def server(clock: Clock, imaging: Imaging, file: Path | None) -> AsyncIterator[ApiServer]:
    store = Store.open(file)
    made = ApiServer(store, clock, imaging=imaging)
    made.tokens.add(TOKEN, ADMIN)
    yield made
    await store.close()


@pytest.fixture
async def world(server: ApiServer, clock: Clock) -> AsyncIterator[World]:
    world = World(server.client(ADMIN), clock)
    kinds = [kind.resource for kind in ALL]
    running = asyncio.create_task(manager.run(server.client, clock, kinds=kinds, host="crc", root_ca="PEM"))
    await world.make(resources.NAMESPACES, {"metadata": {"name": NS}}, None)
    await world.node("crc")
    yield world
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


@pytest.fixture
async def working(world: World) -> AsyncIterator[World]:
    """The world with kubelets that run its pods."""
    kubelets = asyncio.create_task(world.kubelets())
    yield world
    kubelets.cancel()
    with suppress(asyncio.CancelledError):
        await kubelets


@pytest.fixture
async def kubectl(server: ApiServer, tmp_path: Path) -> AsyncIterator[Kubectl]:
    async with kubectls.of(server, tmp_path, namespace=NS) as made:
        yield made
