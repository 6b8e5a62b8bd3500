"""An API server over a store in memory, with a namespace, its service account and a node; in process and on a socket."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from tests.apiserver.support import ADMIN, TOKEN, FakeKubelet, Http

from pullscope.apiserver import authorization
from pullscope.apiserver.authorization import MASTER
from pullscope.apiserver.http import app as http
from pullscope.apiserver.rbac import bootstrap
from pullscope.apiserver.server import ApiServer
from pullscope.apiserver.services import Imaging
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import ManualClock
from pullscope.kube import resources
from pullscope.kube.api import Api


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def file() -> Path | None:
    """Where the server keeps its state; in memory unless a test says otherwise."""
    return None


@pytest.fixture
def history() -> int:
    """How many changes watches may lag behind."""
    return 64


@pytest.fixture
def imaging() -> Imaging:
    """What image streams need besides the store: nothing, unless a test says otherwise."""
    return Imaging()


@pytest.fixture
async def server(clock: ManualClock, file: Path | None, history: int, imaging: Imaging) -> AsyncIterator[ApiServer]:
    store = Store.open(file, history=history)
    made = ApiServer(store, clock, imaging=imaging)
    made.tokens.add(TOKEN, ADMIN)
    api = made.client(ADMIN)
    for name in ("default", "demo"):
        await api.create(resources.NAMESPACES, None, {"metadata": {"name": name}})
        await api.create(resources.SERVICE_ACCOUNTS, name, {"metadata": {"name": "default"}})
    await api.create(resources.NODES, None, {"metadata": {"name": "crc"}})
    yield made
    await store.close()


@pytest.fixture
def api(server: ApiServer) -> Api:
    """The API in process, as an administrator."""
    return server.client(ADMIN)


@pytest.fixture
async def policy(server: ApiServer) -> None:
    """The roles that a cluster is born with, and the people of a lab, whose tokens are their names.

    Without it the administrator of these tests alone may do anything.
    """
    api = server.client(MASTER)
    await api.create(resources.NAMESPACES, None, {"metadata": {"name": "openshift"}})
    await bootstrap.create(api)
    server.tokens.add("kubeadmin", authorization.ADMIN)
    server.tokens.add("developer", authorization.DEVELOPER)


@pytest.fixture
async def owner(policy: None, api: Api) -> None:
    """The developer owns the namespace `demo`."""
    subject = {"kind": "User", "name": authorization.DEVELOPER.username}
    binding = {
        "metadata": {"name": "admin"},
        "roleRef": {"kind": "ClusterRole", "name": "admin"},
        "subjects": [subject],
    }
    await api.create(resources.ROLE_BINDINGS, "demo", binding)


@pytest.fixture
async def wire(server: ApiServer) -> AsyncIterator[Http]:
    """The API on a loopback socket."""
    runner = web.AppRunner(server.app(), **http.RUNNER_OPTIONS)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with aiohttp.ClientSession() as session:
        yield Http(session, f"http://{host}:{port}")
    await runner.cleanup()


@pytest.fixture
def kubelet(server: ApiServer) -> FakeKubelet:
    """The kubelet of node crc, with a log of two lines."""
    made = FakeKubelet(b"first\n", b"second\n")
    server.kubelets["crc"] = made
    return made
