"""Which images a node removes by itself: those unused for too long, and when its disk is full, those unused longest.

Upstream: pkg/kubelet/images/image_gc_manager.go, Kubernetes v1.36 (freeOldImages, GarbageCollect, freeSpace). What is said
of a disk that stays full changed with 1.35 (its CHANGELOG; seen in events of 1.35 and 1.36).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pullscope.pull import reasons
from pullscope.pull.reasons import CURRENT, Version

_CLEARER: Version = (1, 35)
_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


@dataclass(frozen=True)
class Rules:
    """The kubelet's thresholds. `high` and `low` in percent of the disk; `maximum_age` zero: images do not grow too old."""

    high: int = 85
    low: int = 80
    minimum_age: timedelta = timedelta(minutes=2)
    maximum_age: timedelta = timedelta(0)

    @property
    def idle(self) -> bool:
        """Whether nothing is ever collected (StartGarbageCollection: a threshold of 100 and no maximum age)."""
        return self.high == 100 and not self.maximum_age


@dataclass(frozen=True)
class Seen:
    """An image of the node: since when it is known, when a container used it last (None: never), its size in bytes."""

    id: str
    size: int
    first_detected: datetime
    last_used: datetime | None = None
    pinned: bool = False


@dataclass(frozen=True)
class Disk:
    """The disk that images lie on, in bytes."""

    capacity: int
    used: int

    @property
    def percent(self) -> int:
        """How much of it is used, as upstream rounds: up. No disk holds more than it can, whatever its images add up to."""
        return 100 - max(0, self.capacity - self.used) * 100 // self.capacity


def overdue(images: Iterable[Seen], rules: Rules, now: datetime) -> list[Seen]:
    """Those that no container has used for the maximum age; who was never used grows old from the epoch, as upstream."""
    if not rules.maximum_age:
        return []
    return [
        image
        for image in _in_eviction_order(images, now)
        if image.last_used is None or now - image.last_used > rules.maximum_age
    ]


def to_free(disk: Disk, rules: Rules) -> int:
    """How many bytes to free: down to the low threshold, once the high one is reached."""
    if disk.percent < rules.high:
        return 0
    return disk.capacity * (100 - rules.low) // 100 - (disk.capacity - disk.used)


def space(images: Iterable[Seen], wanted: int, rules: Rules, now: datetime) -> list[Seen]:
    """Those to remove until `wanted` bytes are free, or all that may go."""
    chosen: list[Seen] = []
    for image in _in_eviction_order(images, now):
        if sum(each.size for each in chosen) >= wanted:
            break
        if now - image.first_detected >= rules.minimum_age:
            chosen.append(image)
    return chosen


def shortage(disk: Disk, wanted: int, freed: int, version: Version = CURRENT) -> str:
    """What is said when less could be freed than was wanted; `disk` is how it was before."""
    if version < _CLEARER:
        return (
            f"Failed to garbage collect required amount of images. Attempted to free {wanted} bytes, but only found "
            f"{freed} bytes eligible to free."
        )
    return (
        f"Insufficient free disk space on the node's image filesystem ({disk.percent}% of {_binary(disk.capacity)} used). "
        f"Failed to free sufficient space by deleting unused images (freed {freed} bytes). Investigate disk usage, as it "
        "could be used by active images, logs, volumes, or other data."
    )


def not_removed(wanted: int, freed: int, error: str) -> str:
    """What is said when images that should have made room could not be removed."""
    return f"wanted to free {wanted} bytes, but freed {freed} bytes space with errors in image deletion: {error}"


def old_not_removed(rules: Rules, error: str) -> str:
    """The same of images that are too old."""
    age = reasons.go_duration(rules.maximum_age)
    return f"wanted to free images older than {age}, encountered errors in image deletion: {error}"


def _binary(size: int) -> str:
    """As upstream's formatSize: 10.0 GiB."""
    if size < 1024:
        return f"{size} B"
    power = min((size.bit_length() - 1) // 10, len(_UNITS))
    return f"{size / 1024**power:.1f} {_UNITS[power - 1]}"


def _in_eviction_order(images: Iterable[Seen], now: datetime) -> Sequence[Seen]:
    """Those that nobody uses now, the one that was used longest ago first."""
    idle = (image for image in images if not image.pinned and (image.last_used is None or image.last_used < now))
    return sorted(idle, key=lambda image: (image.last_used is not None, image.last_used or now, image.first_detected))
