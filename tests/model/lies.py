"""Lies to be planted between the parts of a node: same protocol in, same out."""

import shutil
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from pullscope.base.clock import Clock
from pullscope.cri.api import AuthConfig, CriError, Image, ImageService
from pullscope.node.records import Records
from pullscope.pull import access
from pullscope.pull.verification import PRELOADED, Verification


class Wrapper:
    """Hands on what it does not lie about."""

    def __init__(self, real: ImageService) -> None:
        self.real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


class DeniesImages(Wrapper):
    """IfNotPresent always pulls: no name leads to an image."""

    async def image_status(self, image: str) -> Image | None:
        return None if "/" in image else await self.real.image_status(image)


class AsksNobody(Wrapper):
    """Always uses the cache."""

    async def pull_image(self, image: str, auth: AuthConfig | None = None) -> str:
        found = await self.real.image_status(image)
        return found.id if found else await self.real.pull_image(image, auth)


class FallsBack(Wrapper):
    """A pull that fails takes what is there."""

    async def pull_image(self, image: str, auth: AuthConfig | None = None) -> str:
        try:
            return await self.real.pull_image(image, auth)
        except CriError:
            found = await self.real.image_status(image)
            if found is None:
                raise
            return found.id


class RunsTheOldImage(Wrapper):
    """A tag that has moved is pulled, and the pod gets what the tag led to before."""

    async def pull_image(self, image: str, auth: AuthConfig | None = None) -> str:
        found = await self.real.image_status(image)
        pulled = await self.real.pull_image(image, auth)
        return found.id if found else pulled


class KeepsImages(Wrapper):
    """`crictl rmi` says that it has removed the image."""

    async def remove_image(self, image: str) -> None:
        return


class ForgetsRecords(Records):
    """A kubelet that starts knows nothing of the one before."""

    def __init__(self, root: Path, clock: Clock, policy: Verification = PRELOADED) -> None:
        shutil.rmtree(root / "image_manager", ignore_errors=True)
        super().__init__(root, clock, policy)


class BelievesEverybody(Records):
    """Nobody's credentials are asked for."""

    async def verify(self, *_: object, **__: object) -> access.Verdict:
        return access.Exempt()


class ForgetsUnfinished(Records):
    """A pull whose end nobody has seen counts as never begun."""

    async def settle(self, images: Iterable[Image]) -> None:
        await super().settle(images)
        for image in [*self._pulled]:
            if not self._pulled[image].record.credentials:
                del self._pulled[image]


class KeepsRecords(Records):
    """Records of images that went for lack of space stay."""

    async def prune(self, images: Collection[str], until: datetime) -> None:
        return
