"""What every request handler gets, and how answers are made."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from aiohttp import web

from pullscope.content.streams import Piece
from pullscope.oci import errors
from pullscope.oci.digest import Digest, DigestError
from pullscope.registry.routes import Route
from pullscope.registry.sessions import Sessions
from pullscope.registry.store import Page, Registry

JSON = "application/json"

T = TypeVar("T")

Write = Callable[[Piece], Awaitable[None]]
Sending = Callable[[Piece, Write], Awaitable[None]]

_PAGE = 1000  # entries of a list when the client names no number, and at most


async def _plainly(data: Piece, write: Write) -> None:
    await write(data)


@dataclass
class Call:
    """One request to an endpoint. `sent` counts the bytes of a streamed answer's body, `sending` sends each of its pieces."""

    registry: Registry
    sessions: Sessions
    request: web.Request
    route: Route
    sent: int = 0
    sending: Sending = _plainly


def as_json(value: Any, *, headers: Mapping[str, str] | None = None) -> web.Response:
    """200 with a JSON body."""
    return web.Response(body=orjson.dumps(value), content_type=JSON, headers=headers)


def failure(error: errors.RegistryError) -> web.Response:
    """The answer that says `error`."""
    return web.Response(status=error.status, body=error.body(), content_type=JSON)


def digest(text: str) -> Digest:
    """The digest that a path or query names. Raises DIGEST_INVALID."""
    try:
        return Digest.parse(text)
    except DigestError as error:
        raise errors.DIGEST_INVALID.error({"digest": text}, message=str(error)) from error


def page_size(request: web.Request) -> int:
    """The `n` of a list request. Raises PAGINATION_NUMBER_INVALID."""
    text = request.query.get("n", str(_PAGE))
    if not (text.isascii() and text.isdigit()):
        raise errors.PAGINATION_NUMBER_INVALID.error({"n": text})
    return min(int(text[:9]), _PAGE)


def link(request: web.Request, page: Page[T], name: Callable[[T], str] = str) -> dict[str, str]:
    """The `Link` header to the next page (RFC 5988); none after the last one. `name` is what an item is listed by."""
    if not page.more or not page.items:
        return {}
    url = request.rel_url.update_query(last=name(page.items[-1]), n=str(len(page.items)))
    return {"Link": f'<{url}>; rel="next"'}
