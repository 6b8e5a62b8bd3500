"""Connections on which nobody asks anything are closed; those on which somebody does are left alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.apiserver.support import until

from pullscope.base import connections
from pullscope.base.clock import ManualClock

SECONDS = connections.HEAD_SECONDS


class Echo(asyncio.Protocol):
    """Sends back what it gets; `lost` when its connection is."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()


class World:
    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.made: list[Echo] = []

    def protocol(self) -> Echo:
        self.made.append(Echo())
        return self.made[-1]

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        loop = asyncio.get_running_loop()
        factory = connections.impatient(self.protocol, self.clock)
        server = await loop.create_server(factory, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        yield reader, writer
        writer.close()
        server.close()
        await server.wait_closed()


@pytest.fixture
def world() -> World:
    return World(ManualClock())


async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, text: bytes) -> None:
    """Send it, and wait for its echo: then the server has it."""
    writer.write(text)
    assert await reader.readexactly(len(text)) == text


async def test_who_says_nothing_is_cut_off(world: World) -> None:
    async with world.connected() as (reader, _):
        await until(lambda: world.clock.next_wake() is not None)
        world.clock.advance(SECONDS)
        assert await reader.read() == b""
        await world.made[0].lost.wait()


async def test_a_head_byte_by_byte_is_no_head(world: World) -> None:
    async with world.connected() as (reader, writer):
        for byte in b"GET / HTTP/1.1\r\nX: y\r\n":
            await say(reader, writer, bytes([byte]))
        world.clock.advance(SECONDS)
        assert await reader.read() == b""


async def test_who_asks_may_stay(world: World) -> None:
    async with world.connected() as (reader, writer):
        for piece in (b"GET / HTTP/1.1\r", b"\n\r", b"\n"):
            await say(reader, writer, piece)
        world.clock.advance(10 * SECONDS)
        await say(reader, writer, b"more")


async def test_a_client_that_goes_leaves_nothing_behind(world: World) -> None:
    async with world.connected() as (_, writer):
        await until(lambda: world.clock.next_wake() is not None)
        writer.close()
        await world.made[0].lost.wait()
    assert len(asyncio.all_tasks()) == 1
