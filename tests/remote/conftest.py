"""A client of each registry: the same tests run against ours and docker's."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from tests.remote import peers

from pullscope.content.api import Writer
from pullscope.oci.digest import Digest
from pullscope.remote import wire
from pullscope.remote.client import RegistryClient


class NotingClient(RegistryClient):
    """Notes the blobs that it downloads, and those that it asks for before it sends them."""

    def __init__(self, session: aiohttp.ClientSession, host: str) -> None:
        super().__init__(session, host)
        self.downloaded: list[Digest] = []
        self.asked: list[Digest] = []

    async def blob_exists(self, repository: str, digest: Digest) -> bool:
        self.asked.append(digest)
        return await super().blob_exists(repository, digest)

    async def get_blob(
        self,
        repository: str,
        digest: Digest,
        writer: Writer,
        *,
        size: int | None = None,
        arrived: wire.Arrived = wire.unwatched,
        resume: wire.Resume = wire.give_up,
    ) -> None:
        self.downloaded.append(digest)
        await super().get_blob(repository, digest, writer, size=size, arrived=arrived, resume=resume)


@pytest.fixture(params=["ours", "docker's"])
async def client(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[NotingClient]:
    running = peers.ours() if request.param == "ours" else peers.dockers(tmp_path)
    async with running as host, aiohttp.ClientSession() as session:
        yield NotingClient(session, host)
