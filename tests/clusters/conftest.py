"""A small real HTTPS server that speaks the shapes of an API server, and the kubeconfig to reach it."""

import contextlib
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Served:
    """The server's address, its CA, and what it was asked: (method, path with query, headers, body)."""

    url: str
    ca: Path
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


Serve = Callable[[Handler], contextlib.AbstractAsyncContextManager[Served]]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "tls.crt", folder / "tls.key"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key_file.write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))
    return cert_file, key_file


@pytest.fixture
def serve(certificate: tuple[Path, Path]) -> Serve:
    """`async with serve(handler) as served`: every request goes to `handler`."""

    @contextlib.asynccontextmanager
    async def running(handler: Handler) -> AsyncIterator[Served]:
        served = Served("", certificate[0])

        async def note(request: web.Request) -> web.StreamResponse:
            served.asked.append((request.method, request.path_qs, dict(request.headers), await request.read()))
            return await handler(request)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", note)
        runner = web.AppRunner(app, shutdown_timeout=0)
        await runner.setup()
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*certificate)
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        served.url = f"https://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield served
        finally:
            await runner.cleanup()

    return running


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Callable[..., Path]:
    """`kubeconfig(server, ca, user)`: a file with the context `here`."""

    def write(server: str, ca: Path | None, user: dict[str, Any] | None = None, **cluster: Any) -> Path:
        trust = {"certificate-authority": str(ca)} if ca else {}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "here",
            "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": server, **trust, **cluster}}],
            "users": [{"name": "u", "user": user or {"token": "secret"}}],
        }
        path = tmp_path / "kubeconfig"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return path

    return write
