"""Whole images between a registry and a blob store: every document and blob that a reference leads to."""

import asyncio
from collections.abc import Awaitable, Callable, Container, MutableSet, Sequence
from dataclasses import dataclass
from functools import partial

from pullscope.content import api
from pullscope.content.api import BlobStore
from pullscope.oci import documents, platform
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor, ImageConfig, Index, Manifest
from pullscope.oci.platform import Platform
from pullscope.oci.reference import Reference
from pullscope.remote import errors
from pullscope.remote.client import Fetched, RegistryClient
from pullscope.remote.downloads import Downloads

_AT_ONCE = 3  # blobs under way, as docker does it
_LARGEST_CONFIG = 4 << 20  # bytes; containers/image reads no more either


@dataclass(frozen=True)
class Pulled:
    """An image that is in the store. `root_digest` is what the reference named: the index's or the manifest's."""

    manifest: Descriptor
    root_digest: Digest
    document: Manifest
    config: ImageConfig


async def pull(
    client: RegistryClient,
    reference: Reference,
    store: BlobStore,
    platforms: Sequence[Platform],
    *,
    have: Container[Digest] = (),
    downloads: Downloads | None = None,
) -> Pulled:
    """Bring the image for the first of `platforms` that there is one for into `store`, with its index.

    What is in the store, or among the layers that the caller says to `have`, is not downloaded; how far that is, `downloads`
    are told. Raises RemoteError; OSError when the disk is full.
    """
    downloads = downloads or Downloads()
    root = await client.get_manifest(reference.repository, _locator(reference))
    document = _document(client, root)
    chosen = root
    if isinstance(document, Index):
        chosen = await _choose(client, reference, document, platforms)
        document = _document(client, chosen)
    if not isinstance(document, Manifest):
        raise errors.ContentError(client.host, "the index leads to another index")
    if document.config.size > _LARGEST_CONFIG:
        raise errors.ContentError(client.host, f"the config is longer than {_LARGEST_CONFIG} bytes")
    layers = [layer for layer in document.layers if layer.digest not in have]
    wanted = [blob for blob in _distinct(document.config, *layers) if store.size(blob.digest) is None]
    downloads.begin(document.layers, wanted)
    await _each(wanted, partial(_fetch, client, reference.repository, store, downloads))
    config = _config(client, store, document)
    for fetched in (root, chosen):
        await asyncio.to_thread(api.put, store, fetched.raw, algorithm=fetched.digest.algorithm)
    manifest = Descriptor(document.media_type, chosen.digest, len(chosen.raw))
    return Pulled(manifest, root.digest, document, config)


async def push(
    client: RegistryClient,
    reference: Reference,
    store: BlobStore,
    root: Descriptor,
    *,
    known: MutableSet[Digest] | None = None,
) -> None:
    """Send what `root` (a manifest or an index in `store`) leads to, and name it `reference`.

    The registry gets blobs before the manifests that name them, and only those it lacks. It is not asked for those that are
    `known` to be in the repository; what it has in the end is added to them. Raises RemoteError, and
    content.api.BlobUnknownError when the store lacks a part.
    """
    pushing = _Pushing(client, reference.repository, store, set() if known is None else known)
    await pushing.push(root, _locator(reference))


@dataclass(frozen=True)
class _Pushing:
    """One image on its way into one repository."""

    client: RegistryClient
    repository: str
    store: BlobStore
    known: MutableSet[Digest]

    async def push(self, root: Descriptor, name: str) -> None:
        raw = api.get(self.store, root.digest)
        document = _document(self.client, Fetched(raw, root.media_type, root.digest))
        if isinstance(document, Index):
            for entry in document.manifests:
                await self.push(entry, str(entry.digest))
        else:
            blobs = _distinct(document.config, *document.layers)
            await _each([blob for blob in blobs if blob.digest not in self.known], self._push_blob)
        await self.client.put_manifest(self.repository, name, raw, document.media_type)

    async def _push_blob(self, blob: Descriptor) -> None:
        if not await self.client.blob_exists(self.repository, blob.digest):
            await self.client.put_blob(self.repository, blob, lambda: self.store.open(blob.digest))
        self.known.add(blob.digest)


async def _fetch(
    client: RegistryClient, repository: str, store: BlobStore, downloads: Downloads, blob: Descriptor
) -> None:
    """One blob, unless another pull has brought it meanwhile."""
    digest = blob.digest
    async with downloads.turn(digest):
        if store.size(digest) is None:
            arrived, resume = partial(downloads.arrived, digest), downloads.resuming()
            await client.get_blob(repository, digest, store.writer(), size=blob.size, arrived=arrived, resume=resume)
    downloads.finished(blob)


async def _choose(client: RegistryClient, reference: Reference, index: Index, platforms: Sequence[Platform]) -> Fetched:
    entry = platform.choose(index, platforms)
    if entry is None:
        available = [entry.platform for entry in index.manifests if entry.platform]
        raise errors.PlatformError(client.host, platforms, available)
    return await client.get_manifest(reference.repository, str(entry.digest))


async def _each(blobs: Sequence[Descriptor], work: Callable[[Descriptor], Awaitable[None]]) -> None:
    """Do the work for all, a few at a time; the first failure ends it and is raised as it is."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(blob: Descriptor) -> None:
        async with turns:
            await work(blob)

    try:
        async with asyncio.TaskGroup() as group:
            for blob in blobs:
                group.create_task(one(blob))
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from failed


def _distinct(*blobs: Descriptor) -> list[Descriptor]:
    return list({blob.digest: blob for blob in blobs}.values())


def _locator(reference: Reference) -> str:
    locator = reference.with_default_tag().locator
    assert locator is not None
    return locator


def _document(client: RegistryClient, fetched: Fetched) -> Manifest | Index:
    try:
        return documents.parse(fetched.raw, fetched.media_type)
    except documents.InvalidDocumentError as error:
        raise errors.ContentError(client.host, f"manifest {fetched.digest}: {error}") from error


def _config(client: RegistryClient, store: BlobStore, manifest: Manifest) -> ImageConfig:
    try:
        return ImageConfig.parse(api.get(store, manifest.config.digest), manifest.config.media_type)
    except documents.InvalidDocumentError as error:
        raise errors.ContentError(client.host, f"config {manifest.config.digest}: {error}") from error
