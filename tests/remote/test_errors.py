"""Failures of real connections, each as the error that says what it was."""

import asyncio
import contextlib
import io
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.remote import peers

from pullscope.base.errors import UnreachableError
from pullscope.content.memory import MemoryStore
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor
from pullscope.remote import errors
from pullscope.remote.client import RegistryClient

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def speaking(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A server that does what `talk` does with each connection."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def answering(raw: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()

    return talk


async def ping(host: str, *, plain_http: bool | None = None, patience: float = 60) -> None:
    async with aiohttp.ClientSession() as session:
        await RegistryClient(session, host, plain_http=plain_http, patience=patience).ping()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
async def test_nobody_listens(name: str) -> None:
    with pytest.raises(errors.RefusedError, match="connection refused") as failed:
        await ping(f"{name}:{peers.free_port()}")
    assert isinstance(failed.value, UnreachableError)
    assert failed.value.exit_code == 3
    assert failed.value.hint == "is the registry running? `pullscope status` shows the address of the lab's"


async def test_no_such_host() -> None:
    with pytest.raises(errors.HostUnknownError, match=r"registry nowhere\.invalid: no such host"):
        await ping("nowhere.invalid")


async def test_no_such_port() -> None:
    with pytest.raises(errors.UnreachedError, match="not the address of a host"):
        await ping("127.0.0.1:99999")


async def test_silence_is_a_timeout() -> None:
    over = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await over.wait()

    async with speaking(silent) as host:
        with pytest.raises(errors.TimedOutError, match="i/o timeout"):
            await ping(host, patience=0.05)
        over.set()


@pytest.mark.parametrize("raw", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"this is not HTTP\r\n\r\n"])
async def test_an_answer_that_is_none(raw: bytes) -> None:
    async with speaking(answering(raw)) as host:
        with pytest.raises(errors.LostError):
            await ping(host)


async def test_a_connection_that_breaks_in_a_blob() -> None:
    store = MemoryStore()
    writer = store.writer()
    async with (
        speaking(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")) as host,
        aiohttp.ClientSession() as session,
    ):
        with pytest.raises(errors.LostError, match="unexpected EOF"):
            await RegistryClient(session, host).get_blob("a", Digest.of(b"whole"), writer)
    assert store.resume(writer.id) is None


async def test_a_blob_that_is_not_what_it_should_be() -> None:
    store = MemoryStore()
    async with (
        speaking(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")) as host,
        aiohttp.ClientSession() as session,
    ):
        client = RegistryClient(session, host)
        with pytest.raises(errors.WrongDigestError) as failed:
            await client.get_blob("a", Digest.of(b"good"), store.writer())
        assert (failed.value.expected, failed.value.actual) == (Digest.of(b"good"), Digest.of(b"evil"))
        with pytest.raises(errors.ContentError, match="longer than the 3 bytes"):
            await client.get_blob("a", Digest.of(b"evil"), store.writer(), size=3)
    assert list(store.digests()) == []


async def test_a_manifest_that_is_not_what_it_should_be() -> None:
    other = str(Digest.of(b"other")).encode()
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDocker-Content-Digest: %s\r\n\r\n{}" % other
    async with speaking(answering(raw)) as host, aiohttp.ClientSession() as session:
        for reference in ("v1", str(Digest.of(b"another"))):
            with pytest.raises(errors.WrongDigestError):
                await RegistryClient(session, host).get_manifest("a", reference)


async def test_a_manifest_without_end() -> None:
    async with (
        speaking(answering(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(5 << 20))) as host,
        aiohttp.ClientSession() as session,
    ):
        with pytest.raises(errors.ContentError, match="longer than 4194304 bytes"):
            await RegistryClient(session, host).get_manifest("a", "v1")


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (404, b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"m"}]}', errors.ManifestUnknownError, "MANIFEST_UNKNOWN"),
        (404, b"<html>not found</html>", errors.ManifestUnknownError, ""),
        (404, b'{"errors":[{"code":"NAME_UNKNOWN","message":"n"}]}', errors.StatusError, "NAME_UNKNOWN"),
        (403, b'{"errors":[{"code":"DENIED","message":"d"}]}', errors.StatusError, "DENIED"),
        (401, b"", errors.AuthenticationError, ""),
        (429, b'{"errors":[{"code":"TOOMANYREQUESTS","message":"t"}]}', errors.StatusError, "TOOMANYREQUESTS"),
        (503, b"", errors.StatusError, ""),
    ],
)  # fmt: skip
async def test_statuses(status: int, body: bytes, kind: type[errors.StatusError], code: str) -> None:
    raw = b"HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)
    async with speaking(answering(raw)) as host, aiohttp.ClientSession() as session:
        with pytest.raises(errors.StatusError) as failed:
            await RegistryClient(session, host).get_manifest("a", "v1")
    assert type(failed.value) is kind
    assert (failed.value.status, failed.value.code) == (status, code)


@pytest.mark.parametrize(
    ("body", "why"), [(b"<html>", "not JSON"), (b"[]", "not a JSON object"), (b"\xff", "not JSON")]
)
async def test_a_list_that_is_none(body: bytes, why: str) -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    async with speaking(answering(raw)) as host, aiohttp.ClientSession() as session:
        with pytest.raises(errors.ContentError, match=why):
            await RegistryClient(session, host).tags("a")


async def test_an_upload_that_leads_nowhere() -> None:
    async with speaking(answering(b"HTTP/1.1 202 OK\r\nContent-Length: 0\r\n\r\n")) as host:
        blob = Descriptor.of("application/octet-stream", b"data")
        async with aiohttp.ClientSession() as session:
            with pytest.raises(errors.ContentError, match="where to upload to"):
                await RegistryClient(session, host).put_blob("a", blob, io.BytesIO)


async def test_a_registry_that_names_no_digest_is_asked_for_the_content() -> None:
    raw = b'{"schemaVersion":2}'
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(raw)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(answer + (b"" if head.startswith(b"HEAD") else raw))
        await writer.drain()

    async with speaking(talk) as host, aiohttp.ClientSession() as session:
        found = await RegistryClient(session, host).head_manifest("a", "v1")
    assert found == Descriptor("a/b", Digest.of(raw), len(raw))


def certificate(directory: Path, name: str, *, expired: bool = False) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "registry")])
    alternative = x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    now = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1 if expired else 36500))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = directory / "tls.pem"
    unencrypted = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*unencrypted))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context


@pytest.mark.parametrize(
    ("name", "trusted", "expired", "why"),
    [
        ("127.0.0.1", False, False, "x509: certificate signed by unknown authority"),
        ("other.example", True, False, "x509: certificate is valid for other names"),
        ("127.0.0.1", True, True, "x509: certificate has expired or is not yet valid"),
    ],
)
async def test_certificates(tmp_path: Path, name: str, trusted: bool, expired: bool, why: str) -> None:
    server = certificate(tmp_path, name, expired=expired)
    trust = ssl.create_default_context(cafile=str(tmp_path / "tls.pem") if trusted else None)
    async with (
        speaking(answering(b""), server) as host,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as session,
    ):
        with pytest.raises(errors.TlsError) as failed:
            await RegistryClient(session, host, plain_http=False).ping()
    assert failed.value.why == f"tls: failed to verify certificate: {why}"


async def test_plain_http_where_tls_is_spoken() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTPS request to an HTTP server.")
        await writer.drain()

    async with speaking(refuse) as host:
        with pytest.raises(errors.TlsError, match="http: server gave HTTP response to HTTPS client"):
            await ping(host, plain_http=False)


@pytest.mark.parametrize(
    ("host", "scheme"),
    [("127.0.0.1:5000", "http"), ("registry.localhost:80", "http"), ("[::1]:5000", "http"), ("quay.io", "https")],
)
async def test_plain_http_is_for_this_machine(host: str, scheme: str) -> None:
    async with aiohttp.ClientSession() as session:
        assert RegistryClient(session, host).scheme == scheme


def test_every_error_of_the_http_library_is_one_of_ours() -> None:
    """A new one of theirs must not slip through as something that is no RemoteError."""
    kinds = [
        kind for kind in vars(aiohttp).values() if isinstance(kind, type) and issubclass(kind, aiohttp.ClientError)
    ]
    assert len(kinds) > 20
    for kind in kinds:
        assert isinstance(errors.unreached("h", kind.__new__(kind)), errors.UnreachedError), kind


async def test_a_registry_that_sends_one_in_circles() -> None:
    around = answering(
        b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /v2/\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    )
    async with speaking(around) as host:
        with pytest.raises(errors.LostError, match="stopped after 10 redirects"):
            await ping(host)


async def test_a_registry_says_how_long_to_wait() -> None:
    body = b'{"errors": [{"code": "TOOMANYREQUESTS", "message": "slow down"}]}'
    head = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 30\r\nContent-Length: %d\r\n\r\n" % len(body)
    async with speaking(answering(head + body)) as host:
        with pytest.raises(errors.StatusError) as failed:
            await ping(host)
    assert failed.value.said == "TOOMANYREQUESTS: slow down (Retry-After: 30)"
