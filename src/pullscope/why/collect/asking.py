"""One reference, asked of one registry with one set of credentials: what it means, and what there is to know about that.

One HEAD tells the digest. A GET follows where that leaves a question: registries answer a HEAD without words, some refuse
one that they would answer as a GET (405, or 404 for a manifest that is there). What is received is checked by its digest.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Literal, NamedTuple

from pullscope.content import api as content
from pullscope.content.memory import MemoryStore
from pullscope.oci import documents, media
from pullscope.oci.documents import Descriptor, ImageConfig, Index, InvalidDocumentError, Manifest
from pullscope.oci.reference import Reference
from pullscope.remote import errors
from pullscope.remote.client import RegistryClient
from pullscope.remote.errors import RemoteError, StatusError
from pullscope.why.collect import imagestreams, redact
from pullscope.why.collect.pacing import Pace
from pullscope.why.facts import RegistryImage

USUAL = "linux/amd64"
"""The platform of an index whose image is looked at, where no node's is known."""

_LARGEST_CONFIG = 4 << 20  # bytes


class Looked(NamedTuple):
    """What a GET told: the image, and where its config is (None for an index)."""

    image: RegistryImage
    config: Descriptor | None


async def head(client: RegistryClient, pace: Pace, name: Reference) -> RegistryImage:
    """What the reference means: its digest alone, or all that a GET tells. Raises RemoteError."""
    try:
        async with pace.turn():
            found = await client.head_manifest(name.repository, str(name.locator))
    except StatusError as error:
        if error.status == 429:
            raise
        found = None
    return RegistryImage("found", str(found.digest)) if found else (await get(client, pace, name)).image


async def get(client: RegistryClient, pace: Pace, name: Reference) -> Looked:
    """The reference with its index's entries, or with its config's digest. Raises RemoteError."""
    return _looked(await _document(client, pace, name.repository, str(name.locator)))


async def with_age(
    client: RegistryClient, pace: Pace, repository: str, looked: Looked, platforms: Collection[str]
) -> RegistryImage:
    """The image with the time at which it was made: that of the entry for one of the platforms. Raises RemoteError."""
    config = looked.config
    if config is None and (entry := _chosen(looked.image, platforms)):
        config = _looked(await _document(client, pace, repository, entry)).config
    created = await _created(client, pace, repository, config) if config else ""
    return replace(looked.image, created=imagestreams.time_of(created))


def _chosen(index: RegistryImage, platforms: Collection[str]) -> str:
    """The digest of the manifest to look at; empty where there is none."""
    wanted = (*sorted(platforms), USUAL, "")
    found = (digest for each in wanted for key, digest in index.manifests.items() if key.startswith(each))
    return next(found, "")


async def _document(client: RegistryClient, pace: Pace, repository: str, locator: str) -> Manifest | Index:
    async with pace.turn():
        fetched = await client.get_manifest(repository, locator)
    try:
        return documents.parse(fetched.raw, fetched.media_type)
    except InvalidDocumentError as error:
        raise errors.ContentError(client.host, f"manifest {fetched.digest}: {error}") from error


def _looked(document: Manifest | Index) -> Looked:
    digest = str(document.digest)
    if isinstance(document, Manifest):
        return Looked(RegistryImage("found", digest, config=str(document.config.digest)), document.config)
    manifests: dict[str, str] = {}
    for entry in document.manifests:
        if entry.platform and entry.platform.os != "unknown":  # attestations are for no platform
            manifests.setdefault(str(entry.platform), str(entry.digest))
    return Looked(RegistryImage("found", digest, manifests=manifests), None)


async def _created(client: RegistryClient, pace: Pace, repository: str, config: Descriptor) -> str:
    """The time in an image's config; empty for an artifact's, and for one that cannot be read."""
    if config.size > _LARGEST_CONFIG or config.media_type not in (media.OCI_CONFIG, media.DOCKER_CONFIG):
        return ""
    store = MemoryStore()
    async with pace.turn():
        await client.get_blob(repository, config.digest, store.writer(), size=config.size)
    try:
        return ImageConfig.parse(content.get(store, config.digest), config.media_type).created
    except InvalidDocumentError:
        return ""


def failure(error: RemoteError) -> RegistryImage:
    """What a registry's refusal, or its silence, says of the reference."""
    said = error.said if isinstance(error, StatusError) else getattr(error, "why", error.message)
    return RegistryImage(_status(error), error=redact.text(said))


def _status(
    error: RemoteError,
) -> Literal["no tag", "no repository", "unauthorised", "rate limited", "unreachable", "invalid"]:
    match error:
        case errors.StatusError(status=429):
            return "rate limited"
        case errors.AuthenticationError() | errors.TokenRefusedError() | errors.StatusError(status=403):
            return "unauthorised"
        case errors.ManifestUnknownError():
            return "no tag"
        case errors.StatusError(status=404):
            return "no repository"
        case errors.ContentError() | errors.StatusError(status=400 | 405 | 406 | 415):
            return "invalid"
        case _:
            return "unreachable"
