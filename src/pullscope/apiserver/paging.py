"""Lists piece by piece and as of a revision: `limit`, `continue`, `resourceVersion` and `resourceVersionMatch`.

A token says where the next piece begins and as of which revision, so that all pieces together are one consistent list. When
that revision is forgotten the list ends with 410, and a token with which it can go on as of now.

Upstream: k8s.io/apiserver v0.36 pkg/storage/continue.go, pkg/storage/etcd3 (store.go, errors.go), pkg/storage/cacher, and
k8s.io/apimachinery v0.36 pkg/apis/meta/internalversion/validation.
"""

import base64
import binascii
import bisect
import itertools
import operator
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from pullscope.apiserver import options
from pullscope.apiserver.selection import Selection
from pullscope.apiserver.store.records import Listing, Stored
from pullscope.kube import causes, status
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError, Cause

_LIST_OPTIONS = Resource("meta.k8s.io", "", "listoptions", "ListOptions")
_EXACT, _NOT_OLDER = "Exact", "NotOlderThan"
_TOKEN_VERSION = "meta.k8s.io/v1"  # noqa: S105 (the version of a format, no secret)
_NEWEST = -1
_UINT64_DIGITS = 20
_NAME = operator.attrgetter("key.name")
_KEY = operator.attrgetter("key.namespace", "key.name")
_AFTER = "\0"  # a name followed by it comes after the name, and before every other
_TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the "
    "continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing "
    "with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the "
    "time the first chunk was returned and now may show up in the list."
)


@dataclass(frozen=True)
class Page:
    """A piece of a list: at most `limit` objects (0: any number) from `start` on (empty: from the first).

    It is as of `revision`, or, when that is None, as of now, which must not be before `minimum`.
    """

    limit: int = 0
    start: str = ""
    revision: int | None = None
    minimum: int = 0


ALL = Page()
"""The whole list as it is."""


def asked(parameters: Mapping[str, str]) -> Page:
    """Which piece a request asks for. Raises ApiError 400 or 422 in upstream's words."""
    problems = list(_problems(parameters))
    if problems:
        raise status.invalid(_LIST_OPTIONS, "", problems)
    limit, token = max(options.integer(parameters, "limit") or 0, 0), parameters.get("continue", "")
    version, match = parameters.get("resourceVersion", ""), parameters.get("resourceVersionMatch", "")
    if token:
        start, revision = _decoded(token)
        if version not in ("", "0"):
            raise status.bad_request("specifying resource version is not allowed when using continue")
        return Page(limit, start, revision if revision > 0 else None)
    number = revision_of(version, "invalid resource version: ")
    if match == _EXACT or (not match and limit and number):
        return Page(limit, revision=number)
    if version == "0" and not match:
        return ALL  # as from upstream's watch cache, which knows no limit
    return Page(limit, minimum=number)


def _problems(parameters: Mapping[str, str]) -> Iterator[Cause]:
    version, match = parameters.get("resourceVersion", ""), parameters.get("resourceVersionMatch", "")
    if match:
        field = "resourceVersionMatch"
        if not version:
            yield causes.forbidden(field, "resourceVersionMatch is forbidden unless resourceVersion is provided")
        if parameters.get("continue"):
            yield causes.forbidden(field, "resourceVersionMatch is forbidden when continue is provided")
        if match not in (_EXACT, _NOT_OLDER):
            yield causes.not_supported(field, match, [_EXACT, _NOT_OLDER, ""])
        if match == _EXACT and version == "0":
            yield causes.forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
    if "sendInitialEvents" in parameters:
        yield causes.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list")


def revision_of(text: str, prefix: str = "") -> int:
    """A `resourceVersion` as a number, 0 when it is empty. Raises ApiError 400, `prefix` before its sentence."""
    if not text:
        return 0
    why = "invalid syntax"
    if text.isascii() and text.isdigit():
        if len(text) <= _UINT64_DIGITS and int(text) < 1 << 64:
            return int(text)
        why = "value out of range"
    reason = f"strconv.ParseUint: parsing {causes.quote(text)}: {why}"
    raise status.bad_request(f"{prefix}{causes.invalid('resourceVersion', text, reason)}")


@dataclass(frozen=True)
class Start:
    """Where a watch begins: after the revision `since` (None: now), or with what there is (`initial`)."""

    since: int | None
    initial: bool


def watch_start(parameters: Mapping[str, str]) -> Start:
    """Where the watch that a request asks for begins. Raises ApiError 400 or 422 in upstream's words."""
    problems = list(_watch_problems(parameters))
    if problems:
        raise status.invalid(_LIST_OPTIONS, "", problems)
    version = revision_of(parameters.get("resourceVersion", ""))
    initial = options.boolean(parameters, "sendInitialEvents") if "sendInitialEvents" in parameters else not version
    return Start(None if initial else version or None, initial)


def _watch_problems(parameters: Mapping[str, str]) -> Iterator[Cause]:
    match, field = parameters.get("resourceVersionMatch", ""), "resourceVersionMatch"
    if "sendInitialEvents" in parameters:
        if match != _NOT_OLDER:
            yield causes.forbidden(field, f"sendInitialEvents requires setting resourceVersionMatch to {_NOT_OLDER}")
    elif match:
        why = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        yield causes.forbidden(field, why)
    if match and match != _NOT_OLDER:
        yield causes.not_supported(field, match, [_NOT_OLDER])
    if match and parameters.get("continue"):
        yield causes.forbidden(field, "resourceVersionMatch is forbidden when continue is provided")


def check_minimum(minimum: int, current: int) -> None:
    """Raises ApiError 504 when what is asked for must be newer than it is."""
    if minimum > current:
        raise status.too_large_resource_version(minimum, current)


def cut(listing: Listing, page: Page, selection: Selection, *, everywhere: bool) -> Listing:
    """The piece of `listing` that is asked for. `everywhere`: it is about several namespaces, and tokens name them."""
    items = listing.items
    if page.start:
        place, key = (_place(page.start), _KEY) if everywhere else (page.start, _NAME)
        items = items[bisect.bisect_left(items, place, key=key) :]
    matching = (stored for stored in items if selection.matches(stored))
    if not page.limit:
        return Listing(list(matching), listing.revision)
    found = list(itertools.islice(matching, page.limit + 1))
    if len(found) <= page.limit:
        return Listing(found, listing.revision)
    token = _encoded(_start_after(found[page.limit - 1], everywhere=everywhere), listing.revision)
    remaining = len(items) - page.limit if selection.everything else None
    return Listing(found[: page.limit], listing.revision, token, remaining)


def too_old(page: Page) -> ApiError:
    """410 for a token whose revision is forgotten, with one that goes on as of now."""
    error = status.expired(_TOO_OLD)
    error.metadata = {"continue": _encoded(page.start, _NEWEST)}
    return error


def _place(start: str) -> tuple[str, str]:
    """The namespace and name that a token's start means among those of all namespaces."""
    namespace, _, name = start.partition("/")
    return namespace, name


def _start_after(stored: Stored, *, everywhere: bool) -> str:
    name = stored.key.name + _AFTER
    return f"{stored.key.namespace}/{name}" if everywhere else name


# Tokens


def _encoded(start: str, revision: int) -> str:
    token = orjson.dumps({"v": _TOKEN_VERSION, "rv": revision, "start": start})
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode()


def _decoded(token: str) -> tuple[str, int]:
    """Where a piece begins and as of which revision (negative: now)."""
    try:
        read: Any = orjson.loads(base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True))
        version, revision, start = read["v"], read["rv"], read["start"]
    except (binascii.Error, ValueError, TypeError, KeyError) as error:
        raise _invalid(f"continue key is not valid: {error}") from None
    if version != _TOKEN_VERSION:
        raise _invalid(f"continue key is not valid: server does not recognize this encoded version {version}")
    if not isinstance(revision, int) or revision == 0:
        raise _invalid(f"continue key is not valid: incorrect encoded start resourceVersion (version {_TOKEN_VERSION})")
    if not isinstance(start, str) or not start:
        raise _invalid(f"continue key is not valid: encoded start key empty (version {_TOKEN_VERSION})")
    rooted = start if start.startswith("/") else f"/{start}"
    if posixpath.normpath(rooted) != rooted:
        raise _invalid(f"continue key is not valid: {start}")
    return rooted[1:], revision


def _invalid(why: str) -> ApiError:
    return status.bad_request(f"invalid continue token: {why}")
