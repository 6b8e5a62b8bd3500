"""GET of one object and of many."""

from aiohttp import web

from pullscope.apiserver import options, selection
from pullscope.apiserver.endpoints import Endpoint
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.http.site import Site
from pullscope.apiserver.negotiation import Form
from pullscope.apiserver.rendering import Renderer, encode
from pullscope.kube import causes, status
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource

_HEADERS = {"Cache-Control": "no-cache, private"}
_LIST_OPTIONS = Resource("meta.k8s.io", "", "listoptions", "ListOptions")
_INCLUDED = ("Metadata", "None", "Object")


def response(body: bytes, code: int = 200) -> web.Response:
    """A JSON answer."""
    return web.Response(status=code, body=body, content_type="application/json", headers=_HEADERS)


async def one(site: Site, endpoint: Endpoint, context: Context, form: Form) -> web.Response:
    obj = await site.requests.get(endpoint, context)
    return response(encode(shown(site, endpoint, context, form, obj)))


def shown(site: Site, endpoint: Endpoint, context: Context, form: Form, obj: Object) -> Object:
    """The object in the form that was asked for; Scales and Statuses have only their own."""
    if not endpoint.whole or obj.get("kind") != endpoint.resource.kind:
        return obj
    return renderer(site, endpoint, context, form).one(obj)


def renderer(site: Site, endpoint: Endpoint, context: Context, form: Form) -> Renderer:
    include = context.parameters.get("includeObject") or "Metadata"
    if include not in _INCLUDED:
        raise status.bad_request(f"unrecognized includeObject value: {causes.quote(include)}")
    return Renderer(endpoint.kind, form, site.clock.now(), include=include)


async def many(site: Site, endpoint: Endpoint, context: Context, form: Form) -> web.Response:
    """A list. It is always whole (`limit` is a wish) and always as of now."""
    if context.parameters.get("continue"):
        raise status.bad_request("invalid continue token: lists are given whole")
    wanted = selected(endpoint, context)
    render = renderer(site, endpoint, context, form)
    listing = await site.requests.list(endpoint, context, wanted)
    _check_version(context, listing.revision)
    return response(render.listing(listing))


def selected(endpoint: Endpoint, context: Context) -> selection.Selection:
    """The request's selectors; a name in the path of a watch is one."""
    parameters = context.parameters
    named = f"metadata.name={context.name}" if context.name else ""
    fields = ",".join(text for text in (parameters.get("fieldSelector", ""), named) if text)
    return selection.parse(parameters.get("labelSelector", ""), fields, endpoint.kind.selectable)


def version_of(context: Context) -> int | None:
    """`resourceVersion` as a number; None when it is not given. Raises ApiError 400 when it is none."""
    text = context.parameters.get("resourceVersion", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise status.bad_request(
            f"Invalid value: {causes.quote(text)}: strconv.ParseUint: parsing {causes.quote(text)}: invalid syntax"
        )
    return int(text)


def _check_version(context: Context, current: int) -> None:
    """What a list asks about versions: not of the future, and of the past only what is still the present."""
    asked, match = version_of(context), context.parameters.get("resourceVersionMatch", "")
    problems = []
    if options.boolean(context.parameters, "sendInitialEvents"):
        problems.append(causes.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    if match and asked is None:
        why = "resourceVersionMatch is forbidden unless resourceVersion is provided"
        problems.append(causes.forbidden("resourceVersionMatch", why))
    elif match not in ("", "Exact", "NotOlderThan"):
        problems.append(causes.not_supported("resourceVersionMatch", match, ["Exact", "NotOlderThan", ""]))
    if problems:
        raise status.invalid(_LIST_OPTIONS, "", problems)
    if asked is not None and asked > current:
        raise status.too_large_resource_version(asked, current)
    if match == "Exact" and asked != current:
        raise status.expired(f"The resourceVersion for the provided list is too old: {asked} ({current})")
