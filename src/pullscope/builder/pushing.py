"""Push what was built: only what its registry lacks, and of the base's layers what it cannot take from elsewhere in itself.

Upstream: openshift/builder pkg/build/builder/common.go, daemonless.go (PushImage); containers/image copy for what is told.
"""

from dataclasses import replace

from pullscope.builder import retrying
from pullscope.builder.bases import Base
from pullscope.builder.failing import BuildError
from pullscope.builder.job import Job
from pullscope.content import api as content
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError
from pullscope.oci import reference
from pullscope.oci.documents import Descriptor, Manifest
from pullscope.oci.reference import InvalidReferenceError, Reference
from pullscope.openshift import builder, buildreasons
from pullscope.remote.client import RegistryClient
from pullscope.remote.errors import RemoteError


async def push(job: Job, base: Base, made: Descriptor) -> None:
    """Push the image to where the build's output goes, and let the Build know its digest. Raises BuildError."""
    target = (job.spec["output"].get("to") or {}).get("name", "")
    if not target:
        job.say("Build complete, no image push requested")
        return
    try:
        name = reference.parse(target).with_default_tag()
    except InvalidReferenceError as error:
        raise BuildError(buildreasons.PUSH, f"build error: Failed to push image: {target}: {error}") from error
    registries = replace(job.powers.registries, own={})  # what the nodes may pull with is not for pushing
    client = registries.client(name, job.login(builder.PUSH, name))
    job.say(f"\nPushing image {target} ...")
    try:
        await retrying.run(job, "Push", lambda: _Push(job, base, client, name).run(made))
    except RemoteError as error:
        why = retrying.told("Push", error, error.message)
        raise BuildError(buildreasons.PUSH, f"build error: Failed to push image: {why}") from error
    job.say(f"Successfully pushed {name.name}@{made.digest}")

    def pushed(status: Object) -> None:
        status["output"] = {"to": {"imageDigest": str(made.digest)}}

    try:
        await job.report(pushed)
    except ApiError as error:
        job.context.complain(f"error: An error occurred updating the build status: {error.message}")
    job.say("Push successful")


class _Push:
    def __init__(self, job: Job, base: Base, client: RegistryClient, name: Reference) -> None:
        self._job = job
        self._base = base
        self._client = client
        self._name = name
        self._of_base = {layer.digest for layer in base.layers}

    async def run(self, made: Descriptor) -> None:
        """Send everything. Raises RemoteError, OSError."""
        raw = content.get(self._base.store, made.digest)
        manifest = Manifest.parse(raw, made.media_type)
        for layer in {layer.digest: layer for layer in manifest.layers}.values():
            await self._blob(layer, "blob")
        await self._blob(manifest.config, "config")
        self._job.say("Writing manifest to image destination")
        await self._client.put_manifest(self._name.repository, str(self._name.locator), raw, made.media_type)

    async def _blob(self, blob: Descriptor, what: str) -> None:
        repository, store = self._name.repository, self._base.store
        if await self._client.blob_exists(repository, blob.digest) or await self._mounted(blob):
            self._job.say(f"Copying {what} {blob.digest} skipped: already exists")
            return
        self._job.say(f"Copying {what} {blob.digest}")
        await self._base.fetch(blob)
        await self._client.put_blob(repository, blob, lambda: store.open(blob.digest))

    async def _mounted(self, blob: Descriptor) -> bool:
        """Whether the registry took it from the base's repository, which it may not have or not show to us."""
        place = self._base.place
        if place is None or blob.digest not in self._of_base or place.client.host != self._client.host:
            return False
        if place.reference.repository == self._name.repository:
            return False
        return await self._client.mount_blob(self._name.repository, blob.digest, place.reference.repository)
