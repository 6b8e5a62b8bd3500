"""Images for tests: the probe with files under /deployments, pushed to a lab's registry, looked after and taken away."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from pullscope.base.errors import UsageError
from pullscope.content.memory import MemoryStore
from pullscope.images import build, layers, probe
from pullscope.images.context import Context
from pullscope.oci import reference
from pullscope.oci.documents import Descriptor
from pullscope.oci.reference import InvalidReferenceError, Reference
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient

Files = Path | Mapping[str, bytes] | str
"""A directory, or files by their names, or the name of one web archive whose content does not matter."""


@dataclass(frozen=True)
class Image:
    """An image that was pushed. As text it is its `name`, as pods have it: a tag, which may lead elsewhere later.

    `digest` is what it leads to now, and `pinned` the name that leads there for ever.
    """

    name: str
    digest: str

    @property
    def pinned(self) -> str:
        return f"{self.name.rpartition(':')[0]}@{self.digest}"

    def __str__(self) -> str:
        return self.name


def make(store: MemoryStore, files: Files, repository: str) -> Descriptor:
    """Put the probe with `files` under /deployments into `store`. Raises UsageError for a directory that cannot be used.

    An archive whose content does not matter is another one in each repository: tests that share a node must not share images.
    """
    if isinstance(files, str):
        files = {files: f"{files} of {repository}\n".encode()}
    if not isinstance(files, Path):
        return probe.variant(store, files)
    return build.extend(store, probe.base(store), [layers.write(store, Context(files).placed(probe.DEPLOYMENTS))])


def name_in(registry: str, name: str) -> Reference:
    """The image `name` in that registry, which the name need not begin with. Raises UsageError."""
    text = name if name.startswith(f"{registry}/") else f"{registry}/{name}"
    try:
        return reference.parse(text).with_default_tag()
    except InvalidReferenceError as error:
        raise UsageError(f"{name} is not the name of an image: {error}") from error


async def push(name: Reference, store: MemoryStore, root: Descriptor) -> None:
    """Push what `root` leads to under that name."""
    async with _client(name.registry) as client:
        await transfer.push(client, name, store, root)


async def untag(name: Reference) -> None:
    """Delete a tag, or a manifest by its digest. Raises ManifestUnknownError."""
    async with _client(name.registry) as client:
        await client.delete_manifest(name.repository, str(name.locator))


async def requests(registry: str, repository: str, since: int) -> list[dict[str, Any]]:
    """What the registry was asked after record `since`."""
    async with _client(registry) as client:
        return await client.access_log(repository, since=since) or []


@contextlib.asynccontextmanager
async def _client(registry: str) -> AsyncIterator[RegistryClient]:
    async with aiohttp.ClientSession() as session:
        yield RegistryClient(session, registry)
