"""Credentials for registries: Basic, and Bearer tokens from a token service (distribution "token" specification).

A registry says with a 401 what it wants; the answer is remembered, so that only the first request of a kind is
refused. With an identity token the service is asked the OAuth2 way (`grant_type=refresh_token`), as docker does.
"""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
import orjson
from yarl import URL

from pullscope.remote import errors

_SCHEME = re.compile(r"\s*([A-Za-z]+)\s+(.*)")
_PARAMETER = re.compile(r'([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_CLIENT = "pullscope"
_LARGEST = 1 << 20  # bytes of a token service's answer


class Credentials(Protocol):
    """What `cri.api.AuthConfig` holds: either username and password, or an identity token."""

    @property
    def username(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def identity_token(self) -> str: ...


@dataclass(frozen=True)
class Challenge:
    """One `WWW-Authenticate` header: its scheme in lower case, and its parameters."""

    scheme: str
    parameters: Mapping[str, str]


def parse(header: str) -> Challenge | None:
    """Read a `WWW-Authenticate` header; None when it is none."""
    found = _SCHEME.match(header)
    if not found:
        return None
    parameters = {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
        for name, quoted, plain in _PARAMETER.findall(found[2])
    }
    return Challenge(found[1].lower(), parameters)


def reaches_too_little(headers: Iterable[str]) -> bool:
    """Whether a challenge says that the token is good for less than what was asked for (RFC 6750, `insufficient_scope`)."""
    return any(
        challenge.scheme == "bearer" and challenge.parameters.get("error") == "insufficient_scope"
        for header in headers
        if (challenge := parse(header))
    )


class Authenticator:
    """Answers the challenges of one registry for one set of credentials."""

    def __init__(self, session: aiohttp.ClientSession, host: str, credentials: Credentials | None) -> None:
        self._session = session
        self._host = host
        self._credentials = credentials
        self._basic = ""
        self._tokens: dict[str, str] = {}  # by the kind of request that they were given for

    def header(self, purpose: str) -> dict[str, str]:
        """The `Authorization` to try for requests of that purpose; nothing when none is known to be wanted."""
        if purpose in self._tokens:
            return {"Authorization": f"Bearer {self._tokens[purpose]}"}
        return {"Authorization": self._basic} if self._basic else {}

    def has_token(self, purpose: str) -> bool:
        """Whether a token is shown for requests of that purpose."""
        return purpose in self._tokens

    async def answer(self, purpose: str, headers: list[str], shown: str) -> bool:
        """Prepare `header` for what a 401 asked for; False when there is nothing but what was `shown` already.

        Raises TokenRefusedError, or UnreachedError for the token service.
        """
        challenges = {challenge.scheme: challenge for header in headers if (challenge := parse(header))}
        if bearer := challenges.get("bearer"):
            self._tokens[purpose] = await self._token(bearer.parameters)
            return True
        if "basic" in challenges and self._credentials and self._credentials.username:
            self._basic = _basic(self._credentials)
            return shown != self._basic
        return False

    async def _token(self, parameters: Mapping[str, str]) -> str:
        try:
            realm = URL(parameters["realm"])
        except (KeyError, ValueError) as error:
            raise self._refused(401, "its challenge names no token service") from error
        scope = {key: parameters[key] for key in ("service", "scope") if key in parameters}
        try:
            async with self._ask(realm, scope) as response:
                status, body = response.status, await response.content.read(_LARGEST)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise errors.unreached(realm.authority, error) from error
        fields = _object(body)
        token = fields.get("token") or fields.get("access_token")
        if status != 200 or not isinstance(token, str):
            raise self._refused(status, "the token service gave no token")
        return token

    def _ask(self, realm: URL, scope: Mapping[str, str]) -> "aiohttp.client._RequestContextManager":
        credentials = self._credentials
        if credentials and credentials.identity_token:
            form = {"grant_type": "refresh_token", "refresh_token": credentials.identity_token, "client_id": _CLIENT}
            return self._session.post(realm, data=form | dict(scope))
        headers = {"Authorization": _basic(credentials)} if credentials and credentials.username else {}
        account = {"account": credentials.username} if credentials and credentials.username else {}
        return self._session.get(realm.update_query(account | dict(scope)), headers=headers)

    def _refused(self, status: int, what: str) -> errors.TokenRefusedError:
        refused = errors.TokenRefusedError(self._host, what, status=status)
        given = self._credentials
        refused.anonymous = not (given and (given.username or given.identity_token))
        return refused


def _basic(credentials: Credentials) -> str:
    pair = f"{credentials.username}:{credentials.password}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
