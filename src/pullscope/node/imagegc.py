"""Remove images that nobody uses: every five minutes, by the rules of `pull.collect`.

Upstream: pkg/kubelet/images/image_gc_manager.go and kubelet.go (StartGarbageCollection), Kubernetes v1.36.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pullscope.base.clock import Clock
from pullscope.cri.api import CriError, ImageService, RuntimeService
from pullscope.pull import collect
from pullscope.pull.collect import Disk, Rules, Seen

INTERVAL_SECONDS = 300.0  # ImageGCPeriod

Say = Callable[[str, str], Awaitable[None]]
"""Writes a Warning event about the node: its reason and message."""


@dataclass(frozen=True)
class Limits:
    """`disk`: how large the disk of the images is, in bytes; None: nobody has said, and it is never full."""

    rules: Rules
    disk: int | None = None


@dataclass(eq=False)
class Collector:
    """One node's. `on_change` is called when images went."""

    images: ImageService
    runtime: RuntimeService
    clock: Clock
    limits: Limits
    say: Say
    on_change: Callable[[], None]
    _seen: dict[str, Seen] = field(default_factory=dict)
    _failed: bool = False

    async def run(self) -> None:
        """Work until cancelled. Images count as used from the start on, so that none is too old because of a restart."""
        began, rules = self.clock.now(), self.limits.rules
        while True:
            old_enough = self.clock.now() - began > rules.maximum_age
            try:
                await self._detect()
                await self._collect(rules if old_enough else replace(rules, maximum_age=timedelta(0)))
            except CriError:
                pass  # the runtime is not there: the next round asks again
            await self.clock.sleep(INTERVAL_SECONDS)

    async def _detect(self) -> None:
        """See what is there, and which of it is used."""
        now, used = self.clock.now(), {each.image_id for each in await self.runtime.list_containers()}
        known, self._seen = self._seen, {}
        for image in await self.images.list_images():
            seen = known.get(image.id) or Seen(image.id, image.size, now)
            last = now if image.id in used else seen.last_used
            self._seen[image.id] = replace(seen, size=image.size, pinned=image.pinned, last_used=last)

    async def _collect(self, rules: Rules) -> None:
        now = self.clock.now()
        await self._remove(collect.overdue(self._idle(now), rules, now))
        if self.limits.disk is None:
            return
        wanted = collect.to_free(Disk(self.limits.disk, sum(image.size for image in self._seen.values())), rules)
        if wanted <= 0:
            self._failed = False
            return
        freed = await self._remove(collect.space(self._idle(now), wanted, rules, now))
        if freed < wanted:
            message = collect.shortage(wanted, freed)
            await self.say("FreeDiskSpaceFailed", message)
            if self._failed:  # upstream tells of the collection itself from the second time on
                await self.say("ImageGCFailed", message)
        self._failed = freed < wanted

    def _idle(self, now: datetime) -> Sequence[Seen]:
        return [image for image in self._seen.values() if image.last_used != now]

    async def _remove(self, images: Sequence[Seen]) -> int:
        """How many bytes were freed; what came into use meanwhile stays."""
        freed = 0
        for image in images:
            try:
                await self.images.remove_image(image.id)
            except CriError:
                continue
            del self._seen[image.id]
            freed += image.size
            self.on_change()
        return freed
