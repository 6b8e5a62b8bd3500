"""Bodies and headers of registries' answers, read with care: bounded, and checked for what they promise."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, BinaryIO

import aiohttp
import orjson
from yarl import URL

from pullscope.content import streams
from pullscope.oci.digest import Digest, DigestError
from pullscope.remote import errors

Opener = Callable[[], BinaryIO]
Body = Callable[[], AsyncGenerator[bytes, None]]
Arrived = Callable[[int], None]
"""Told how many more bytes of a body have come."""
Resume = Callable[[int, errors.LostError], Awaitable[None]]
"""Told after how many bytes of a blob the connection broke, and how; returns when the rest is to be asked for, or raises."""

_LARGEST_PAGE = 16 << 20  # bytes of one page of a list, or of an access log


async def whole(response: aiohttp.ClientResponse, limit: int, host: str) -> bytes:
    """The answer's body. Raises ContentError when it is longer than `limit`."""
    body = bytearray()
    while data := await response.content.readany():
        body += data
        if len(body) > limit:
            raise errors.ContentError(host, f"the answer is longer than {limit} bytes")
    return bytes(body)


async def page(response: aiohttp.ClientResponse, host: str) -> dict[str, Any]:
    """The answer's body as a JSON object. Raises ContentError."""
    try:
        value = orjson.loads(await whole(response, _LARGEST_PAGE, host))
    except orjson.JSONDecodeError as error:
        raise errors.ContentError(host, "the answer is not JSON") from error
    if not isinstance(value, dict):
        raise errors.ContentError(host, "the answer is not a JSON object")
    return value


def unwatched(_: int) -> None:
    """`Arrived` for those whom nobody watches."""


async def give_up(_: int, lost: errors.LostError) -> None:
    """`Resume` for those who do not try again."""
    raise lost


async def skip(response: aiohttp.ClientResponse, count: int) -> None:
    """Pass over so many bytes of a body. Raises ClientPayloadError when it has no more."""
    while count:
        data = await response.content.read(min(count, streams.PIECE))
        if not data:
            raise aiohttp.ClientPayloadError("the answer is shorter than what was there before")
        count -= len(data)


def limited(
    response: aiohttp.ClientResponse, size: int | None, host: str, arrived: Arrived, *, taken: int = 0
) -> Callable[[], Awaitable[bytes]]:
    """Reads the answer's body, but with the `taken` bytes never more than `size`: ContentError. `arrived` is told of each piece."""

    async def read() -> bytes:
        nonlocal taken
        data = await response.content.readany()
        taken += len(data)
        if size is not None and taken > size:
            raise errors.ContentError(host, f"the blob is longer than the {size} bytes that its descriptor says")
        arrived(len(data))
        return data

    return read


def promised(reference: str, headers: Mapping[str, str]) -> Digest | None:
    """The digest that a manifest must have: the one asked for, else the one that the registry names, if any."""
    if ":" in reference:
        return Digest.parse(reference)
    try:
        return Digest.parse(headers.get("Docker-Content-Digest", ""))
    except DigestError:
        return None


def location(response: aiohttp.ClientResponse, host: str) -> str:
    """Where an upload goes on. Raises ContentError."""
    try:
        return str(response.url.join(URL(response.headers["Location"], encoded=True)))
    except (KeyError, ValueError) as error:
        raise errors.ContentError(host, "the answer does not say where to upload to") from error


def body(open_blob: Opener, wanted: range) -> Body:
    """Makes bodies of the bytes `wanted` of what `open_blob` opens."""

    async def pieces() -> AsyncGenerator[bytes, None]:
        with open_blob() as reader:
            reader.seek(wanted.start)
            for start in range(wanted.start, wanted.stop, streams.PIECE):
                yield await streams.in_thread(reader.read, min(streams.PIECE, wanted.stop - start))

    return pieces
