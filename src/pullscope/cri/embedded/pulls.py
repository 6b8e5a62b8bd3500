"""Pull images: ask the registry for the manifest every time, download the layers that the node lacks, unpack, name.

An image appears under its name only when all of it is there and verified; a pull that fails, is cut or is cancelled changes
nothing. What pulls at the same time share is `underway`'s business. Errors are sentences of a real runtime (`pull.flavours`).
"""

import asyncio
import functools
import weakref
from dataclasses import dataclass

from pullscope.content.api import BlobStore
from pullscope.cri.api import AuthConfig, CriError
from pullscope.cri.embedded import reconnecting, refusals
from pullscope.cri.embedded.images import ImageRecord, ImageStore
from pullscope.cri.embedded.nodeview import NodeView
from pullscope.cri.embedded.trees import Contents, Trees
from pullscope.cri.embedded.underway import PullUnderWay, UnderWay
from pullscope.oci import reference
from pullscope.oci.digest import Digest
from pullscope.oci.platform import WASI, Platform
from pullscope.oci.reference import InvalidReferenceError, Reference
from pullscope.pull import failures, flavours
from pullscope.pull.flavours import Flavour
from pullscope.pull.sentences import Attempt
from pullscope.remote import errors, transfer
from pullscope.remote.downloads import Downloads
from pullscope.remote.registries import Place, Registries
from pullscope.remote.transfer import Pulled
from pullscope.runtime.archive import LayerError

_TOO_MANY = 429


class _FailedError(Exception):
    """A pull from one place failed."""

    def __init__(self, failure: failures.PullFailure) -> None:
        super().__init__(str(failure))
        self.failure = failure


@dataclass(frozen=True)
class _Key:
    """What makes two pulls the same; `alone`, if it is there, nothing does."""

    name: Reference
    auth: AuthConfig | None
    alone: object


class Puller:
    """Pulls into the node's images."""

    def __init__(
        self,
        images: ImageStore,
        trees: Trees,
        blobs: BlobStore,
        *,
        registries: Registries,
        under_way: UnderWay,
        machine: Platform,
        flavour: Flavour = "cri-o",
    ) -> None:
        """`machine`: the platform of this node, for images that have nothing for WASI. `flavour`: whose words errors are.

        `unneeded` collects blobs to let go of: those of pulls that no image came of, and what its owner adds.
        """
        self.unneeded: set[Digest] = set()
        self._images = images
        self._trees = trees
        self._blobs = blobs
        self._registries = registries
        self._under_way = under_way
        self._machine = machine
        self._flavour = flavour
        self._unpacking: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    async def pull(self, image: str, auth: AuthConfig | None) -> str:
        """Pull; returns the image's id. Raises CriError with the runtime's sentence."""
        try:
            name = reference.parse(image).with_default_tag()
        except InvalidReferenceError as error:
            raise CriError(f"invalid image reference {image!r}: {error}", code="InvalidArgument") from error
        alone = None if flavours.RULES[self._flavour].joins_pulls else object()
        work = functools.partial(self._pull, name, auth)
        return await self._under_way.join(_Key(name, auth, alone), str(name), work)

    async def _pull(self, name: Reference, auth: AuthConfig | None, pull: PullUnderWay) -> str:
        pull.downloads.resuming = functools.partial(reconnecting.of, self._flavour, self._under_way.clock)
        *mirrors, source = self._registries.places(name, auth)
        tried: list[Attempt] = []
        for place in mirrors:
            try:
                return await self._pull_from(place, name, pull.downloads)
            except _FailedError as error:  # a mirror that fails is passed over
                tried.append(Attempt(place.reference, error.failure, place.client.scheme))
        try:
            return await self._pull_from(source, name, pull.downloads)
        except _FailedError as error:
            scheme = source.client.scheme
            said = flavours.sentence(self._flavour, name, error.failure, scheme=scheme, mirrors=tried)
            raise CriError(said.message, code=said.code, reason=said.reason) from error.__cause__

    async def _pull_from(self, place: Place, name: Reference, downloads: Downloads) -> str:
        """Pull from one place what the node knows as `name`. Raises _FailedError."""
        here = self._images.blobs(self._images)  # not what was removed while a container uses it
        view, scheme = NodeView(self._blobs, here, self._under_way.brought), place.client.scheme
        try:
            pulled = await self._transfer(place, view, downloads)
            contents = await self._contents(pulled)
        except refusals.PULL_ERRORS as error:
            why = refusals.failure(error, scheme=scheme, machine=self._machine, blobs=view.tried)
            raise _FailedError(why) from error
        finally:
            self.unneeded |= view.tried
        image = ImageRecord(
            id=pulled.document.config.digest.hex,
            config=str(pulled.document.config.digest),
            manifest=str(pulled.manifest.digest),
            layers=tuple(str(layer.digest) for layer in pulled.document.layers),
            platform=str(pulled.config.platform),
            size=contents.size,
            user=pulled.config.user,
            archives=contents.archives,
            packed=self._packed(pulled),
        )
        self._images.register(image, name, pulled.root_digest)
        self.unneeded -= image.blobs
        return image.shown_id(self._flavour)

    def _packed(self, pulled: Pulled) -> int:
        """The bytes of all that was read of it: manifests, config, layers."""
        document = pulled.document
        sizes = [pulled.manifest.size, document.config.size, *(layer.size for layer in document.layers)]
        if pulled.root_digest != pulled.manifest.digest:
            sizes.append(self._blobs.size(pulled.root_digest) or 0)
        return sum(sizes)

    async def _transfer(self, place: Place, view: NodeView, downloads: Downloads) -> Pulled:
        for delay in (*flavours.RULES[self._flavour].pauses, None):
            try:
                platforms = (WASI, self._machine)
                return await transfer.pull(place.client, place.reference, view, platforms, downloads=downloads)
            except errors.StatusError as error:
                if error.status != _TOO_MANY or delay is None:
                    raise
            await self._under_way.clock.sleep(delay)
        raise AssertionError("the last try returns or raises")

    async def _contents(self, pulled: Pulled) -> Contents:
        """Unpack what is not unpacked yet. Raises _FailedError for a layer that cannot be."""
        image_id = pulled.document.config.digest.hex
        executable = pulled.config.platform.normalised() == WASI
        async with self._unpacking.setdefault(image_id, asyncio.Lock()):
            known = self._images.content(image_id)
            if known is not None and (not executable or self._trees.path(image_id).is_dir()):
                return Contents(known.size, known.archives)
            make = functools.partial(self._trees.make, image_id, pulled.document, pulled.config, executable=executable)
            work = asyncio.ensure_future(asyncio.to_thread(make))
            try:
                return await asyncio.shield(work)
            except LayerError as error:
                raise _FailedError(refusals.bad_layer(error, pulled.document)) from error
            except asyncio.CancelledError:
                await asyncio.wait((work,))  # a thread cannot be cut; nobody else may unpack the same beside it
                raise
