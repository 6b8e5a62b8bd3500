"""What `oc adm prune images` asks to be removed.

`DELETE /admin/blobs/DIGEST`, when no image has a blob any more, or no stream an image. Content is shared with the registry's
plain face: a manifest goes from the repository that it was pushed to as an image, with its blobs; a blob goes from
repositories in which no manifest has it.

Manifests and blobs of a repository, when its stream has forgotten them: they stay as long as another stream, which was
tagged from this one, has its image here.

Upstream: openshift/image-registry release 4.22 pkg/dockerregistry/server (blobhandler.go, auth.go).
"""

import asyncio
import contextlib
from collections.abc import Iterable

from aiohttp import web

from pullscope.oci import errors, reference
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Index
from pullscope.oci.errors import RegistryError
from pullscope.openshift import pruning, streams
from pullscope.openshift.names import INTERNAL_REGISTRY
from pullscope.registry import calls
from pullscope.registry.calls import Call
from pullscope.registry.openshift import access
from pullscope.registry.openshift.access import LoginRequiredError
from pullscope.registry.openshift.cluster import Cluster
from pullscope.registry.store import Registry

PREFIX = "/admin/blobs/"


async def remove(call: Call, cluster: Cluster) -> web.Response:
    """204 for who may delete images, whatever there was. Raises LoginRequiredError, RegistryError."""
    if call.request.method != "DELETE":
        raise errors.UNSUPPORTED.error()
    if not await cluster.prunes(await access.user_of(call.request, cluster)):
        raise LoginRequiredError
    digest = calls.digest(call.request.path.removeprefix(PREFIX))
    image = await cluster.image(str(digest))
    name = reference.parse(image["dockerImageReference"]) if image is not None else None
    if name is not None and name.registry == INTERNAL_REGISTRY:
        await asyncio.to_thread(_forget, call.registry, name.repository, digest)
    else:
        await asyncio.to_thread(call.registry.discard_blobs, [digest])
    return web.Response(status=204)


async def is_needed(cluster: Cluster, repository: str, digest: str) -> bool:
    """Whether the image of another stream is in this repository, and has that manifest or blob."""
    for stream in await cluster.streams():
        metadata = stream["metadata"]
        if f"{metadata['namespace']}/{metadata['name']}" == repository:
            continue
        for item in (item for tag in streams.tags(stream) for item in streams.history(stream, tag)):
            if item["dockerImageReference"].startswith(f"{INTERNAL_REGISTRY}/{repository}@"):
                image = await cluster.image(item["image"]) or {}
                parts = [part["digest"] for part in image.get("dockerImageManifests") or ()]
                if await _has(cluster, [item["image"], *parts], digest):
                    return True
    return False


async def _has(cluster: Cluster, images: Iterable[str], digest: str) -> bool:
    """Whether one of these images is that manifest, or has that blob."""
    for name in images:
        image = await cluster.image(name)
        if digest == name or (image is not None and digest in pruning.blobs(image)):
            return True
    return False


def _forget(registry: Registry, repository: str, digest: Digest) -> None:
    """Remove the manifest, if it is still there, and what it alone had."""
    with contextlib.suppress(RegistryError):
        document = registry.manifest(repository, str(digest)).document
        registry.delete_manifest(repository, str(digest))
        if not isinstance(document, Index):  # an index's images are images of their own
            registry.discard_blobs([document.config.digest, *(layer.digest for layer in document.layers)])
