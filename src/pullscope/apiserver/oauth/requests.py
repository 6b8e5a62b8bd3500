"""What is asked with the parameters of a URL or a form, and how a no reads. Pure.

Upstream: openshift/osin (authorize.go, access.go, error.go) as openshift/oauth-server configures it: the same order of
checks, the same words. Stricter here: redirect URIs must be the client's to the letter (upstream lets them go on below it),
and a parameter may come once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from pullscope.apiserver.oauth import clients, pkce
from pullscope.apiserver.oauth.clients import Client
from pullscope.apiserver.oauth.grants import Grant
from pullscope.apiserver.oauth.people import Credentials
from pullscope.apiserver.oauth.pkce import Challenge
from pullscope.apiserver.oauth.tokens import SCOPE

Pairs = Iterable[tuple[str, str]]

INVALID_REQUEST, UNAUTHORIZED_CLIENT, INVALID_GRANT = "invalid_request", "unauthorized_client", "invalid_grant"
ACCESS_DENIED, UNSUPPORTED_GRANT_TYPE = "access_denied", "unsupported_grant_type"
UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type"
_DESCRIPTIONS = {
    INVALID_REQUEST: "The request is missing a required parameter, includes an invalid parameter value, includes a parameter "
    "more than once, or is otherwise malformed.",
    UNAUTHORIZED_CLIENT: "The client is not authorized to request a token using this method.",
    UNSUPPORTED_RESPONSE_TYPE: "The authorization server does not support obtaining a token using this method.",
    UNSUPPORTED_GRANT_TYPE: "The authorization grant type is not supported by the authorization server.",
    INVALID_GRANT: "The provided authorization grant (e.g., authorization code, resource owner credentials) or refresh token "
    "is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to "
    "another client.",
}


@dataclass(frozen=True)
class Refusal:
    """A no. With `redirect_uri` it is told there, else to who asks."""

    error: str
    description: str = ""
    state: str = ""
    redirect_uri: str = ""

    @property
    def fields(self) -> Mapping[str, str]:
        description = self.description or _DESCRIPTIONS[self.error]
        state = {"state": self.state} if self.state else {}
        return {"error": self.error, "error_description": description, **state}


@dataclass(frozen=True)
class Authorization:
    """A request for a code, or (`wants_token`) for a token at once."""

    client: Client
    redirect_uri: str
    wants_token: bool
    state: str
    challenge: Challenge | None


@dataclass(frozen=True)
class Redemption:
    """A request for the token that a code stands for."""

    client: Client
    redirect_uri: str
    code: str = field(repr=False)
    verifier: str = field(repr=False)


def authorization(pairs: Pairs, issuer: str) -> Authorization | Refusal:
    """What is asked of `/oauth/authorize`. Nobody is sent anywhere before the redirect URI was found among the client's."""
    given = _once(pairs)
    if given is None:
        return Refusal(INVALID_REQUEST)
    state, client = given.get("state", ""), clients.registered(issuer).get(given.get("client_id", ""))
    if client is None:
        return Refusal(UNAUTHORIZED_CLIENT, state=state)
    redirect_uri = given.get("redirect_uri") or client.redirect_uris[0]
    if redirect_uri not in client.redirect_uris:
        return Refusal(INVALID_REQUEST, state=state)
    if (wrong := _wrong(given)) is not None:
        return Refusal(*wrong, state, redirect_uri)
    wants_token = given["response_type"] == "token"
    return Authorization(client, redirect_uri, wants_token, state, None if wants_token else _challenge(given))


def _once(pairs: Pairs) -> Mapping[str, str] | None:
    """The parameters by name; None when one comes more than once."""
    listed = list(pairs)
    given = dict(listed)
    return given if len(given) == len(listed) else None


def _wrong(given: Mapping[str, str]) -> tuple[str, str] | None:
    """What the client is told at its redirect URI: error and description."""
    response_type, challenge = given.get("response_type", ""), _challenge(given)
    if response_type not in ("code", "token"):
        return UNSUPPORTED_RESPONSE_TYPE, ""
    if response_type == "code" and challenge is not None:
        if challenge.method not in pkce.METHODS:
            return INVALID_REQUEST, "code_challenge_method transform algorithm not supported (rfc7636)"
        if not pkce.is_well_formed(challenge.value):
            return INVALID_REQUEST, "code_challenge invalid (rfc7636)"
    if denied := sorted({*given.get("scope", "").split()} - {SCOPE}):
        return ACCESS_DENIED, f"scope denied: {' '.join(denied)}"
    return None


def _challenge(given: Mapping[str, str]) -> Challenge | None:
    value = given.get("code_challenge")
    return Challenge(value, given.get("code_challenge_method") or pkce.PLAIN) if value else None


def redemption(pairs: Pairs, issuer: str, credentials: Credentials | None) -> Redemption | Refusal:
    """What is asked of `/oauth/token`; `credentials` are the client's, which it may also send as parameters."""
    given = _once(pairs)
    if given is None:
        return Refusal(INVALID_REQUEST)
    if given.get("grant_type") != "authorization_code":
        return Refusal(UNSUPPORTED_GRANT_TYPE)
    if given.get("client_id") and "client_secret" in given:
        credentials = Credentials(given["client_id"], given["client_secret"])
    if credentials is None:
        return Refusal(INVALID_REQUEST)
    if not given.get("code"):
        return Refusal(INVALID_GRANT)
    client = clients.registered(issuer).get(credentials.username)
    if client is None or credentials.password:
        return Refusal(UNAUTHORIZED_CLIENT)
    redirect_uri = given.get("redirect_uri") or client.redirect_uris[0]
    return Redemption(client, redirect_uri, given["code"], given.get("code_verifier", ""))


def refusal(asked: Redemption, grant: Grant | None, now: datetime) -> Refusal | None:
    """Why the code does not get its token; None when it does."""
    if grant is None:
        return Refusal(UNAUTHORIZED_CLIENT)
    if grant.expires < now or grant.client != asked.client.name:
        return Refusal(INVALID_GRANT)
    if grant.redirect_uri != asked.redirect_uri:
        return Refusal(INVALID_REQUEST)
    if grant.challenge is not None:
        if not pkce.is_well_formed(asked.verifier):
            return Refusal(INVALID_REQUEST)
        if not grant.challenge.is_met_by(asked.verifier):
            return Refusal(INVALID_GRANT)
    return None


def location(redirect_uri: str, fields: Mapping[str, str], *, fragment: bool = False) -> str:
    """Where a client is sent with an answer. The fields are encoded, whatever they hold."""
    return f"{redirect_uri}{'#' if fragment else '?'}{urlencode(sorted(fields.items()))}"
