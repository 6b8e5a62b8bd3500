"""One pull of an image: when it is its turn, with each of the credentials, remembered from before its turn to its end.

Upstream, Kubernetes v1.36: pkg/kubelet/images/puller.go (serial and parallel), helpers.go (throttleImagePulling),
image_manager.go (pullImage, trackedToImagePullCreds), pkg/kubelet/kuberuntime/kuberuntime_image.go (PullImage).
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from pullscope.base.clock import Clock
from pullscope.cri.api import AuthConfig, CriError, ImageService
from pullscope.node.kubeletconfig import KubeletConfig
from pullscope.node.records import Records
from pullscope.oci.reference import Reference
from pullscope.pull import limits
from pullscope.pull.keyring import Credential
from pullscope.pull.limits import Bucket
from pullscope.pull.policy import NotDelivered


@dataclass(frozen=True)
class Pulled:
    """What came: the image's id, which credential was good (None: there was none), how long it took, alone and with the wait."""

    image_id: str
    used: Credential | None
    pull: timedelta
    waiting: timedelta


class Puller:
    """Pulls side by side or in turn, and not too often, as configured."""

    def __init__(self, service: ImageService, records: Records, clock: Clock, config: KubeletConfig) -> None:
        self._service = service
        self._records = records
        self._clock = clock
        self._remembers = config.checks_credentials
        self._turns = asyncio.Semaphore(config.at_once) if config.at_once else None
        self._bucket = Bucket(config.qps, config.burst)

    async def pull(self, text: str, image: Reference, offered: Sequence[Credential]) -> Pulled | NotDelivered:
        """Pull `image`, of which the pod says `text`; before `CREDENTIAL_CHECK` nothing is remembered. Raises OSError."""
        asked = self._clock.monotonic()
        if not self._remembers:
            return await self._in_turn(image, offered, asked)
        await self._records.begin(text)
        found: Pulled | NotDelivered = NotDelivered("cancelled")
        try:
            found = await self._in_turn(image, offered, asked)
        finally:
            if isinstance(found, NotDelivered):
                await self._records.failed(text)
        if isinstance(found, Pulled):
            await self._records.delivered(text, found.image_id, image.name, found.used)
        return found

    async def _in_turn(self, image: Reference, offered: Sequence[Credential], asked: float) -> Pulled | NotDelivered:
        async with self._turns or contextlib.nullcontext():
            began = self._clock.monotonic()
            if not self._bucket.take(began):
                return NotDelivered(limits.QPS_EXCEEDED)
            found = await self._tried(image, offered)
            if isinstance(found, NotDelivered):
                return found
            now = self._clock.monotonic()
        return Pulled(*found, timedelta(seconds=now - began), timedelta(seconds=now - asked))

    async def _tried(
        self, image: Reference, offered: Sequence[Credential]
    ) -> tuple[str, Credential | None] | NotDelivered:
        """Each credential in turn; none where there is none. The image's id, and which one was good."""
        errors = []
        for credential in offered or (None,):
            try:
                return await self._service.pull_image(str(image), _auth(credential)), credential
            except CriError as error:
                errors.append(error.told)
        return NotDelivered(joined(errors))


def _auth(credential: Credential | None) -> AuthConfig | None:
    return AuthConfig(credential.username, credential.password) if credential else None


def joined(errors: Sequence[str]) -> str:
    """utilerrors.Aggregate: one error stands alone, several different ones in brackets."""
    different = list(dict.fromkeys(errors))
    return different[0] if len(different) == 1 else f"[{', '.join(different)}]"
