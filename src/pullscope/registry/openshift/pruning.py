"""`DELETE /admin/blobs/DIGEST`: what `oc adm prune images` asks when no image has a blob any more, or no stream an image.

Content is shared with the registry's plain face. So a manifest goes from the repository that it was pushed to as an
image, with its blobs; and a blob goes from repositories in which no manifest has it.

Upstream: openshift/image-registry release 4.22 pkg/dockerregistry/server (blobhandler.go, auth.go).
"""

import asyncio
import contextlib

from aiohttp import web

from pullscope.oci import errors, reference
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Index
from pullscope.oci.errors import RegistryError
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


def _forget(registry: Registry, repository: str, digest: Digest) -> None:
    """Remove the manifest, if it is still there, and what it alone had."""
    with contextlib.suppress(RegistryError):
        document = registry.manifest(repository, str(digest)).document
        registry.delete_manifest(repository, str(digest))
        if not isinstance(document, Index):  # an index's images are images of their own
            registry.discard_blobs([document.config.digest, *(layer.digest for layer in document.layers)])
