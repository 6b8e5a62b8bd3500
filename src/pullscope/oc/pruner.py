"""The work of `oc adm prune images`: says of everything that it goes and, when that is confirmed, sees that it does.

Upstream: openshift/oc release 4.22 pkg/cli/admin/prune (imageprune/prune.go, and the describing deleters of images/images.go).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from pullscope.kube import resources
from pullscope.kube.api import DeleteOptions, Object
from pullscope.kube.status import ApiError
from pullscope.oc.errors import OcError
from pullscope.oc.session import Session
from pullscope.openshift import pruning
from pullscope.openshift.pruning import Keep, PrunedImage
from pullscope.openshift.usage import Used
from pullscope.remote.errors import RemoteError
from pullscope.remote.transport import Request, Transport

_GONE = (202, 204, 404)
_COUNTED = {
    "images": "deleted {} image object(s)",
    "items": "deleted {} image stream tag item(s)",
    "streams": "updated {} image stream(s)",
    "layers": "deleted {} layer link(s)",
    "manifests": "deleted {} manifest link(s)",
    "blobs": "deleted {} blob(s)",
}


@dataclass
class Pruner:
    """One run. Without a `registry`, or `with_registry` off, nothing is deleted there; unless `confirmed`, nowhere."""

    session: Session
    images: dict[str, Object]
    used: Used
    keep: Keep
    confirmed: bool
    with_registry: bool
    registry: Transport | None
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    async def run(self, streams: Sequence[Object], *, whole: bool) -> None:
        """Prune the streams and, of a whole cluster, the images that none of them has afterwards."""
        ordered = sorted(streams, key=_name)
        left = [after for each in ordered if (after := await self._stream(each)) is not None]
        if whole:
            for image in pruning.unneeded(self.images, left, self.keep):
                await self._image(image)

    def told(self) -> int:
        """Print the sum. Raises OcError when something could not be done."""
        parts = [text.format(self.counts[key]) for key, text in _COUNTED.items() if self.counts[key]]
        self.session.console.out(f"Summary: {', '.join(parts) or 'deleted 0 objects'}")
        if self.failures:
            raise OcError(self.failures[0] if len(self.failures) == 1 else f"[{', '.join(self.failures)}]")
        return 0

    async def _stream(self, stream: Object) -> Object | None:
        """The stream as it is afterwards; None when it is gone."""
        name, deleted = _name(stream), set[str]()
        while True:
            current = await self._current(stream) if self.confirmed else stream
            plan = pruning.stream(current, self.images, self.used, self.keep) if current else None
            if current is None or plan is None:
                return current
            await self._links("layer", "blobs", name, [layer for layer in plan.layers if layer not in deleted])
            deleted.update(plan.layers)
            self.session.console.out(f"Deleting {plan.items} items from image stream {name}")
            try:
                after = await self._update(plan.stream) if self.confirmed else plan.stream
            except ApiError as error:
                if error.reason == "Conflict":
                    continue
                raise
            self.counts.update(items=plan.items, streams=1)
            await self._links("manifest", "manifests", name, plan.manifests)
            return after

    async def _links(self, what: str, family: str, name: str, digests: Sequence[str]) -> None:
        """Take layers or manifests out of a stream's repository."""
        for digest in digests if self.with_registry else ():
            link = f"{what} link {digest} in repository {name}"
            self.counts[f"{what}s"] += await self._delete(f"/v2/{name}/{family}/{digest}", link, f"imagestream {name}")

    async def _current(self, stream: Object) -> Object | None:
        metadata = stream["metadata"]
        try:
            return await self.session.cluster.get(resources.IMAGE_STREAMS, metadata["namespace"], metadata["name"])
        except ApiError as error:
            if error.code == 404:
                return None
            raise

    async def _update(self, stream: Object) -> Object:
        namespace = stream["metadata"]["namespace"]
        return await self.session.cluster.update(resources.IMAGE_STREAMS, namespace, stream, subresource="status")

    async def _image(self, image: PrunedImage) -> None:
        before, blobs = len(self.failures), 0
        for blob in image.blobs if self.with_registry else ():
            blobs += await self._delete(f"/admin/blobs/{blob}", f"blob {blob}", f"image {image.name}")
        self.counts["blobs"] += blobs
        if not blobs and len(self.failures) > before:
            return
        self.session.console.out(f"Deleting image {image.name}")
        try:
            if self.confirmed:
                options = DeleteOptions(grace_period_seconds=0)
                await self.session.cluster.delete(resources.IMAGES, None, image.name, options)
        except ApiError as error:
            if error.code != 404:
                self._failed(f"image {image.name}", f"image {image.name}", error.message)
            return
        self.counts["images"] += 1

    async def _delete(self, path: str, what: str, of: str) -> bool:
        """Say it and, if it is confirmed, have the registry delete it; whether that went well."""
        self.session.console.out(f"Deleting {what}")
        try:
            if self.registry is not None:
                repository = path.removeprefix("/v2/").rpartition("/")[0].rpartition("/")[0]
                async with self.registry.send(Request("DELETE", path, repository, f"deleting {what}", _GONE)):
                    pass
        except RemoteError as error:
            self._failed(of, what, error.message)
            return False
        return True

    def _failed(self, of: str, what: str, why: str) -> None:
        self.session.console.err(f"error deleting {what}: {why}")
        self.failures.append(f"{of}: failed to delete {what}: {why}")


def _name(stream: Object) -> str:
    return f"{stream['metadata']['namespace']}/{stream['metadata']['name']}"
