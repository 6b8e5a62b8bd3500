"""Requests for objects: the HTTP method and the path decide the verb."""

from collections.abc import Mapping
from dataclasses import replace

from aiohttp import web

from pullscope.apiserver import authorization, errors, managing, negotiation, options, paths
from pullscope.apiserver.authorization import Attributes
from pullscope.apiserver.endpoints import Endpoint, unknown
from pullscope.apiserver.handlers import Connecter, Context, Proxy, Receiver, Streamer
from pullscope.apiserver.http import reading, streaming, upgrading, uploading, watching, writing
from pullscope.apiserver.http.site import Site
from pullscope.kube import causes
from pullscope.kube.api import UserInfo
from pullscope.kube.resources import ENDPOINTS, Resource
from pullscope.kube.status import ApiError

_COLLECTION = {"POST": writing.create, "DELETE": writing.delete_collection}
_NAMED = {"PUT": writing.update, "PATCH": writing.patch, "DELETE": writing.delete}
_PART = {**_NAMED, "POST": writing.create}
_OVER_THE_POD_NETWORK = ("pods/portforward", "pods/proxy", "services/proxy")
_MANY = ("list", "watch", "deletecollection")
_DEPRECATED = f"/{ENDPOINTS.plural}"


async def answer(site: Site, request: web.Request, user: UserInfo, path: paths.ResourcePath) -> web.StreamResponse:
    """Find the endpoint of `path` and let the method's function answer. Who may not is told so before anything is read."""
    asked = _asked(request, user, path)
    site.requests.authorize(asked)
    endpoint = site.endpoints.find(path.group, path.version, path.plural, path.subresource)
    if endpoint is None or not _fits(endpoint, path):
        return _missing(site, path)
    if isinstance(endpoint.handler, Connecter):
        return await _connected(site, request, endpoint.handler, asked)
    parameters = dict(request.query)
    if request.method == "GET":
        context = Context(user, path.namespace, path.name, parameters=parameters)
        if isinstance(endpoint.handler, Proxy):
            return await reading.proxied(site, endpoint, context, "/".join(path.rest))
        return await _read(site, request, endpoint, context)
    writes = _PART if path.subresource else _NAMED if path.name else _COLLECTION
    nowhere = endpoint.resource.namespaced and path.namespace is None
    if nowhere or request.method not in writes or paths.verb(request.method, path, watch=False) not in endpoint.verbs:
        raise errors.wrong_method()
    dry_run = request.method != "DELETE" and options.dry_run(parameters, options.NAMES[request.method])
    manager = managing.manager_of(_manager(request.method, parameters), request.headers.get("User-Agent", ""))
    place = (path.namespace, path.name)
    context = Context(user, *place, dry_run, parameters, subresource=path.subresource, manager=manager)
    if isinstance(endpoint.handler, Receiver):
        return await uploading.answer(site, request, endpoint.handler, context)
    return await writes[request.method](site, request, endpoint, context)


async def warn(site: Site, request: web.Request, response: web.StreamResponse) -> None:
    """Say in the head of any answer that what was asked for is deprecated."""
    if _DEPRECATED not in request.path:  # most requests: nothing to parse
        return
    path = paths.parse(request.path)
    if isinstance(path, paths.ResourcePath):
        endpoint = site.endpoints.find(path.group, path.version, path.plural)
        if endpoint is not None and endpoint.kind.deprecated:
            response.headers.add("Warning", f"299 - {causes.quote(endpoint.kind.deprecated)}")


async def _connected(site: Site, request: web.Request, handler: Connecter, asked: Attributes) -> web.StreamResponse:
    """Streams. A GET needs the right to `create` them too, since 1.35 (AuthorizePodWebsocketUpgradeCreatePermission)."""
    if request.method not in ("GET", "POST"):
        raise errors.wrong_method()
    site.requests.authorize(replace(asked, verb="create"))
    return await upgrading.answer(site, request, handler, Context(asked.user, asked.namespace, asked.name))


def _manager(method: str, parameters: Mapping[str, str]) -> str:
    """The `fieldManager` of a write; patches check theirs when it is known what patches they are."""
    if method in ("POST", "PUT"):
        return options.field_manager(parameters, options.NAMES[method])
    return parameters.get("fieldManager", "")


def _asked(request: web.Request, user: UserInfo, path: paths.ResourcePath) -> Attributes:
    resource = Resource(path.group, path.version, path.plural, path.plural)
    verb = paths.verb(request.method, path, watch=options.boolean(request.query, "watch"))
    asked = authorization.of_request(user, verb, resource, path.subresource, path.namespace, path.name)
    return asked if path.name or verb not in _MANY else replace(asked, name=_selected_name(request))


def _selected_name(request: web.Request) -> str:
    """The one name that a list, a watch or a deletion by field selector is about: who may see only it may ask so."""
    for term in request.query.get("fieldSelector", "").split(","):
        field, _, name = term.partition("=")
        if field == "metadata.name":
            return name.removeprefix("=")
    return ""


async def _read(site: Site, request: web.Request, endpoint: Endpoint, context: Context) -> web.StreamResponse:
    if isinstance(endpoint.handler, Streamer):
        return await streaming.answer(site, request, endpoint, context)
    form = negotiation.form(request.headers.get("Accept"))
    if options.boolean(context.parameters, "watch"):
        return await watching.answer(site, request, endpoint, context, form)
    if context.name:
        return await reading.one(site, endpoint, context, form)
    return await reading.many(site, request, endpoint, context, form)


def _fits(endpoint: Endpoint, path: paths.ResourcePath) -> bool:
    """Whether the path has a namespace exactly where the resource has; a list may leave it out. Proxies go deeper."""
    if path.rest and not isinstance(endpoint.handler, Proxy):
        return False
    if not endpoint.resource.namespaced:
        return path.namespace is None
    return path.namespace is not None or not path.name


def _missing(site: Site, path: paths.ResourcePath) -> web.Response:
    """404, in the form that upstream has for what is missing: the group, the resource, or a part of it."""
    if not site.discovery.has(path.group, path.version):
        return errors.not_served()
    if path.subresource and site.endpoints.find(path.group, path.version, path.plural) is not None:
        raise _part_not_served(path)
    raise unknown()


def _part_not_served(path: paths.ResourcePath) -> ApiError:
    part = f"{path.plural}/{path.subresource}"
    why = ", for there is no pod network" if part in _OVER_THE_POD_NETWORK else ""
    message = f"the server could not find the requested resource: {part} is not served here{why}"
    return ApiError(404, "NotFound", message, {})
