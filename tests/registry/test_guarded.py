"""A registry that listens beyond this machine: everybody reads, its owner writes; with a certificate where one is wanted."""

import contextlib
from pathlib import Path

import pytest

from pullscope.base.clock import SystemClock
from pullscope.base.errors import UsageError
from pullscope.content.memory import MemoryStore
from pullscope.images import probe
from pullscope.lab import secrets
from pullscope.lab.serving import tls_context
from pullscope.oci import reference
from pullscope.registry import guarded, serving
from pullscope.registry.serving import Address
from pullscope.registry.store import Registry
from pullscope.remote import errors, sessions, transfer
from pullscope.remote.client import RegistryClient
from pullscope.remote.registries import Login
from pullscope.remote.sessions import Way

OWNER = Login(guarded.USER, "word")


async def test_everybody_reads_and_its_owner_writes() -> None:
    store = MemoryStore()
    root = probe.base(store)
    with contextlib.closing(Registry.open(None)) as registry:
        async with (
            serving.serving(registry, Address("127.0.0.1", 0), guard=guarded.by("word")) as address,
            sessions.opened(Way(), str(address)) as session,
        ):
            name = reference.parse(f"{address}/a/b:v1")
            anybody = RegistryClient(session, name.registry)
            for stranger in (anybody, RegistryClient(session, name.registry, auth=Login(guarded.USER, "guess"))):
                with pytest.raises(errors.AuthenticationError):
                    await transfer.push(stranger, name, store, root)
            await transfer.push(RegistryClient(session, name.registry, auth=OWNER), name, store, root)
            assert await anybody.head_manifest("a/b", "v1") == root
            with pytest.raises(errors.AuthenticationError):
                await anybody.delete_manifest("a/b", str(root.digest))


async def test_a_certificate_of_an_authority_of_its_own(tmp_path: Path) -> None:
    secrets.certified(tmp_path, ("127.0.0.1",), SystemClock().now())
    tls = tls_context(tmp_path / "server.crt", tmp_path / "server.key")
    known, insecure = Way(ca=tmp_path / "authority.crt"), Way(insecure=True)
    with contextlib.closing(Registry.open(None)) as registry:
        async with serving.serving(registry, Address("127.0.0.1", 0), tls=tls) as address:
            for way in (known, insecure):
                async with sessions.opened(way, str(address)) as session:
                    await RegistryClient(session, str(address), plain_http=False).ping()
            async with sessions.opened(Way(), str(address)) as session:
                with pytest.raises(errors.TlsError, match="x509"):
                    await RegistryClient(session, str(address), plain_http=False).ping()


@pytest.mark.parametrize("certified", [True, False])
async def test_an_insecure_registry_speaks_tls_or_not(tmp_path: Path, *, certified: bool) -> None:
    """Also at a port of this machine, which may be forwarded."""
    secrets.certified(tmp_path, ("other.example.com",), SystemClock().now())
    tls = tls_context(tmp_path / "server.crt", tmp_path / "server.key") if certified else None
    with contextlib.closing(Registry.open(None)) as registry:
        async with serving.serving(registry, Address("127.0.0.1", 0), tls=tls) as address:
            way = Way(address=str(address), insecure=True)
            async with sessions.opened(way, "") as session:
                client = await sessions.client(session, reference.literal("registry.example.com/a/b"), way)
                assert client.scheme == ("https" if certified else "http")
                await client.ping()


@pytest.mark.parametrize("text", ["", "no certificate"])
async def test_an_authority_that_is_none_is_a_wrong_option(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ca.crt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="has no certificate that can be used"):
        async with sessions.opened(Way(ca=path), ""):
            pass


@pytest.mark.parametrize("scheme", ["basic", "bearer"])
async def test_members_may_do_everything_and_others_nothing(scheme: guarded.Scheme) -> None:
    refused = (errors.AuthenticationError, errors.TokenRefusedError)
    store = MemoryStore()
    root = probe.base(store)
    guard = guarded.members(guarded.Demand(scheme, {"alice": "wonderland", "bob": "builder"}))
    with contextlib.closing(Registry.open(None)) as registry:
        async with (
            serving.serving(registry, Address("127.0.0.1", 0), guard=guard) as address,
            sessions.opened(Way(), str(address)) as session,
        ):
            name = reference.parse(f"{address}/a/b:v1")
            alice, bob, wrong, nobody = (
                RegistryClient(session, name.registry, auth=login)
                for login in (Login("alice", "wonderland"), Login("bob", "builder"), Login("alice", "builder"), None)
            )
            for stranger in (wrong, nobody):
                with pytest.raises(refused):
                    await transfer.push(stranger, name, store, root)
            await transfer.push(alice, name, store, root)
            assert await bob.head_manifest("a/b", "v1") == root
            for stranger in (wrong, nobody):
                with pytest.raises(refused):
                    await stranger.head_manifest("a/b", "v1")
                with pytest.raises(refused):
                    await stranger.delete_manifest("a/b", str(root.digest))
            await bob.delete_manifest("a/b", str(root.digest))
            assert await alice.head_manifest("a/b", "v1") is None


@pytest.mark.parametrize(
    ("users", "scheme", "text"),
    [
        (["alice"], "basic", "'alice' has no password"),
        (["alice:"], "basic", "'alice' has no password"),
        ([":secret"], "basic", "':secret' has no name"),
        (["alice:a", "alice:b"], "basic", "there are two passwords for 'alice'"),
        ([], "bearer", "who may show themselves by bearer?"),
        (["alice:secret"], "digest", "there is no authentication 'digest' here"),
    ],
)
def test_users_that_are_none(users: list[str], scheme: str, text: str) -> None:
    with pytest.raises(UsageError) as refused:
        guarded.demanded(users, scheme)
    assert refused.value.message == text


def test_a_password_may_have_colons() -> None:
    assert guarded.demanded(["alice:a:b"], "bearer").accepted == {"alice": "a:b"}
