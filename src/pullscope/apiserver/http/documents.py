"""Paths that name no object: discovery, version, health, metrics, OpenAPI, how to log in."""

import hashlib

from aiohttp import web

from pullscope.apiserver import discovery, errors, paths, version
from pullscope.apiserver.authentication import account_tokens
from pullscope.apiserver.http import health, login
from pullscope.apiserver.http.site import Site
from pullscope.apiserver.rendering import encode
from pullscope.apiserver.schemas import openapi, openapi2
from pullscope.base import metrics
from pullscope.kube.api import Object

OPENAPI = "/openapi/v3"
_OPENAPI_2 = "/openapi/v2"
_OPENID_CONFIGURATION = "/.well-known/openid-configuration"
_OPENID = (_OPENID_CONFIGURATION, account_tokens.KEYS)
_PATHS = (login.METADATA, *_OPENID, *health.PATHS, "/metrics", _OPENAPI_2, OPENAPI, "/version")
_PRIVATE = {"Cache-Control": "no-cache, private"}


def answer(site: Site, request: web.Request, path: paths.ApiPath | None) -> web.Response:
    """The document of a path; 404 in plain text when there is none."""
    document: Object | None
    match path:
        case paths.RootPath(core):
            return _root(site, request, core=core)
        case paths.GroupPath(group):
            document = site.discovery.group(group)
        case paths.VersionPath(group, version_name):
            document = site.discovery.resources(group, version_name)
        case _ if request.path in _OPENID:
            return _openid(site, request)
        case _ if request.path == login.METADATA:
            return login.metadata(site, request)
        case _ if request.path == "/":
            document = {"paths": sorted([*site.discovery.paths(), *_PATHS])}
        case _ if request.path == _OPENAPI_2:
            return _openapi_2(site, request)
        case _:
            return _other(site, request)
    return errors.not_served() if document is None else _json(document)


def _other(site: Site, request: web.Request) -> web.Response:
    path = request.path.rstrip("/")
    if path == "/version":
        return _json(version.document())
    if path == "/metrics":
        headers = {"Content-Type": metrics.CONTENT_TYPE}
        return web.Response(body=site.meters.text().encode(), headers={**_PRIVATE, **headers})
    query = {name: request.query.getall(name) for name in request.query}
    if (health_told := health.told(path, query)) is not None:
        return web.Response(text=health_told, headers={**_PRIVATE, "X-Content-Type-Options": "nosniff"})
    if path == OPENAPI:
        return _openapi_index(site, request)
    if path.startswith(f"{OPENAPI}/"):
        return _openapi(site, request, path.removeprefix(f"{OPENAPI}/"))
    return errors.not_served()


def _openapi_index(site: Site, request: web.Request) -> web.Response:
    """Which documents there are. Plain text with a date, as Go's file server takes it for: clients ask by that date."""
    since, known = site.since.replace(microsecond=0), request.if_modified_since
    if known is not None and since <= known:
        answer = web.Response(status=304, headers=_PRIVATE)
    else:
        body = encode(openapi.index(site.endpoints))
        answer = web.Response(body=body, headers={**_PRIVATE, "Content-Type": "text/plain; charset=utf-8"})
    answer.last_modified = since
    return answer


def _openapi(site: Site, request: web.Request, name: str) -> web.Response:
    """The document of one group and version. Its URL carries its hash, so that clients may keep it for ever."""
    served = [endpoint for endpoint in site.endpoints if openapi.path(endpoint.resource) == name]
    if not served:
        return errors.not_served()
    digest = openapi.digest(served)
    if request.query.get("hash", digest) != digest:
        raise web.HTTPMovedPermanently(f"{OPENAPI}/{name}?hash={digest}")
    body = openapi.document(served, version=version.git_version())
    answer = _tagged(request, body, "application/json", cache="public, immutable")
    answer.last_modified = site.since
    return answer


def _root(site: Site, request: web.Request, *, core: bool) -> web.Response:
    aggregated = discovery.wanted(request.headers.get("Accept"))
    if aggregated is not None:
        body = encode(site.discovery.aggregated(core=core, version=aggregated))
        return _tagged(request, body, discovery.content_type(aggregated))
    return _json(site.discovery.versions(request.host) if core else site.discovery.groups())


def _tagged(request: web.Request, body: bytes, content_type: str, *, cache: str = "public") -> web.Response:
    """An answer that clients keep: with an ETag, and 304 for those who have it."""
    tag = f'"{hashlib.sha512(body).hexdigest().upper()}"'
    headers = {"Cache-Control": cache, "ETag": tag, "Vary": "Accept"}
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, headers={**headers, "Content-Type": content_type})


def _openapi_2(site: Site, request: web.Request) -> web.Response:
    """The little of it that there is, in the form that is asked for."""
    if openapi2.ASKED in request.headers.get("Accept", ""):
        return _tagged(request, openapi2.protobuf(site.endpoints, version.git_version()), openapi2.ANSWERED)
    return _tagged(request, encode(openapi2.document(site.endpoints, version.git_version())), "application/json")


def _openid(site: Site, request: web.Request) -> web.Response:
    """What verifiers of service accounts' tokens ask for, and may keep for an hour."""
    if request.path == _OPENID_CONFIGURATION:
        document, content_type = account_tokens.configuration(request.host), "application/json"
    else:
        document, content_type = site.services.authenticator.accounts.signer.key_set(), "application/jwk-set+json"
    headers = {"Cache-Control": "public, max-age=3600", "Content-Type": content_type}
    return web.Response(body=encode(document), headers=headers)


def _json(document: Object) -> web.Response:
    return web.Response(body=encode(document), content_type="application/json", headers=_PRIVATE)
