"""How registries are reached from here: by another address, by way of mirrors, with whose credentials.

Everybody who talks to registries on behalf of the lab (a node's pulls, imports, builds) asks here for a client, so that
all of them see the same world.

Upstream: what containers/image v5.36 makes of containers-registries.conf(5).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import aiohttp

from pullscope.oci.reference import Reference
from pullscope.pull import keyring
from pullscope.pull.keyring import Keyring
from pullscope.pull.mirrors import Rules
from pullscope.remote.auth import Credentials
from pullscope.remote.client import RegistryClient


@dataclass(frozen=True)
class Login:
    """`remote.auth.Credentials`: a username and a password."""

    username: str
    password: str
    identity_token: str = ""


@dataclass(frozen=True)
class Place:
    """One place to look for an image, and under which name there."""

    client: RegistryClient
    reference: Reference


@dataclass(frozen=True)
class Registries:
    """The way to all registries. `session` is the caller's to close.

    `addresses` maps registries' names to the `host:port` where they really are, `rules` says where the mirrors are just
    now, `own` has the credentials that everybody here may use, by registry and path.
    """

    session: aiohttp.ClientSession
    addresses: Mapping[str, str] = field(default_factory=dict)
    rules: Callable[[], Rules] = Rules
    own: Keyring = field(default_factory=dict)

    def credentials(self, name: Reference) -> Login | None:
        """Our own credentials for `name`, the most specific ones."""
        known = keyring.lookup(self.own, name.name)
        return Login(known[0].username, known[0].password) if known else None

    def client(
        self, name: Reference, auth: Credentials | None = None, *, plain_http: bool | None = None
    ) -> RegistryClient:
        """A client of the registry that `name` is in, mirrors apart; without `auth` it may use our own credentials."""
        return RegistryClient(
            self.session,
            name.registry,
            auth=auth or self.credentials(name),
            address=self.addresses.get(name.registry, ""),
            plain_http=plain_http,
            blocked=self.rules().blocker(name),
        )

    def places(self, name: Reference, auth: Credentials | None = None) -> list[Place]:
        """Where to look, in this order: the mirrors of the most specific source, then the registry itself.

        `auth` is for the registry itself: mirrors get our own credentials for them, or none.
        """
        mirrored = (Place(self.client(moved), moved) for moved in self.rules().places(name))
        return [*mirrored, Place(self.client(name, auth), name)]
