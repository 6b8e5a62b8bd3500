"""Look at an image in its registry and say what OpenShift would keep of it: documents only, never a layer.

Upstream: openshift-apiserver 4.22 pkg/image/apiserver/importer/importer.go (what is kept, and the sentences of failures:
formatPingError, formatRepositoryError). Of an index, import mode Legacy keeps the one image that this cluster can run;
PreserveOriginal keeps the index and all its images.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pullscope.content import api as content
from pullscope.content.memory import MemoryStore
from pullscope.kube import status
from pullscope.kube.status import ApiError
from pullscope.oci import documents, platform
from pullscope.oci import errors as spec
from pullscope.oci.documents import Descriptor, ImageConfig, Index, InvalidDocumentError, Manifest
from pullscope.oci.platform import Platform
from pullscope.oci.reference import Reference
from pullscope.openshift import dockerimage
from pullscope.openshift.dockerimage import Image
from pullscope.remote import errors
from pullscope.remote.client import Fetched, RegistryClient
from pullscope.remote.errors import RemoteError
from pullscope.remote.registries import Place, Registries

_LARGEST_CONFIG = 4 << 20  # bytes
_Seen = TypeVar("_Seen")


@dataclass(frozen=True)
class Imported:
    """The Image that a tag shall point to; with an index that is kept whole, also those of its platforms."""

    image: Image
    parts: tuple[Image, ...] = ()


async def image(
    registries: Registries,
    name: Reference,
    platforms: Sequence[Platform],
    *,
    original: bool = False,
    insecure: bool = False,
) -> Imported:
    """What `name` is now, wherever it is found first. `original`: keep an index as it is; `insecure`: TLS need not be spoken.

    Raises RemoteError of the last place.
    """

    async def look(place: Place) -> Imported:
        return await _look(place, name, platforms, original=original)

    return await _first(registries, name, look, insecure=insecure)


async def tags(registries: Registries, name: Reference, *, insecure: bool = False) -> list[str]:
    """All tags of the repository that `name` is of, as they are told where it is found first. Raises RemoteError."""

    async def look(place: Place) -> list[str]:
        return await place.client.tags(place.reference.repository)

    return await _first(registries, name, look, insecure=insecure)


async def _first(
    registries: Registries, name: Reference, look: Callable[[Place], Awaitable[_Seen]], *, insecure: bool
) -> _Seen:
    *mirrors, source = registries.places(name.with_default_tag())
    for place in mirrors:
        try:
            return await look(place)
        except RemoteError:
            continue  # upstream: a mirror that fails is passed over, the source's answer counts
    try:
        return await look(source)
    except errors.TlsError:
        if not insecure:
            raise
    return await look(Place(registries.client(name, plain_http=True), source.reference))


async def _look(place: Place, name: Reference, platforms: Sequence[Platform], *, original: bool) -> Imported:
    repository = place.reference.repository
    root = await place.client.get_manifest(repository, str(place.reference.locator))
    document = _document(place.client, root)
    if isinstance(document, Manifest):
        return Imported(await _one(place, name, document))
    wanted = [entry for entry in document.manifests if entry.platform and entry.platform.os != "unknown"]
    if not original:
        chosen = platform.choose(document, platforms)
        if chosen is None:
            available = [entry.platform for entry in wanted if entry.platform]
            raise errors.PlatformError(place.client.host, platforms, available)
        return Imported(await _one(place, name, await _manifest(place, chosen)))
    parts = [await _one(place, name, await _manifest(place, entry)) for entry in wanted]
    return Imported(dockerimage.of_index(str(name.with_digest(document.digest)), document), tuple(parts))


async def _manifest(place: Place, entry: Descriptor) -> Manifest:
    fetched = await place.client.get_manifest(place.reference.repository, str(entry.digest))
    document = _document(place.client, fetched)
    if isinstance(document, Index):
        raise errors.ContentError(place.client.host, "the index leads to another index")
    return document


async def _one(place: Place, name: Reference, manifest: Manifest) -> Image:
    client, config = place.client, manifest.config
    if config.size > _LARGEST_CONFIG:
        raise errors.ContentError(client.host, f"the config is longer than {_LARGEST_CONFIG} bytes")
    store = MemoryStore()
    await client.get_blob(place.reference.repository, config.digest, store.writer(), size=config.size)
    try:
        parsed = ImageConfig.parse(content.get(store, config.digest), config.media_type)
    except InvalidDocumentError as error:
        raise errors.ContentError(client.host, f"config {config.digest}: {error}") from error
    return dockerimage.of_manifest(str(name.with_digest(manifest.digest)), manifest, parsed)


def _document(client: RegistryClient, fetched: Fetched) -> Manifest | Index:
    try:
        return documents.parse(fetched.raw, fetched.media_type)
    except InvalidDocumentError as error:
        raise errors.ContentError(client.host, f"manifest {fetched.digest}: {error}") from error


def refusal(name: Reference, error: RemoteError) -> ApiError:
    """Why an import failed, as the Status that stands in the import and in the tag's condition."""
    match error:
        case errors.ManifestUnknownError() | errors.StatusError(code=spec.NAME_UNKNOWN.code):
            details = {"name": str(name), "group": "image.openshift.io", "kind": "dockerimage"}
            return ApiError(404, "NotFound", f'dockerimage.image.openshift.io "{name}" not found', details)
        case errors.AuthenticationError() | errors.TokenRefusedError() | errors.StatusError(status=403):
            why = f'you may not have access to the container image "{name}"'
            return ApiError(401, "Unauthorized", why)
        case errors.TlsError(why=why) if "HTTP response" in why:
            return status.bad_request(
                f"the repository {name.name} is HTTP only and requires the insecure flag to import"
            )
        case errors.UnreachedError(why=why) | errors.ContentError(why=why):
            return status.internal(f"{name}: {why}")
        case errors.StatusError():
            return status.internal(f"{name}: {error.text or error.code or f'HTTP status {error.status}'}")
    return status.internal(f"{name}: {error.message}")
