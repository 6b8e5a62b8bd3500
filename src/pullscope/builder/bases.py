"""The image that a build starts from: its documents are fetched, its layers only where somebody must look into them."""

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pullscope.builder import retrying
from pullscope.builder.failing import BuildError
from pullscope.builder.job import Job
from pullscope.content import api as content
from pullscope.content import streams
from pullscope.content.disk import DiskStore
from pullscope.cri.embedded import refusals
from pullscope.images import build, tree
from pullscope.images.tree import Listing
from pullscope.oci import reference
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor, Manifest
from pullscope.oci.platform import Platform
from pullscope.oci.reference import InvalidReferenceError
from pullscope.openshift import builder, buildreasons
from pullscope.pull import crio
from pullscope.pull.failures import PullFailure
from pullscope.pull.sentences import Attempt
from pullscope.remote import transfer
from pullscope.remote.errors import RemoteError
from pullscope.remote.registries import Place
from pullscope.runtime.archive import Allowance


@dataclass(frozen=True)
class Base:
    """An image whose documents are in `store`. `place` is where its layers are, None for an image out of nothing."""

    store: DiskStore
    root: Descriptor
    place: Place | None = None

    @property
    def layers(self) -> tuple[Descriptor, ...]:
        """Its layers, lowest first."""
        return Manifest.parse(content.get(self.store, self.root.digest), self.root.media_type).layers

    @property
    def run(self) -> dict[str, Any]:
        """Its config's `config` object."""
        return build.first_config(self.store, self.root)

    async def fetch(self, layer: Descriptor) -> None:
        """Have a layer in the store. Raises RemoteError, OSError."""
        if self.place is not None and self.store.size(layer.digest) is None:
            place = self.place
            writer = self.store.writer()
            await place.client.get_blob(place.reference.repository, layer.digest, writer, size=layer.size)

    async def listing(self, number: int) -> Listing:
        """What is in a layer. Raises LayerError, RemoteError, OSError."""
        layer = self.layers[number]
        await self.fetch(layer)
        with self.store.open(layer.digest) as reader:
            return await streams.in_thread(tree.listing, reader, Allowance())


def scratch(store: DiskStore, platform: Platform) -> Base:
    """An image without anything."""
    return Base(store, build.image(store, platform, {}, []))


async def pull(job: Job, image: str, directory: Path) -> Base:
    """Fetch the documents of an image, wherever it is found first; the store is made in `directory`. Raises BuildError."""
    try:
        name = reference.parse(image).with_default_tag()
    except InvalidReferenceError as error:
        raise BuildError(buildreasons.PULL_BUILDER, f"failed to pull image {image}: {error}") from error
    job.say(f"Trying to pull {name}...")
    store = DiskStore(directory)
    *mirrors, source = job.powers.registries.places(name, job.login(builder.PULL, name))
    tried: list[Attempt] = []
    for place in mirrors:
        try:
            return await _from(job, place, store)
        except RemoteError as error:  # a mirror that fails is passed over
            tried.append(Attempt(place.reference, _failure(job, place, error), place.client.scheme))
    try:
        return await retrying.run(job, "Pull", lambda: _from(job, source, store))
    except RemoteError as error:
        failure = _failure(job, source, error)
        said = crio.copying(name, failure, scheme=source.client.scheme, mirrors=tried)
        why = f'while pulling "docker://{name}" as "{name}": {said}'
        told = retrying.told("Pull", error, why)
        raise BuildError(buildreasons.PULL_BUILDER, f"failed to pull image: {told}") from error


async def _from(job: Job, place: Place, store: DiskStore) -> Base:
    pulled = await transfer.pull(place.client, place.reference, store, job.powers.platforms, have=_Everything())
    return Base(store, pulled.manifest, place)


def _failure(job: Job, place: Place, error: RemoteError) -> PullFailure:
    return refusals.failure(error, scheme=place.client.scheme, machine=job.powers.platforms[-1], blobs=())


class _Everything(Container[Digest]):
    """No layer is wanted."""

    def __contains__(self, digest: object) -> bool:
        return True
