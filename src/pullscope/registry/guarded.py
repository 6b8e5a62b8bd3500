"""Registries that ask who one is: `by` lets only its owner write, `members` lets nobody do anything but those it knows.

Bearer tokens are given as distribution v3 docs/content/spec/auth/token.md says: on the same port, against Basic credentials.
"""

import base64
import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import orjson
from aiohttp import web

from pullscope.base.errors import UsageError
from pullscope.oci import errors
from pullscope.registry import app, calls
from pullscope.registry.app import Handler
from pullscope.registry.calls import Call

USER = "pullscope"
TOKEN_PATH = "/token"  # noqa: S105 (a path)
Scheme = Literal["basic", "bearer"]

_READING = ("GET", "HEAD")
_BASIC = 'Basic realm="pullscope"'


@dataclass(frozen=True)
class Demand:
    """What whoever reads must show: the name and password of an `accepted` user (basic), or a token that those are given for."""

    scheme: Scheme
    accepted: Mapping[str, str]
    _key: bytes = field(default_factory=secrets.token_bytes, repr=False)

    def knows(self, authorization: str) -> bool:
        """Whether these are Basic credentials of one of the accepted."""
        return any(_shows(authorization, user, password) for user, password in self.accepted.items())

    def token(self, scopes: Iterable[str]) -> str:
        """A token to pull from the repositories of such scopes: `repository:NAME:pull`."""
        named = base64.urlsafe_b64encode(orjson.dumps(sorted(filter(None, map(_pulled, scopes))))).decode()
        return f"{named}.{self._signature(named)}"

    def lets_read(self, authorization: str, repository: str) -> bool:
        """Whether who shows this may read the repository; empty: what is none's."""
        if self.scheme == "basic":
            return self.knows(authorization)
        scheme, _, token = authorization.partition(" ")
        named, _, signature = token.strip().partition(".")
        if scheme.lower() != "bearer" or not hmac.compare_digest(_bytes(signature), _bytes(self._signature(named))):
            return False
        return not repository or repository in orjson.loads(base64.urlsafe_b64decode(named))

    def _signature(self, text: str) -> str:
        return hmac.digest(self._key, _bytes(text), "sha256").hex()


def demanded(users: Iterable[str], scheme: str) -> Demand:
    """What users given as `NAME:PASSWORD` must show. Raises UsageError."""
    known: dict[str, Scheme] = {each: each for each in get_args(Scheme)}
    if scheme not in known:
        raise UsageError(f"there is no authentication {scheme!r} here", hint=f"it is {' or '.join(known)}")
    accepted = {}
    for user in users:
        name, colon, password = user.partition(":")
        if not (name and colon and password):
            what = f"{name!r} has no password" if name else f"{user!r} has no name"
            raise UsageError(what, hint="write NAME:PASSWORD, as in alice:secret")
        if name in accepted:
            raise UsageError(f"there are two passwords for {name!r}", hint="give each user one")
        accepted[name] = password
    if not accepted:
        raise UsageError(f"who may show themselves by {scheme}?", hint="--user NAME:PASSWORD says it")
    return Demand(known[scheme], accepted)


def nothing() -> None:
    """Everybody may read."""


def by(password: str, demanded: Callable[[], Demand | None] = nothing) -> Handler:
    """A handler that asks for Basic credentials, `USER` and this password, before anything is changed.

    Those suffice for reading as well; nobody else reads without what is `demanded` at the time.
    """

    async def handle(call: Call) -> web.StreamResponse:
        shown = call.request.headers.get("Authorization", "")
        owner = _shows(shown, USER, password)
        demand = demanded()
        if demand is not None and demand.scheme == "bearer" and call.request.path == TOKEN_PATH:
            return _hand_out(call.request, demand, known=owner or demand.knows(shown))
        if owner:
            return await app.answer(call)
        if call.request.method not in _READING:
            return _refused(_BASIC)
        if demand is None or demand.lets_read(shown, call.route.repository):
            return await app.answer(call)
        return _refused(_BASIC if demand.scheme == "basic" else _bearer(call), _wanted(call.route.repository))

    return handle


def members(demand: Demand) -> Handler:
    """A handler that lets the accepted users do everything, and nobody else anything."""

    async def handle(call: Call) -> web.StreamResponse:
        shown = call.request.headers.get("Authorization", "")
        known = demand.knows(shown)
        if demand.scheme == "bearer" and call.request.path == TOKEN_PATH:
            return _hand_out(call.request, demand, known=known)
        if known or demand.lets_read(
            shown, call.route.repository
        ):  # a token is for all that its repository is asked for
            return await app.answer(call)
        challenge = _BASIC if demand.scheme == "basic" else _bearer(call)
        return _refused(challenge, _wanted(call.route.repository))

    return handle


def _hand_out(request: web.Request, demand: Demand, *, known: bool) -> web.Response:
    if request.method != "GET":  # such as OAuth2's POST, after which clients ask as here
        refused = calls.failure(errors.UNSUPPORTED.error())
        refused.headers["Allow"] = "GET"
        return refused
    if not known:
        return _refused(_BASIC)
    asked = (scope for scopes in request.query.getall("scope", []) for scope in scopes.split(" "))
    return calls.as_json({"token": demand.token(asked)})


def _bearer(call: Call) -> str:
    """Where such a token is given, and for what."""
    request, repository = call.request, call.route.repository
    actions = "pull" if request.method in _READING else "pull,push"
    scope = f',scope="repository:{repository}:{actions}"' if repository else ""
    return f'Bearer realm="{request.scheme}://{request.host}{TOKEN_PATH}",service="{USER}"{scope}'


def _wanted(repository: str) -> list[dict[str, str]] | None:
    """What docker's registry adds to its 401; without it clients that are made of its code leave its message out."""
    return [{"Type": "repository", "Class": "", "Name": repository, "Action": "pull"}] if repository else None


def _refused(challenge: str, detail: list[dict[str, str]] | None = None) -> web.Response:
    response = calls.failure(errors.UNAUTHORIZED.error(detail))
    response.headers["WWW-Authenticate"] = challenge
    return response


def _shows(authorization: str, user: str, password: str) -> bool:
    """Whether that is `Authorization: Basic` of this user."""
    scheme, _, given = authorization.partition(" ")
    shown = _bytes(given.strip()) if scheme.lower() == "basic" else b""
    return hmac.compare_digest(shown, base64.b64encode(f"{user}:{password}".encode()))


def _bytes(text: str) -> bytes:
    """A header's text as it came."""
    return text.encode(errors="surrogateescape")


def _pulled(scope: str) -> str:
    """The repository that the scope asks to pull from; empty for none."""
    kind, _, rest = scope.partition(":")
    name, _, actions = rest.rpartition(":")
    return name if kind == "repository" and "pull" in actions.split(",") else ""
