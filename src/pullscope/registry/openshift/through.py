"""Images that a stream only refers to: passed through from the registry where they are.

Manifests are read there each time; blobs are kept here once they were asked for, so that they outlive their source.

Upstream: openshift/image-registry release 4.22 pkg/dockerregistry/server (pullthroughmanifestservice.go,
pullthroughblobstore.go) with `mirrorpullthrough`.
"""

import asyncio
import contextlib

from pullscope.kube.api import Object
from pullscope.oci import errors as spec
from pullscope.oci import reference
from pullscope.oci.digest import Digest
from pullscope.oci.errors import RegistryError
from pullscope.oci.reference import Reference
from pullscope.openshift import streams
from pullscope.openshift.names import INTERNAL_REGISTRY
from pullscope.registry.openshift.cluster import Cluster
from pullscope.registry.store import Registry
from pullscope.remote import errors
from pullscope.remote.client import Fetched
from pullscope.remote.errors import RemoteError
from pullscope.remote.registries import Registries


class Through:
    """The way to where images really are."""

    def __init__(self, registry: Registry, cluster: Cluster, registries: Registries) -> None:
        self._registry = registry
        self._cluster = cluster
        self._registries = registries

    async def manifest(self, item: Object) -> Fetched | None:
        """The manifest of a stream's item from its source, None when it is (or was) in this registry. Raises RegistryError."""
        name = _elsewhere(item)
        if name is None:
            return None
        failure: RemoteError | None = None
        for place in self._registries.places(name):
            try:
                return await place.client.get_manifest(place.reference.repository, item["image"])
            except RemoteError as error:
                failure = error
        assert failure is not None  # there is always a last place
        raise _told(failure)

    async def blob(self, repository: str, stream: Object, digest: Digest) -> None:
        """Bring a blob of one of the stream's imported images here; nothing happens when none has it. Raises RegistryError."""
        item = await self._holder(stream, digest)
        name = _elsewhere(item) if item else None
        if name is None:
            return
        for place in self._registries.places(name):
            with contextlib.suppress(errors.RemoteError):
                writer = self._registry.blobs.writer()
                await place.client.get_blob(place.reference.repository, digest, writer)
                await asyncio.to_thread(self._registry.link, repository, digest)
                return
        raise spec.BLOB_UNKNOWN.error({"digest": str(digest)})

    async def _holder(self, stream: Object, digest: Digest) -> Object | None:
        """The item of the stream whose image has that blob."""
        seen = set()
        for tag in streams.tags(stream):
            for item in streams.history(stream, tag):
                if item["image"] in seen:
                    continue
                seen.add(item["image"])
                image = await self._cluster.image(item["image"])
                if image is not None and str(digest) in _blobs(image):
                    return item
        return None


def _blobs(image: Object) -> set[str]:
    config = (image.get("dockerImageMetadata") or {}).get("Id", "")
    return {config, *(layer["name"] for layer in image.get("dockerImageLayers") or ())}


def _elsewhere(item: Object) -> Reference | None:
    """Where an item's image is, when that is another registry."""
    name = reference.parse(item["dockerImageReference"])
    return None if name.registry == INTERNAL_REGISTRY else name


def _told(error: RemoteError) -> RegistryError:
    """Upstream: a source that does not have it is MANIFEST_UNKNOWN, any other trouble is the registry's own."""
    if isinstance(error, errors.ManifestUnknownError):
        return spec.MANIFEST_UNKNOWN.error()
    return RegistryError(500, "UNKNOWN", f"unknown error: {error.message}")
