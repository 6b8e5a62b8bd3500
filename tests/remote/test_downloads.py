"""What a pull tells of its downloads, and two pulls that want the same layer."""

import asyncio
from collections import defaultdict

from tests.remote.conftest import NotingClient
from tests.remote.test_transfer import AMD64, SHARED, image

from pullscope.content.memory import MemoryStore
from pullscope.oci import reference
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor
from pullscope.remote import transfer
from pullscope.remote.downloads import Downloads


def blob(content: bytes) -> Descriptor:
    return Descriptor.of("text/plain", content)


def seen(downloads: Downloads) -> tuple[int | None, int, int, int]:
    return downloads.layers, downloads.layers_done, downloads.total, downloads.done


def test_bytes_are_those_that_were_lacking() -> None:
    there, first, second, config = blob(b"there"), blob(b"first"), blob(b"second"), blob(b"{}")
    downloads = Downloads()
    assert seen(downloads) == (None, 0, 0, 0)
    downloads.begin([there, first, second, first], [first, second, config])
    assert seen(downloads) == (3, 1, 13, 0)
    downloads.arrived(first.digest, 2)
    downloads.arrived(second.digest, 1)
    assert seen(downloads) == (3, 1, 13, 3)
    downloads.finished(first)
    downloads.finished(config)
    assert seen(downloads) == (3, 2, 13, 8)
    downloads.begin([there, first, second], [second])  # from another place
    assert seen(downloads) == (3, 2, 6, 0)


async def test_a_pull_counts_what_it_downloads(client: NotingClient) -> None:
    source, target = MemoryStore(), MemoryStore()
    first, second = image(source, AMD64, SHARED, b"one"), image(source, AMD64, SHARED, b"two" * 50)
    name = reference.parse(f"{client.host}/team/app:v1")
    for tag, made in (("v1", first), ("v2", second)):
        await transfer.push(client, name.with_tag(tag), source, made.descriptor)
    whole = Downloads()
    await transfer.pull(client, name, target, [AMD64], downloads=whole)
    assert seen(whole) == (2, 2, *[len(SHARED) + 3 + first.config.size] * 2)
    rest = Downloads()
    await transfer.pull(client, name.with_tag("v2"), target, [AMD64], downloads=rest)
    assert seen(rest) == (2, 2, 150, 150)


async def test_two_pulls_at_once_download_a_layer_once(client: NotingClient) -> None:
    source, target = MemoryStore(), MemoryStore()
    name = reference.parse(f"{client.host}/team/app:v1")
    for tag, own in (("v1", b"one"), ("v2", b"two")):
        await transfer.push(client, name.with_tag(tag), source, image(source, AMD64, SHARED, own).descriptor)
    turns: dict[Digest, asyncio.Lock] = defaultdict(asyncio.Lock)
    pulls = [Downloads(turns.__getitem__), Downloads(turns.__getitem__)]
    await asyncio.gather(
        *(
            transfer.pull(client, name.with_tag(tag), target, [AMD64], downloads=downloads)
            for tag, downloads in zip(("v1", "v2"), pulls, strict=True)
        )
    )
    assert client.downloaded.count(Digest.of(SHARED)) == 1
    assert all(downloads.done == downloads.total for downloads in pulls)
