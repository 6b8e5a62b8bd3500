"""The lab's certificates, judged by the standard library's TLS."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pullscope.lab import certificates

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_server_certificate_serves_its_names_for_a_year() -> None:
    authority = certificates.create_authority("lab", NOW)
    pair = certificates.issue_server(authority, certificates.SERVER_NAMES, NOW)
    assert certificates.is_usable(pair, certificates.SERVER_NAMES, NOW)
    assert certificates.is_usable(pair, ("::1",), NOW + timedelta(days=360))
    assert not certificates.is_usable(pair, certificates.SERVER_NAMES, NOW + timedelta(days=370))
    assert not certificates.is_usable(pair, ("example.org",), NOW)


async def _handshake(authority: certificates.KeyPair, directory: Path, name: str) -> None:
    pair = certificates.issue_server(authority, certificates.SERVER_NAMES, datetime.now(UTC))  # noqa: TID251 (TLS asks the machine's clock)
    (directory / "server.pem").write_bytes(pair.certificate + pair.key)
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(directory / "server.pem")
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=server_side)
    port = server.sockets[0].getsockname()[1]
    client_side = ssl.create_default_context(cadata=authority.certificate.decode())
    async with server:
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client_side, server_hostname=name)
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "api.crc.testing", "::1"])
async def test_clients_that_trust_the_authority_accept_the_server(tmp_path: Path, name: str) -> None:
    await _handshake(certificates.create_authority("lab", datetime.now(UTC)), tmp_path, name)  # noqa: TID251 (as above)


async def test_another_name_is_not_accepted(tmp_path: Path) -> None:
    authority = certificates.create_authority("lab", datetime.now(UTC))  # noqa: TID251 (as above)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        await _handshake(authority, tmp_path, "example.org")
