"""HTTPS on a socket, and clients that never come through the handshake."""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from pullscope.base.clock import SystemClock
from pullscope.lab import certificates, ports, serving
from pullscope.lab.places import Port


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """An application that says hello, over HTTPS."""

    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    now = SystemClock().now()
    authority = certificates.create_authority("test", now)
    pair = certificates.issue_server(authority, ("127.0.0.1",), now)
    (tmp_path / "ca.crt").write_bytes(authority.certificate)
    (tmp_path / "crt").write_bytes(pair.certificate)
    (tmp_path / "key").write_bytes(pair.key)
    app = web.Application()
    app.router.add_get("/", hello)
    async with AsyncExitStack() as stack:
        listening = stack.enter_context(ports.listen(Port(0), "test", "--port"))
        tls = serving.tls_context(tmp_path / "crt", tmp_path / "key")
        await serving.serve(stack, web.AppRunner(app, access_log=None), listening, tls)
        yield ports.number_of(listening)


async def ask(port: int, tmp_path: Path) -> str:
    trusting = ssl.create_default_context(cafile=tmp_path / "ca.crt")
    async with aiohttp.ClientSession() as session, session.get(f"https://127.0.0.1:{port}/", ssl=trusting) as answer:
        return await answer.text()


async def test_clients_that_drop_the_handshake_harm_nobody(
    port: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    half = []
    for said in (b"", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", b"\x00" * 5000):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        await writer.drain()
        if said.startswith(b"\x16"):
            half.append(writer)  # and no more of its handshake
            continue
        if said:
            with contextlib.suppress(ConnectionError):
                await reader.read()
        writer.close()
    with pytest.raises(aiohttp.ClientConnectorCertificateError):  # one that does not trust the certificate
        async with aiohttp.ClientSession() as session:
            await session.get(f"https://127.0.0.1:{port}/")
    assert await ask(port, tmp_path) == "hello"
    for writer in half:
        writer.close()
    assert caplog.records == []


async def test_many_connections_that_say_nothing_leave_room(port: int, tmp_path: Path) -> None:
    silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(300)]
    assert await ask(port, tmp_path) == "hello"
    for _, writer in silent:
        writer.close()
