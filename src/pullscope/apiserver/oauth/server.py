"""The OAuth server: requests in, answers out. `http.login` puts them on the wire."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pullscope.apiserver import making
from pullscope.apiserver.authorization import MASTER
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.oauth import pkce, requests, tokens
from pullscope.apiserver.oauth.clients import Client
from pullscope.apiserver.oauth.grants import Grants
from pullscope.apiserver.oauth.people import Credentials, People
from pullscope.apiserver.oauth.requests import Authorization, Pairs, Refusal
from pullscope.apiserver.resources import oauth_access_tokens, users
from pullscope.apiserver.services import Services
from pullscope.apiserver.store import records
from pullscope.kube import resources, status
from pullscope.kube.api import Object

METADATA_PATH = "/.well-known/oauth-authorization-server"
PREFIX, AUTHORIZE_PATH, TOKEN_PATH = "/oauth/", "/oauth/authorize", "/oauth/token"
_MANAGER = "oauth-server"
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?")


@dataclass(frozen=True)
class Redirect:
    """The client is sent there, with its answer."""

    location: str = field(repr=False)


@dataclass(frozen=True)
class LoginNeeded:
    """Nobody, or nobody who can log in, has asked."""


@dataclass(frozen=True)
class Issued:
    """A new token, as it is answered."""

    token: str = field(repr=False)

    @property
    def fields(self) -> Mapping[str, str | int]:
        life: Mapping[str, int] = {"expires_in": tokens.LIFE_SECONDS}
        return {"access_token": self.token, **life, "scope": tokens.SCOPE, "token_type": "Bearer"}


class OAuthServer:
    """`hosts` are the names of this server: under no other are clients sent anywhere."""

    def __init__(self, services: Services, people: People, hosts: Collection[str]) -> None:
        self._services = services
        self._people = people
        self.hosts = hosts
        self._grants = Grants(services.clock)

    def issuer(self, host: str) -> str | None:
        """The server's URL as a client typed it, by its header Host; None when that is no name of this server."""
        matched = _HOST.fullmatch(host.lower())
        return f"https://{host.lower()}" if matched and matched[1].strip("[]") in self.hosts else None

    def metadata(self, issuer: str) -> Object:
        """What a client needs to know to log in (RFC 8414)."""
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}{AUTHORIZE_PATH}",
            "token_endpoint": f"{issuer}{TOKEN_PATH}",
            "scopes_supported": [tokens.SCOPE],
            "response_types_supported": ["code", "token"],
            "grant_types_supported": ["authorization_code", "implicit"],
            "code_challenge_methods_supported": list(pkce.METHODS),
        }

    async def authorize(
        self, pairs: Pairs, issuer: str, credentials: Credentials | None
    ) -> Redirect | LoginNeeded | Refusal:
        """Give the client a code, or a token, for the person whose credentials these are."""
        asked = requests.authorization(pairs, issuer)
        if isinstance(asked, Refusal):
            return asked
        user = self._people.login(credentials) if credentials is not None else None
        return LoginNeeded() if user is None else await self._authorized(asked, user.username)

    async def _authorized(self, asked: Authorization, username: str) -> Redirect:
        if not asked.wants_token:
            code = self._grants.add(username, asked.client.name, asked.redirect_uri, asked.challenge)
            return Redirect(requests.location(asked.redirect_uri, {"code": code, "state": asked.state}))
        issued = await self._issue(username, asked.client, asked.redirect_uri)
        fields = {name: str(value) for name, value in issued.fields.items()}
        state = {"state": asked.state} if asked.state else {}
        return Redirect(requests.location(asked.redirect_uri, {**fields, **state}, fragment=True))

    async def redeem(self, pairs: Pairs, issuer: str, credentials: Credentials | None) -> Issued | Refusal:
        """The token that a code stands for; the code is spent, whatever comes of it."""
        asked = requests.redemption(pairs, issuer, credentials)
        if isinstance(asked, Refusal):
            return asked
        grant = self._grants.take(asked.code)
        refused = requests.refusal(asked, grant, self._services.clock.now())
        if grant is None or refused is not None:
            return refused or Refusal(requests.UNAUTHORIZED_CLIENT)
        return await self._issue(grant.username, asked.client, grant.redirect_uri, code=asked.code)

    async def _issue(self, username: str, client: Client, redirect_uri: str, *, code: str = "") -> Issued:
        user, token = await self._known(username), tokens.new()
        obj = {
            "metadata": {"name": tokens.name_of(token)},
            "clientName": client.name,
            "expiresIn": tokens.LIFE_SECONDS,
            "scopes": [tokens.SCOPE],
            "redirectURI": redirect_uri,
            "userName": username,
            "userUID": user["metadata"]["uid"],
        }
        if code:
            obj["authorizeToken"] = tokens.name_of(code)
        await making.make(self._services, oauth_access_tokens.KIND, Context(MASTER), obj, manager=_MANAGER)
        return Issued(token)

    async def _known(self, username: str) -> Object:
        """The User, made at the first login."""
        key = records.key(resources.USERS, None, username)
        while (stored := self._services.store.find(key)) is None:
            obj = {"metadata": {"name": username}}
            try:
                return await making.make(self._services, users.KIND, Context(MASTER), obj, manager=_MANAGER)
            except status.ApiError as error:  # another login was faster
                if error.reason != "AlreadyExists":
                    raise
        return stored.object()
