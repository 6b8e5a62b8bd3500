"""A download whose connection breaks, and how it goes on where it broke."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from pullscope.content.memory import MemoryStore
from pullscope.oci.digest import Digest
from pullscope.remote import errors, wire
from pullscope.remote.client import RegistryClient
from pullscope.remote.errors import LostError

BLOB = bytes(range(256)) * 400
DIGEST = Digest.of(BLOB)


class Registry:
    """Breaks each answer after `cut` bytes; knows ranges, unless `whole`. `broken`: what it says after the first time."""

    def __init__(self, cut: int, *, whole: bool = False, broken: int = 0) -> None:
        self.cut, self.whole, self.broken = cut, whole, broken
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.headers.get("Range", ""))
        if self.broken and len(self.asked) > 1:
            return web.json_response({}, status=self.broken)
        begin = 0 if self.whole else int((self.asked[-1] or "bytes=0-")[6:-1])
        body = BLOB[begin:]
        headers = {"Content-Length": str(len(body))}
        if self.asked[-1] and not self.whole:
            headers["Content-Range"] = f"bytes {begin}-{len(BLOB) - 1}/{len(BLOB)}"
        response = web.StreamResponse(status=206 if "Content-Range" in headers else 200, headers=headers)
        await response.prepare(request)
        upto = len(body) if self.whole and len(self.asked) > 1 else self.cut
        await response.write(body[:upto])
        if upto < len(body):
            assert request.transport is not None
            request.transport.close()
        return response

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[RegistryClient]:
        app = web.Application()
        app.router.add_get("/{path:.*}", self.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        try:
            async with aiohttp.ClientSession() as session:
                yield RegistryClient(session, f"{host}:{port}")
        finally:
            await runner.cleanup()


async def persist(offset: int, lost: LostError) -> None:
    """Never gives up."""
    assert 0 < offset < len(BLOB)
    assert lost.why == "unexpected EOF"


async def fetched(registry: Registry, resume: wire.Resume = persist) -> tuple[MemoryStore, int]:
    store, come = MemoryStore(), 0

    def arrived(size: int) -> None:
        nonlocal come
        come += size

    async with registry.client() as client:
        await client.get_blob("a", DIGEST, store.writer(), size=len(BLOB), arrived=arrived, resume=resume)
    return store, come


async def test_the_rest_is_asked_for_as_often_as_it_breaks() -> None:
    registry = Registry(cut=40_000)
    store, come = await fetched(registry)
    assert (registry.asked, come) == (["", "bytes=40000-", "bytes=80000-"], len(BLOB))
    assert store.size(DIGEST) == len(BLOB)


async def test_a_registry_without_ranges_is_read_from_the_start() -> None:
    registry = Registry(cut=40_000, whole=True)
    store, come = await fetched(registry)
    assert (len(registry.asked), come, store.size(DIGEST)) == (2, len(BLOB), len(BLOB))


async def test_what_goes_wrong_then_is_told_with_how_it_began() -> None:
    with pytest.raises(LostError) as failed:
        await fetched(Registry(cut=9, broken=500))
    assert failed.value.why.startswith("unexpected EOF (after reconnecting, fetching blob: ")


async def test_who_does_not_persist_ends_at_once() -> None:
    registry = Registry(cut=9)
    with pytest.raises(errors.LostError, match="unexpected EOF"):
        await fetched(registry, wire.give_up)
    assert registry.asked == [""]
