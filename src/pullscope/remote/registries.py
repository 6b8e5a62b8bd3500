"""How registries are reached from here: by another address, by way of mirrors, with whose credentials.

Everybody who talks to registries on behalf of the lab (a node's pulls, imports, builds) asks here for a client, so that
all of them see the same world.

Upstream: containers-registries.conf(5) of containers/image v5.36 (prefix matching, mirrors in order, then the source), and
OpenShift's ImageDigestMirrorSet and ImageTagMirrorSet, which OpenShift writes into that file on each node.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import aiohttp

from pullscope.base.errors import UsageError
from pullscope.oci import reference
from pullscope.oci.reference import InvalidReferenceError, Reference
from pullscope.pull import keyring
from pullscope.pull.keyring import Keyring
from pullscope.remote.auth import Credentials
from pullscope.remote.client import RegistryClient


@dataclass(frozen=True)
class Mirror:
    """References whose name begins with `source` are looked for at `target` first.

    Both are `registry[/path]`. `pulls`: whether that holds for all references, those with a digest, or those with a tag.
    """

    source: str
    target: str
    pulls: Literal["all", "digest-only", "tag-only"] = "all"

    def moved(self, name: Reference) -> Reference | None:
        """Where `name` is looked for; None when the rule does not speak of it."""
        rest = name.name.removeprefix(self.source)
        if not name.name.startswith(self.source) or rest[:1] not in ("", "/"):
            return None
        if self.pulls != "all" and (self.pulls == "digest-only") != (name.digest is not None):
            return None
        registry, _, repository = (self.target + rest).partition("/")
        return Reference(registry, repository, name.tag, name.digest)


def mirror(rule: str) -> Mirror:
    """The rule `SOURCE=TARGET` of a command line; each side is `registry[/path]`. Raises UsageError."""
    source, _, target = (side.rstrip("/") for side in rule.partition("="))
    if not (_is_place(source) and _is_place(target)):
        hint = "for example --mirror registry.redhat.io=127.0.0.1:5000/redhat"
        raise UsageError(f"{rule!r} is no mirror", hint=hint)
    return Mirror(source, target)


def _is_place(text: str) -> bool:
    """Whether images can be below it."""
    try:
        name = reference.parse(f"{text}/x")
    except InvalidReferenceError:
        return False
    return name.name == f"{text}/x"


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

    `addresses` maps registries' names to the `host:port` where they really are, `own` has the credentials that everybody
    here may use, by registry and path.
    """

    session: aiohttp.ClientSession
    addresses: Mapping[str, str] = field(default_factory=dict)
    mirrors: Sequence[Mirror] = ()
    own: Keyring = field(default_factory=dict)

    def credentials(self, name: Reference) -> Login | None:
        """Our own credentials for `name`, the most specific ones."""
        known = keyring.lookup(self.own, name.name)
        return Login(known[0].username, known[0].password) if known else None

    def client(self, name: Reference, auth: Credentials | None = None) -> RegistryClient:
        """A client of the registry that `name` is in, mirrors apart; without `auth` it may use our own credentials."""
        address = self.addresses.get(name.registry, "")
        return RegistryClient(self.session, name.registry, auth=auth or self.credentials(name), address=address)

    def places(self, name: Reference, auth: Credentials | None = None) -> list[Place]:
        """Where to look, in this order: the mirrors of the most specific source, then the registry itself.

        `auth` is for the registry itself: mirrors get our own credentials for them, or none.
        """
        speaking = [(rule, moved) for rule in self.mirrors if (moved := rule.moved(name)) is not None]
        longest = max((len(rule.source) for rule, _ in speaking), default=0)
        mirrored = [moved for rule, moved in speaking if len(rule.source) == longest]
        return [*(Place(self.client(moved), moved) for moved in mirrored), Place(self.client(name, auth), name)]
