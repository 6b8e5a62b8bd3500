"""Which images go: by age, by space, never those in use or pinned."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.pull import collect
from pullscope.pull.collect import Disk, Rules, Seen

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def seen(name: str, size: int = 100, detected: float = 60, used: float | None = None, *, pinned: bool = False) -> Seen:
    return Seen(name, size, ago(detected), None if used is None else ago(used), pinned)


def names(images: list[Seen]) -> list[str]:
    return [image.id for image in images]


@pytest.mark.parametrize(
    ("used", "percent", "wanted"),
    [(0, 0, 0), (840, 84, 0), (841, 85, 41), (1000, 100, 200), (1600, 100, 800)],
    ids=["empty", "below", "at the threshold", "full", "more than full"],
)
def test_from_the_high_threshold_down_to_the_low_one(used: int, percent: int, wanted: int) -> None:
    disk = Disk(1000, used)
    assert (disk.percent, collect.to_free(disk, Rules())) == (percent, wanted)


def test_nothing_is_collected_at_a_hundred_percent_without_an_age() -> None:
    assert Rules(high=100).idle
    assert not Rules(high=100, maximum_age=timedelta(days=1)).idle
    assert not Rules(high=99).idle


@pytest.mark.parametrize(
    ("capacity", "shown"),
    [(1000, "1000 B"), (1024, "1.0 KiB"), (10 << 30, "10.0 GiB"), (123_159_000_000, "114.7 GiB"), (2 << 40, "2.0 TiB")],
)
def test_a_disk_that_stays_full_is_told_in_the_words_of_the_release(capacity: int, shown: str) -> None:
    disk = Disk(capacity, capacity * 9 // 10)
    assert collect.shortage(disk, 2000, 100) == (
        f"Insufficient free disk space on the node's image filesystem (90% of {shown} used). Failed to free sufficient space "
        "by deleting unused images (freed 100 bytes). Investigate disk usage, as it could be used by active images, logs, "
        "volumes, or other data."
    )
    assert collect.shortage(disk, 2000, 100, (1, 34)) == (
        "Failed to garbage collect required amount of images. Attempted to free 2000 bytes, but only found 100 bytes "
        "eligible to free."
    )


def test_those_unused_longest_go_first() -> None:
    images = [
        seen("used lately", used=5),
        seen("used long ago", used=50),
        seen("never used, known longest", detected=70),
        seen("never used", detected=60),
        seen("in use", used=0),
        seen("pinned", pinned=True),
        seen("just pulled", detected=1),
    ]
    assert names(collect.space(images, 350, Rules(), NOW)) == [
        "never used, known longest", "never used", "used long ago", "used lately",
    ]  # fmt: skip
    assert names(collect.space(images, 101, Rules(), NOW)) == ["never used, known longest", "never used"]


def test_too_old_is_who_was_not_used_for_the_maximum_age() -> None:
    images = [seen("a", used=61), seen("b", used=60), seen("c"), seen("d", used=61, pinned=True), seen("e", used=0)]
    assert names(collect.overdue(images, Rules(maximum_age=timedelta(hours=1)), NOW)) == ["c", "a"]
    assert collect.overdue(images, Rules(), NOW) == []


SEEN = st.lists(
    st.builds(seen, st.uuids().map(str), st.integers(1, 500), st.floats(0, 100), st.none() | st.floats(0, 100)),
    max_size=12,
)


@given(SEEN, st.integers(0, 3000))
def test_no_more_goes_than_must(images: list[Seen], wanted: int) -> None:
    gone = collect.space(images, wanted, Rules(), NOW)
    freed = sum(image.size for image in gone)
    assert not gone or freed - gone[-1].size < wanted
    eligible = [
        image
        for image in images
        if NOW - image.first_detected >= Rules().minimum_age and (image.last_used is None or image.last_used < NOW)
    ]
    assert freed >= min(wanted, sum(image.size for image in eligible))
    assert all(image in eligible for image in gone)
