"""Patterns of pinned images, as CRI-O reads them."""

import pytest

from pullscope.pull import pins

NAMES = ("quay.io/team/app:V1", "quay.io/team/app@sha256:00")


@pytest.mark.parametrize(
    ("pattern", "pinned"),
    [
        ("quay.io/team/app:v1", True),
        ("quay.io/team/app", False),
        ("quay.io/team/*", True),
        ("team/*", False),
        ("*team*", True),
        ("*other*", False),
        ("*", True),
        ("quay.io/team/app@sha256:00", True),
    ],
)
def test_a_pattern_is_a_name_its_beginning_or_a_part(pattern: str, pinned: bool) -> None:
    assert pins.is_pinned(NAMES, [pattern]) is pinned


def test_without_patterns_or_names_nothing_is_pinned() -> None:
    assert not pins.is_pinned(NAMES, [])
    assert not pins.is_pinned([], ["*"])
