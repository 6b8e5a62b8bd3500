"""A user name and a password in, a token out: OAuth's code flow with PKCE, asked as `oc login` asks it.

It knows no kubeconfig and no screen. `forget` ends a login again, as `oc logout` does.
Upstream: openshift/library-go pkg/oauth/tokenrequest (request_token.go), openshift/oc release 4.22 pkg/cli/{login,logout}.
"""

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import orjson

from pullscope.clusters import transport
from pullscope.clusters.kubeconfig import Access
from pullscope.clusters.transport import Answer, Transport
from pullscope.kube.status import ApiError
from pullscope.oc.errors import OcError

METADATA = "/.well-known/oauth-authorization-server"
_CLIENT = "openshift-challenging-client"
_TOKENS = "/apis/oauth.openshift.io/v1/oauthaccesstokens"
_MARK = {"X-CSRF-Token": "1"}  # no browser that was tricked into this
_PREFIX = "sha256~"


class LoginFailedError(OcError):
    """The server does not take the name and the password."""


@dataclass(frozen=True)
class _Endpoints:
    """Where the OAuth server is: URLs."""

    issuer: str
    authorize: str
    token: str


async def token(access: Access, username: str, password: str) -> str:
    """A token for that user; of `access` the server counts, and how to trust it.

    Raises LoginFailedError, OcError for what is no OAuth server as OpenShift's, UnreachableError.
    """
    async with transport.open_transport(replace(access, authorization=None, certificate=None, key=None)) as http:
        endpoints = await _endpoints(http)
    verifier = secrets.token_urlsafe(96)
    redirect_uri = f"{endpoints.issuer}/oauth/token/implicit"
    asked = {
        "client_id": _CLIENT,
        "code_challenge": _encoded(hashlib.sha256(verifier.encode()).digest()),
        "code_challenge_method": "S256",
        "redirect_uri": redirect_uri,
        "response_type": "code",
    }
    async with _at(access, endpoints.authorize) as (http, path):
        await http.ask("HEAD", "/", headers={})
        code = await _code(http, f"{path}?{urlencode(asked)}", _basic(username, password))
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier, "redirect_uri": redirect_uri}
    async with _at(access, endpoints.token) as (http, path):
        return await _redeemed(http, path, form)


async def forget(http: Transport, given: str) -> None:
    """End the login of a token: the server takes it no more. One that the server does not keep is none of its logins."""
    try:
        await http.request("DELETE", f"{_TOKENS}/{name_of(given)}", body=orjson.dumps(_deletion()))
    except ApiError as error:
        if error.code != 404:
            raise


def name_of(given: str) -> str:
    """The name of the object by which a server keeps a token."""
    return _PREFIX + _encoded(hashlib.sha256(given.removeprefix(_PREFIX).encode()).digest())


def _deletion() -> Mapping[str, str]:
    return {"kind": "DeleteOptions", "apiVersion": "oauth.openshift.io/v1"}


async def _endpoints(http: Transport) -> _Endpoints:
    answer = await http.ask("GET", METADATA, headers=_MARK)
    if answer.code != 200:
        raise OcError(f"couldn't get {http.server}{METADATA}: unexpected response status {answer.code}")
    told = _json(answer)
    found = [told.get(field) for field in ("issuer", "authorization_endpoint", "token_endpoint")]
    if not all(isinstance(each, str) and urlsplit(each).scheme == "https" for each in found):
        raise OcError(f"{http.server}{METADATA} names no OAuth server")
    return _Endpoints(*map(str, found))


async def _code(http: Transport, path: str, credentials: str) -> str:
    """The code in the redirection, after the challenge was met."""
    answer = await http.ask("GET", path, headers=_MARK)
    if answer.code == 401 and answer.headers.get("WWW-Authenticate", "").lower().startswith("basic"):
        answer = await http.ask("GET", path, headers={**_MARK, "Authorization": credentials})
    if answer.code == 401:
        raise LoginFailedError(
            "Login failed (401 Unauthorized)", hint="Verify you have provided the correct credentials."
        )
    if answer.code == 400:
        raise _refused(_json(answer))
    if answer.code != 302:
        raise OcError(f"unexpected response: {answer.code}")
    fields = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers.get("Location", "")).query).items()}
    if "error" in fields:
        raise _refused(fields)
    if not fields.get("code"):
        raise OcError("the server logs people in by a page for browsers: use the real oc, or --token")
    return fields["code"]


async def _redeemed(http: Transport, path: str, form: Mapping[str, str]) -> str:
    headers = {
        "Accept": "application/json",
        "Authorization": _basic(_CLIENT, ""),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    answer = await http.ask("POST", path, headers=headers, body=urlencode(form).encode())
    told = _json(answer)
    if "error" in told:
        raise _refused(told)
    if answer.code != 200 or not isinstance(told.get("access_token"), str):
        raise OcError(f"unexpected response: {answer.code}")
    return str(told["access_token"])


@asynccontextmanager
async def _at(access: Access, url: str) -> AsyncIterator[tuple[Transport, str]]:
    """A connection to where a URL is, which may be another host than the API's, and the URL's path.

    Its certificate may be of an authority that the system trusts, or of the cluster's.
    """
    parts = urlsplit(url)
    here = f"{parts.scheme}://{parts.netloc}" == access.server
    plain = replace(access, authorization=None, certificate=None, key=None, server=f"{parts.scheme}://{parts.netloc}")
    other = plain if here else replace(plain, server_name=None, public=True)
    async with transport.open_transport(other) as http:
        yield http, quote(parts.path, safe="/%")


def _refused(fields: Mapping[str, object]) -> OcError:
    return OcError(f"{fields.get('error', '')} {fields.get('error_description', '')}".strip())


def _json(answer: Answer) -> Mapping[str, object]:
    """The object in the answer; an empty one when it is none."""
    try:
        value = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _basic(username: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
