"""An HTTP session to registries out in the world: whom to trust, and by which proxy.

As docker and podman do: HTTPS_PROXY, HTTP_PROXY and NO_PROXY count, but not for loopback addresses; a private authority
counts beside the system's. "Insecure" is docker's word: certificates are not looked at, and plain HTTP will do.
"""

import contextlib
import functools
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from pullscope.base.addresses import is_loopback
from pullscope.base.errors import UsageError
from pullscope.oci.reference import Reference
from pullscope.remote import authfiles, errors
from pullscope.remote.auth import Credentials
from pullscope.remote.client import RegistryClient
from pullscope.remote.registries import Login


@dataclass(frozen=True)
class Way:
    """How a registry is reached. `address` is where it really is (empty: where its name says), `ca` a file with PEM."""

    address: str = ""
    insecure: bool = False
    ca: Path | None = None


DIRECTLY = Way()
"""Where its name says, over TLS (or HTTP for this machine), by the system's authorities."""


@contextlib.asynccontextmanager
async def opened(way: Way, registry: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A session for `registry` (empty: not known yet) as long as the block.

    Raises UsageError for an authority that cannot be used.
    """
    near = is_loopback(_host(way.address or registry))
    # Asked without TLS; should it refer elsewhere, aiohttp's own context is as good.
    plain = near and way == Way(way.address)
    connector = aiohttp.TCPConnector(ssl=plain or _tls(way.ca, insecure=way.insecure))
    async with aiohttp.ClientSession(connector=connector, trust_env=not near) as session:
        yield session


def login(registry: str) -> Login | None:
    """What `podman login`, `docker login` or `oc registry login` left for the registry.

    Raises UsageError for a file or a helper that cannot be used.
    """
    known = authfiles.of_user(registry)
    return Login(known.username, known.password) if known else None


@contextlib.asynccontextmanager
async def of_user(registry: str) -> AsyncIterator[RegistryClient]:
    """A client of the registry for its user: with their login, by their proxy. Raises UsageError."""
    async with opened(DIRECTLY, registry) as session:
        yield RegistryClient(session, registry, auth=login(registry))


async def client(
    session: aiohttp.ClientSession, name: Reference, way: Way, auth: Credentials | None = None
) -> RegistryClient:
    """A client of the registry that `name` is in. With `insecure` it is asked which protocol it speaks.

    Raises UnreachedError.
    """
    if not way.insecure:
        return RegistryClient(session, name.registry, auth=auth, address=way.address)
    secure = RegistryClient(session, name.registry, auth=auth, address=way.address, plain_http=False)
    try:
        await secure.ping()
    except errors.TlsError:
        return RegistryClient(session, name.registry, auth=auth, address=way.address, plain_http=True)
    except errors.StatusError:
        pass  # it speaks TLS, and wants credentials for more
    return secure


@functools.lru_cache(maxsize=8)  # reading all the authorities that a machine trusts takes 50 ms
def _tls(ca: Path | None, *, insecure: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca is not None:
        try:
            context.load_verify_locations(ca)
        except OSError as error:  # ssl.SSLError is one
            raise UsageError(f"{ca} has no certificate that can be used: {error.strerror or error}") from error
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # rejects the authorities that many registries make for themselves
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _host(address: str) -> str:
    return address.rpartition(":")[0].strip("[]") or address
