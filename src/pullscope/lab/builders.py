"""What builds are made with: the image of their pods in the lab's registry, by its digest."""

import functools

import aiohttp

from pullscope.content.memory import MemoryStore
from pullscope.images import builder
from pullscope.oci import reference
from pullscope.oci.documents import Descriptor
from pullscope.oci.reference import Reference
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient

REPOSITORY = "pullscope/builder"


def name(registry: str) -> Reference:
    """The image's name in the registry of that address."""
    _, made = _image()
    return reference.parse(f"{registry}/{REPOSITORY}").with_digest(made.digest)


async def push(session: aiohttp.ClientSession, registry: str) -> None:
    """Push the image unless it is there."""
    client, wanted = RegistryClient(session, registry), name(registry)
    if await client.head_manifest(REPOSITORY, str(wanted.digest)) is None:
        await transfer.push(client, wanted, *_image())


@functools.cache  # the same few kilobytes in every lab
def _image() -> tuple[MemoryStore, Descriptor]:
    store = MemoryStore()
    return store, builder.image(store)
