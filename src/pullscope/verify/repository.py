"""③ The registry's image: push a tag, delete its manifest, ask what is there, and read who asked for it.

Through the OCI distribution API alone, but for OpenShift's internal registry, where an ImageStreamTag is deleted. Where the
registry is Pullscope's own, its access log is evidence; elsewhere `requests` gives None.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pullscope.kube import meta
from pullscope.kube.status import ApiError
from pullscope.oci.digest import Digest
from pullscope.oci.reference import Reference
from pullscope.remote import errors, transfer
from pullscope.remote.client import RegistryClient
from pullscope.verify.evidence import Step, Variant
from pullscope.verify.obstacles import ObstacleError
from pullscope.verify.variants import Image

_NOT_PUSHED = (
    errors.StatusError,
    errors.RefusedError,
    errors.HostUnknownError,
    errors.TlsError,
    errors.ProxyError,
)

Request = dict[str, Any]
Untag = Callable[[str], Awaitable[Step]]
"""Takes a tag away in another way than by deleting its manifest. Raises ApiError."""


@dataclass(frozen=True)
class Access:
    """How a repository is used by others than us: `login` is ours, for the nodes; `anybody` asks without credentials."""

    login: tuple[str, str] | None = None
    anybody: RegistryClient | None = None


class Repository:
    """One repository: `pulled` is its name for the nodes, `pushed` its name for us."""

    def __init__(
        self,
        client: RegistryClient,
        pulled: Reference,
        pushed: Reference,
        *,
        untag: Untag | None = None,
        access: Access = Access(),
        known: Iterable[Digest] = (),
    ) -> None:
        """`known`: blobs that are in the repository already."""
        self._client = client
        self._pulled = pulled
        self._pushed = pushed
        self._untag = untag
        self._access = access
        self._seeding = asyncio.Lock()
        self._seeded: set[str] = set()
        self._there: dict[str, Image] = {}
        self._blobs = set(known)
        self._newest = 0

    @property
    def name(self) -> str:
        """Its name for the nodes, without a tag."""
        return self._pulled.name

    @property
    def registry(self) -> str:
        """The registry's name for the nodes."""
        return self._pulled.registry

    @property
    def pulled(self) -> Reference:
        """The repository as the nodes know it."""
        return self._pulled

    async def needs_login(self, tag: str) -> tuple[str, str] | None:
        """The username and password without which nobody can pull the tag; None where everybody can, or we have none."""
        if self._access.login is None or self._access.anybody is None:
            return None
        try:
            found = await self._access.anybody.head_manifest(self._pushed.repository, tag)
        except errors.StatusError:
            found = None
        return None if found else self._access.login

    def reference(self, tag: str) -> str:
        """The image under `tag`, as pods name it."""
        return str(self._pulled.with_tag(tag))

    async def push(self, image: Image, tag: str) -> Step:
        """Put the image under the tag. The first of each kind goes alone: the others share its layers."""
        war = image.variant.war
        async with self._seeding:
            seeded = war in self._seeded
            if not seeded:
                await self._push(image, tag)
                self._seeded.add(war)
        if seeded:
            await self._push(image, tag)
        return Step(f"pushed {self._pushed.with_tag(tag)} with {war}", image.variant.digest)

    async def delete(self, image: Image, tag: str) -> Step:
        """Delete the image's manifest, and its tag with it.

        Raises ObstacleError when the registry deletes no manifests at all.
        """
        digest = image.variant.digest
        if self._untag is not None:
            done = await self._untag(tag)
            self._there.pop(tag, None)
            return done
        try:
            await self._client.delete_manifest(self._pushed.repository, digest)
        except errors.ManifestUnknownError:
            self._there.pop(tag, None)
            return Step(f"deleted the manifest {digest} of {tag}", "404: it was gone already")
        except errors.StatusError as error:
            if error.status == 405 or error.code == "UNSUPPORTED":
                text = f"the registry {self._client.host} does not delete manifests ({error.status})"
                raise ObstacleError(text, kind="unsupported") from error
            if error.status in (401, 403):
                text = f"the registry {self._client.host} does not let us delete manifests ({error.status})"
                raise ObstacleError(text, kind="unsupported") from error
            raise
        self._there.pop(tag, None)
        return Step(f"deleted the manifest {digest} of {tag}", "accepted")

    async def clean(self) -> list[str]:
        """Take away all tags that we pushed and that are still there; those that cannot be. Raises UnreachableError."""
        with contextlib.suppress(ObstacleError):  # it deletes none at all
            for tag, image in sorted(self._there.items()):
                with contextlib.suppress(errors.StatusError, ApiError):
                    await self.delete(image, tag)
        return sorted(self._there)

    async def held(self, tag: str) -> str | None:
        """The digest that the registry has under the tag now; None when there is none."""
        found = await self._client.head_manifest(self._pushed.repository, tag)
        return str(found.digest) if found else None

    async def mark(self) -> int | None:
        """The number of the access log's newest record; None where there is no log."""
        records = await self._client.access_log(self._pushed.repository, since=self._newest)
        if records is None:
            return None
        self._newest = max([self._newest, *(int(record["seq"]) for record in records[-1:])])
        return self._newest

    async def requests(
        self, mark: int | None, tag: str, variants: Iterable[Variant], start: datetime
    ) -> tuple[Request, ...] | None:
        """What was asked about the tag and the variants since `mark`, with the seconds after `start`."""
        if mark is None:
            return None
        records = await self._client.access_log(self._pushed.repository, since=mark) or []
        names = {tag, *(digest for variant in variants for digest in variant.digests)}
        return tuple(
            record | {"seconds": round((meta.parse_time(record["time"]) - start).total_seconds(), 3)}
            for record in records
            if record["reference"] in names
        )

    async def _push(self, image: Image, tag: str) -> None:
        self._there[tag] = image  # from here on it may be there, whatever becomes of us
        try:
            await transfer.push(self._client, self._pushed.with_tag(tag), image.store, image.root, known=self._blobs)
        except _NOT_PUSHED:
            self._there.pop(tag)
            raise
