"""Lists in pages, decoded one by one into the few fields that are wanted.

A page that is too long to hold (annotations may be megabytes) is asked for again with fewer objects, down to one.
Upstream: k8s.io/apimachinery v0.36 metav1 ListOptions (limit, continue; 410 Expired with a token to go on without).
"""

from collections.abc import AsyncIterator
from typing import Protocol, TypeVar

import msgspec

from pullscope.base.errors import UnreachableError
from pullscope.clusters.errors import TooLongError
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError
from pullscope.why.collect import shapes

T = TypeVar("T")

PAGE = 500
"""Objects in a page: kubectl's own size."""
LARGEST = 64 << 20
"""Bytes of one answer."""


class Reader(Protocol):
    """The part of `clusters.cluster.Cluster` that is needed."""

    async def read(self, path: str, params: dict[str, str] | None = None, *, largest: int | None = None) -> bytes: ...


async def pages(
    cluster: Reader,
    resource: Resource,
    namespace: str | None,
    shape: type[T],
    *,
    labels: str = "",
    fields: str = "",
) -> AsyncIterator[list[T]]:
    """The objects in their `shape`, page by page. Raises ApiError, UnreachableError."""
    decoder = msgspec.json.Decoder(shapes.Page[shape])  # type: ignore[valid-type]  # a value at run time
    params = {"labelSelector": labels, "fieldSelector": fields, "limit": str(PAGE)}
    params = {name: value for name, value in params.items() if value}
    while True:
        try:
            page = decode(
                decoder, await cluster.read(resource.path(namespace), params, largest=LARGEST), resource.plural
            )
        except TooLongError:
            if params["limit"] == "1":
                raise
            params["limit"] = str(max(1, int(params["limit"]) // 8))
            continue
        except ApiError as error:
            if error.code != 410 or not error.metadata.get("continue"):
                raise
            params["continue"] = error.metadata["continue"]  # what is left, as it is now
            continue
        yield page.items or []
        if not page.metadata.continue_:
            return
        params["continue"] = page.metadata.continue_


async def everything(
    cluster: Reader, resource: Resource, namespace: str | None, shape: type[T], *, labels: str = "", fields: str = ""
) -> list[T]:
    """All objects of a list that is known to be small. Raises as `pages` does."""
    found: list[T] = []
    async for page in pages(cluster, resource, namespace, shape, labels=labels, fields=fields):
        found += page
    return found


async def one(cluster: Reader, resource: Resource, namespace: str | None, name: str, shape: type[T]) -> T:
    """A single object. Raises ApiError, UnreachableError."""
    body = await cluster.read(resource.path(namespace, name), largest=LARGEST)
    return decode(msgspec.json.Decoder(shape), body, f"{resource.singular} {name}")


def decode(decoder: "msgspec.json.Decoder[T]", body: bytes, what: str) -> T:
    """The body in the decoder's shape. Raises UnreachableError when it is something else (a proxy's page)."""
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        hint = "is this an API server?"
        raise UnreachableError(f"what the server answered about {what} cannot be read: {error}", hint=hint) from error
