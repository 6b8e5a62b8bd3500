"""Registries that the client is tested against: ours, and docker's as Debian packages it."""

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from tests.registry.serving import serving

from pullscope.base.clock import SystemClock

_CONFIG = """\
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: {root}}}
  delete: {{enabled: true}}
http: {{addr: "127.0.0.1:{port}"}}
{auth}
"""


@contextlib.asynccontextmanager
async def ours() -> AsyncIterator[str]:
    async with serving(None) as served:
        yield served.address


@contextlib.asynccontextmanager
async def dockers(root: Path, auth: str = "") -> AsyncIterator[str]:
    """A docker-registry with its data in `root`; `auth` is a part of its configuration."""
    program = shutil.which("docker-registry")
    if program is None:
        pytest.skip("docker-registry is not installed (Debian: apt-get install docker-registry)")
    port = free_port()
    config = root / "config.yml"
    config.write_text(_CONFIG.format(root=root / "data", port=port, auth=auth))
    process = await asyncio.create_subprocess_exec(
        program, "serve", str(config), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await _listening(port)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def _listening(port: int) -> None:
    """Wait until the port answers; the test's own timeout is the limit."""
    async with aiohttp.ClientSession() as session:
        while True:
            with contextlib.suppress(aiohttp.ClientConnectorError):
                async with session.get(f"http://127.0.0.1:{port}/v2/"):
                    return
            await SystemClock().sleep(0.02)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
