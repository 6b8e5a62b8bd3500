"""Which images a node removes by itself: those unused for too long, and when its disk is full, those unused longest.

Upstream: pkg/kubelet/images/image_gc_manager.go, Kubernetes v1.36 (freeOldImages, GarbageCollect, freeSpace).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Rules:
    """The kubelet's thresholds. `high` and `low` in percent of the disk; `maximum_age` zero: images do not grow too old."""

    high: int = 85
    low: int = 80
    minimum_age: timedelta = timedelta(minutes=2)
    maximum_age: timedelta = timedelta(0)


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
    available = disk.capacity - disk.used
    if 100 - available * 100 // disk.capacity < rules.high:
        return 0
    return disk.capacity * (100 - rules.low) // 100 - available


def space(images: Iterable[Seen], wanted: int, rules: Rules, now: datetime) -> list[Seen]:
    """Those to remove until `wanted` bytes are free, or all that may go."""
    chosen: list[Seen] = []
    for image in _in_eviction_order(images, now):
        if sum(each.size for each in chosen) >= wanted:
            break
        if now - image.first_detected >= rules.minimum_age:
            chosen.append(image)
    return chosen


def shortage(wanted: int, freed: int) -> str:
    """What is said when less could be freed than was wanted."""
    return (
        f"Failed to garbage collect required amount of images. Attempted to free {wanted} bytes, but only found "
        f"{freed} bytes eligible to free."
    )


def _in_eviction_order(images: Iterable[Seen], now: datetime) -> Sequence[Seen]:
    """Those that nobody uses now, the one that was used longest ago first."""
    idle = (image for image in images if not image.pinned and (image.last_used is None or image.last_used < now))
    return sorted(idle, key=lambda image: (image.last_used is not None, image.last_used or now, image.first_detected))
