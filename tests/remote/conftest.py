"""A client of each registry: the same tests run against ours and docker's."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from tests.remote import peers

from pullscope.remote.client import RegistryClient


@pytest.fixture(params=["ours", "docker's"])
async def client(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RegistryClient]:
    running = peers.ours() if request.param == "ours" else peers.dockers(tmp_path)
    async with running as host, aiohttp.ClientSession() as session:
        yield RegistryClient(session, host)
