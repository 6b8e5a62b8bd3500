"""The OAuth server on the wire: `/oauth/…`, which nobody needs a token for.

Upstream: openshift/oauth-server (release 4.22) pkg/osinserver, pkg/oauth/handlers, pkg/server/headers and tokenrequest. There it
has a host of its own; here it is found under every name that the API server has.
"""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl

from aiohttp import web

from pullscope.apiserver import decoding, errors
from pullscope.apiserver.http import receiving
from pullscope.apiserver.http.site import Site
from pullscope.apiserver.oauth import clients, people, requests, server
from pullscope.apiserver.oauth.requests import Refusal
from pullscope.apiserver.oauth.server import Issued, LoginNeeded, Redirect
from pullscope.apiserver.rendering import encode

PREFIX, METADATA = server.PREFIX, server.METADATA_PATH
_HEADERS = {
    "Cache-Control": "no-cache, no-store, max-age=0, must-revalidate",
    "Pragma": "no-cache",
    "Expires": "0",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
}
# No browser can be tricked into sending it. Who sends it means to be asked for a password.
_CSRF = "X-CSRF-Token"
_CSRF_NEEDED = f"A non-empty {_CSRF} header is required to receive basic-auth challenges"
_CHALLENGE = 'Basic realm="openshift"'
_READING = ("GET", "HEAD")
_FORM = "application/x-www-form-urlencoded"
_FIELDS_MAX = 100
_IMPLICIT = """
You have reached this page by following a redirect Location header from an OAuth authorize request.

The answer to that request is in the Location header itself: a code among its parameters, to be redeemed at /oauth/token,
or, where response_type=token was asked for, the token in its fragment.
"""


def metadata(site: Site, request: web.Request) -> web.Response:
    """How to log in, for who asks under this name."""
    issuer = _issuer(site, request)
    return _misdirected(site) if issuer is None else _json(200, site.oauth.metadata(issuer))


async def answer(site: Site, request: web.Request) -> web.Response:
    """Whatever is below `/oauth/`."""
    issuer, page = _issuer(site, request), _PAGES.get(request.path)
    if issuer is None:
        return _misdirected(site)
    return errors.not_served() if page is None else await page(site, request, issuer)


def _issuer(site: Site, request: web.Request) -> str | None:
    return site.oauth.issuer(request.headers.get("Host", ""))


async def _authorize(site: Site, request: web.Request, issuer: str) -> web.Response:
    if request.method not in _READING:
        return _wrong_method()
    credentials = people.basic(request.headers.get("Authorization"))
    match await site.oauth.authorize(request.query.items(), issuer, credentials):
        case Redirect(location):
            return _text(302, "", Location=location)
        case LoginNeeded() if request.headers.get(_CSRF):
            return _text(401, "", **{"WWW-Authenticate": _CHALLENGE})
        case LoginNeeded():
            return _text(401, f"{_CSRF_NEEDED}\n", Warning=f'199 Origin "{_CSRF_NEEDED}"')
        case Refusal() as refusal:
            return _refused(refusal)


async def _redeem(site: Site, request: web.Request, issuer: str) -> web.Response:
    """A code comes in a body: a URL would end up in logs."""
    if request.method != "POST":
        return _refused(Refusal(requests.INVALID_REQUEST))
    body = await receiving.body(site, request)
    credentials = people.basic(request.headers.get("Authorization"))
    match await site.oauth.redeem(_form(body, request.headers.get("Content-Type")), issuer, credentials):
        case Issued() as issued:
            return _json(200, dict(issued.fields))
        case Refusal() as refusal:
            return _refused(refusal)


async def _explain(_site: Site, request: web.Request, _issuer: str) -> web.Response:
    """Where answers are sent. Clients read where, and do not come."""
    return _text(200, _IMPLICIT) if request.method in _READING else _wrong_method()


_PAGES: Mapping[str, Callable[[Site, web.Request, str], Awaitable[web.Response]]] = {
    server.AUTHORIZE_PATH: _authorize,
    server.TOKEN_PATH: _redeem,
    clients.IMPLICIT_PATH: _explain,
}


def _form(body: bytes, content_type: str | None) -> list[tuple[str, str]]:
    """The fields of a form; none of what is no form."""
    if decoding.media_type(content_type) != _FORM:
        return []
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_FIELDS_MAX)
    except ValueError:
        return []


def _refused(refusal: Refusal) -> web.Response:
    if refusal.redirect_uri:
        return _text(302, "", Location=requests.location(refusal.redirect_uri, refusal.fields))
    return _json(400, dict(refusal.fields))


def _misdirected(site: Site) -> web.Response:
    """Under a name that is not the server's nobody is sent anywhere: it may be somebody else's."""
    names = ", ".join(site.oauth.hosts)
    return _text(421, f"This server takes logins under its own names only: {names}\n")


def _wrong_method() -> web.Response:
    return _text(405, "Method not allowed\n")


def _text(code: int, text: str, **headers: str) -> web.Response:
    return web.Response(status=code, text=text, headers={**_HEADERS, **headers})


def _json(code: int, document: dict[str, object]) -> web.Response:
    return web.Response(status=code, body=encode(document), content_type="application/json", headers=_HEADERS)
