"""Who can log in, and with which password. Passwords are compared in constant time, known names or not."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

from pullscope.kube.api import UserInfo


@dataclass(frozen=True)
class Credentials:
    """A name and a password, as they were sent."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Person:
    """One who can log in."""

    user: UserInfo
    password: str = field(repr=False)


class People:
    """All of them. Only the digests of their passwords are kept."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._users = {person.user.username: person.user for person in people}
        self._known = {_digest(person.user.username, person.password): person.user for person in people}

    def user(self, username: str) -> UserInfo | None:
        """The person of that name."""
        return self._users.get(username)

    def login(self, given: Credentials) -> UserInfo | None:
        """Whose name and password these are. All are compared, so that the time tells nothing."""
        found, digest = None, _digest(given.username, given.password)
        for known, user in self._known.items():
            if hmac.compare_digest(known, digest):
                found = user
        return found


def _digest(username: str, password: str) -> bytes:
    """Of both together, so that names are no faster told apart than passwords are; a NUL is in neither."""
    return hashlib.sha256(f"{username}\0{password}".encode("utf-8", "surrogatepass")).digest()


def basic(header: str | None) -> Credentials | None:
    """What a header `Authorization: Basic …` says; None for any other, and for one that cannot be read."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        username, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:  # neither base64 nor UTF-8
        return None
    return Credentials(username, password) if colon else None
