"""A registry for `verify` that pullscope serves itself, at an address that the nodes of the user's cluster reach.

It listens where the user said, and nowhere else. Whoever reaches it can pull; only this run can push. It is in memory, and
gone with the run; the authority of its certificate is kept, so that nodes that trust it need not be told again.
"""

import contextlib
import os
import ssl
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from secrets import token_urlsafe

from pullscope.base.addresses import is_loopback
from pullscope.base.clock import SystemClock
from pullscope.base.errors import PullscopeError, UnreachableError, UsageError
from pullscope.cli import proving, serving_misbehaving
from pullscope.cli.proving_asked import Asked, repository
from pullscope.lab import secrets
from pullscope.lab.serving import tls_context
from pullscope.lab.state import data_home
from pullscope.oci import reference
from pullscope.oci.reference import Reference
from pullscope.registry import guarded, serving
from pullscope.registry.serving import LOOPBACK, Address
from pullscope.registry.store import Registry
from pullscope.remote import sessions
from pullscope.remote.client import RegistryClient
from pullscope.remote.registries import Login
from pullscope.remote.sessions import Way
from pullscope.verify.misbehaving import Serve
from pullscope.verify.repository import Repository
from pullscope.verify.target import Source, fixed

AUTHORITY = "registry-authority"
"""The directory of the authority, among the user's data."""


async def source(stack: AsyncExitStack, asked: Asked) -> tuple[Source, Serve]:
    """Serve a registry until the stack is closed; the repository in it, and what serves others on further ports there.

    Raises UsageError, UnreachableError.
    """
    address = serving.parse_address(asked.serve)
    name = repository(asked.registry) if asked.registry else None
    if name is None and _is_wildcard(address.host):
        hint = f"say how they call this machine: --registry NAME:{address.port}/{proving.REPOSITORY}"
        raise UsageError(f"nodes cannot connect to {address.host}", hint=hint)
    password, root = token_urlsafe(), data_home(os.environ) / AUTHORITY
    registry = stack.enter_context(contextlib.closing(Registry.open(None)))
    tls = _certified(root, address, name) if asked.tls else None
    try:
        listening = await stack.enter_async_context(
            serving.serving(registry, address, guard=guarded.by(password), tls=tls)
        )
    except PullscopeError as error:
        raise UnreachableError(error.message, hint=error.hint) from error
    _announce(listening, root if tls else None)
    pulled = name or reference.parse(f"{listening}/{proving.REPOSITORY}")
    here = replace(listening, host=LOOPBACK) if _is_wildcard(listening.host) else listening
    way = Way(str(here), ca=root / "authority.crt" if tls else None)
    session = await stack.enter_async_context(sessions.opened(way, ""))
    login = Login(guarded.USER, password)
    client = RegistryClient(session, pulled.registry, auth=login, address=way.address, plain_http=tls is None)
    named = pulled.registry.rpartition(":")[0].strip("[]")
    where = serving_misbehaving.Where(session, SystemClock(), address.host, name=named, here=here.host, tls=tls)
    return fixed(Repository(client, pulled, pulled)), serving_misbehaving.serve(where)


def _announce(listening: Address, root: Path | None) -> None:
    """What listens, and for whom: nobody should find it out by chance."""
    known = f"; its certificate's authority: {root / 'authority.crt'}" if root else ""
    sys.stderr.write(f"serving a registry at {listening}: whoever reaches it can pull{known}\n")


def _certified(root: Path, address: Address, name: Reference | None) -> ssl.SSLContext:
    """TLS with a certificate for every name that the registry is called by."""
    root.mkdir(parents=True, exist_ok=True)
    hosts = {LOOPBACK, *([] if _is_wildcard(address.host) else [address.host])}
    hosts |= {name.registry.rpartition(":")[0].strip("[]") or name.registry} if name else set()
    secrets.certified(root, tuple(sorted(hosts)), SystemClock().now())
    return tls_context(root / "server.crt", root / "server.key")


def _is_wildcard(host: str) -> bool:
    try:
        return not is_loopback(host) and ip_address(host).is_unspecified
    except ValueError:
        return False
