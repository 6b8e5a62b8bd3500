"""`pullscope registry serve` as a user runs it: a process of its own."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from pullscope.base.errors import UsageError
from pullscope.cli import program
from pullscope.oci.digest import Digest
from pullscope.registry import serving
from pullscope.registry.serving import Address

needs_signals = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")


@contextlib.asynccontextmanager
async def running(*arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The command, and the address that its first line names."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-m", "pullscope", "registry", "serve", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        line = (await process.stdout.readline()).decode()
        found = re.search(r"http://(\S+)", line)
        yield process, found[1] if found else line
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def push(address: str, data: bytes) -> str:
    url = f"http://{address}/v2/app/blobs/uploads/?digest={Digest.of(data)}"
    async with aiohttp.ClientSession() as session, session.post(url, data=data) as response:
        assert response.status == 201
        return response.headers["Location"]


async def get(url: str) -> bytes:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert response.status == 200
        return await response.read()


@needs_signals
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_tells_how_to_use_it_and_stops_when_told(number: signal.Signals) -> None:
    async with running("0") as (process, address):
        assert address.startswith("127.0.0.1:")
        await push(address, b"data")
        process.send_signal(number)
        rest = (await process.communicate())[0].decode()
        assert process.returncode == 0, rest
    assert f"-t {address}/myapp:v1 --push" in rest
    assert "Traceback" not in rest


@needs_signals
async def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    async with running("127.0.0.1:0", "--root", str(tmp_path / "new" / "root")) as (process, address):
        path = await push(address, b"data")
        process.kill()
        await process.wait()
    async with running("127.0.0.1:0", "--root", str(tmp_path / "new" / "root")) as (_, address):
        assert await get(f"http://{address}{path}") == b"data"


def test_a_port_in_use_is_one_clear_line_and_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert program.run(["registry", "serve", str(port)]) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert first == f"error: cannot listen on 127.0.0.1:{port}: the port is in use"
    assert second.startswith("hint: take another port")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:5000", Address("127.0.0.1", 5000)),
        (":5000", Address("127.0.0.1", 5000)),
        ("5000", Address("127.0.0.1", 5000)),
        ("0", Address("127.0.0.1", 0)),
        ("0.0.0.0:80", Address("0.0.0.0", 80)),
        ("[::1]:5000", Address("::1", 5000)),
        ("registry.local:5000", Address("registry.local", 5000)),
    ],
)
def test_without_a_host_it_is_this_machine(text: str, address: Address) -> None:
    assert serving.parse_address(text) == address
    assert serving.parse_address(str(address)) == address


@pytest.mark.parametrize("text", ["", "host", "host:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:٣", "1:000000001"])
def test_what_is_no_address_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="is not an address"):
        serving.parse_address(text)


def test_an_address_that_is_not_ours(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.run(["registry", "serve", "192.0.2.1:0"]) != 0
    assert re.match(r"error: cannot listen on 192\.0\.2\.1:0: .*", capsys.readouterr().err)
