"""A server that people can log in to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.apiserver.support import ADMIN, TOKEN

from pullscope.apiserver import authorization
from pullscope.apiserver.oauth.people import Person
from pullscope.apiserver.server import ApiServer, Logins
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import ManualClock
from pullscope.kube import resources

PASSWORD = "ABcde-fGhij-kLmno-pQrst"
LOGINS = Logins((Person(authorization.ADMIN, PASSWORD), Person(authorization.DEVELOPER, "developer")))


@pytest.fixture
async def server(clock: ManualClock, file: Path | None) -> AsyncIterator[ApiServer]:
    store = Store.open(file)
    made = ApiServer(store, clock, logins=LOGINS)
    made.tokens.add(TOKEN, ADMIN)
    api = made.client(ADMIN)
    for name in ("default", "demo", "kube-system"):
        await api.create(resources.NAMESPACES, None, {"metadata": {"name": name}})
        await api.create(resources.SERVICE_ACCOUNTS, name, {"metadata": {"name": "default"}})
    yield made
    await store.close()
