"""Remove images that nobody uses: every five minutes, by the rules of `pull.collect`.

Upstream: pkg/kubelet/images/image_gc_manager.go and kubelet.go (StartGarbageCollection), Kubernetes v1.36.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from pullscope.base.clock import Clock
from pullscope.cri.api import CriError, ImageService, RuntimeService
from pullscope.node import pulling
from pullscope.pull import collect
from pullscope.pull.collect import Disk, Rules, Seen
from pullscope.pull.reasons import CREDENTIAL_CHECK, CURRENT, Version

INTERVAL_SECONDS = 300.0  # ImageGCPeriod

Say = Callable[[str, str], Awaitable[None]]
"""Writes a Warning event about the node: its reason and message."""

Prune = Callable[[Collection[str], datetime], Awaitable[None]]
"""Told after space was made, as upstream's PostImageGCHook: the images that are left, by id, and when it began."""


Why = Literal["age", "space"]
Count = Callable[[Why], None]


def _uncounted(_: Why) -> None:
    """For those whom nobody asks how many."""


class _FailedError(Exception):
    """A round did not do what it should have; the message says why."""


@dataclass(frozen=True)
class Limits:
    """`disk`: how large the disk of the images is, in bytes; None: nobody has said, and it is never full.

    `version`: whose words are used.
    """

    rules: Rules
    disk: int | None = None
    version: Version = CURRENT


@dataclass(eq=False)
class Collector:
    """One node's. `on_change` is called when images went, `prune` when space was asked for, `count` with why an image went."""

    images: ImageService
    runtime: RuntimeService
    clock: Clock
    limits: Limits
    say: Say
    on_change: Callable[[], None]
    prune: Prune
    count: Count = _uncounted
    _seen: dict[str, Seen] = field(default_factory=dict)

    async def run(self) -> None:
        """Work until cancelled. Images count as used from the start on, so that none is too old because of a restart."""
        began, rules, failed = self.clock.now(), self.limits.rules, False
        while not rules.idle:
            old_enough = self.clock.now() - began > rules.maximum_age
            failure = await self._round(rules if old_enough else replace(rules, maximum_age=timedelta(0)))
            if failure and failed:  # upstream tells of the collection itself from the second time on
                await self.say("ImageGCFailed", failure)
            failed = failure is not None
            await self.clock.sleep(INTERVAL_SECONDS)

    async def _round(self, rules: Rules) -> str | None:
        """Look and collect once; what went wrong."""
        try:
            await self._detect()
            await self._collect(rules)
        except CriError as error:  # the runtime is not there
            return error.framed
        except _FailedError as error:
            return str(error)
        return None

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
        _, errors = await self._remove(collect.overdue(self._idle(now), rules, now), "age")
        if errors:
            raise _FailedError(collect.old_not_removed(rules, pulling.joined(errors)))
        if self.limits.disk is None:
            return
        disk = Disk(self.limits.disk, sum(image.size for image in self._seen.values()))
        wanted = collect.to_free(disk, rules)
        if wanted > 0:
            await self._make_room(disk, wanted, collect.space(self._idle(now), wanted, rules, now), now)

    async def _make_room(self, disk: Disk, wanted: int, chosen: Sequence[Seen], now: datetime) -> None:
        freed, errors = await self._remove(chosen, "space")
        if errors:
            raise _FailedError(collect.not_removed(wanted, freed, pulling.joined(errors)))
        if self.limits.version >= CREDENTIAL_CHECK:
            await self.prune(self._seen.keys(), now)
        if freed < wanted:
            message = collect.shortage(disk, wanted, freed, self.limits.version)
            await self.say("FreeDiskSpaceFailed", message)
            raise _FailedError(message)

    def _idle(self, now: datetime) -> Sequence[Seen]:
        return [image for image in self._seen.values() if image.last_used != now]

    async def _remove(self, images: Sequence[Seen], why: Why) -> tuple[int, Sequence[str]]:
        """How many bytes were freed, and why what came into use meanwhile stays."""
        freed, errors = 0, []
        for image in images:
            try:
                await self.images.remove_image(image.id)
            except CriError as error:
                errors.append(error.framed)
                continue
            del self._seen[image.id]
            freed += image.size
            self.on_change()
            self.count(why)
        return freed, errors
