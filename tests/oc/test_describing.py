"""Streams and images as the real oc described them, out of the same answers."""

from datetime import UTC, datetime

import pytest
from tests.oc import screens

from pullscope.oc import describing

RECORDED = screens.recorded()
NOW = datetime(2026, 11, 21, 12, 0, 53, tzinfo=UTC)


@pytest.mark.parametrize("run", ["import-image-fail", "import-image-all"])
def test_a_stream_is_described_as_oc_does(run: str) -> None:
    screen = RECORDED[run]
    told = describing.stream(screen.answers[0]["status"]["import"], NOW)
    expected = screen.stdout.split("\n\n", 1)[1].removesuffix("\n\n")
    assert screens.settled(told) == screens.settled(expected) + "\n" * (not expected.endswith("\n"))


def test_an_image_is_described_as_oc_does() -> None:
    screen = RECORDED["import-image-dryrun"]
    told = describing.image(screen.answers[0]["status"]["images"][0]["image"], "dry:1", NOW)
    expected = screen.stdout.split("\n\n", 1)[1].removesuffix("\n\n")
    assert screens.settled(told) == screens.settled(expected) + "\n" * (not expected.endswith("\n"))


def test_newer_tags_stand_first() -> None:
    tags = [{"name": name} for name in ("dev", "1.9", "1.10", "latest")]
    stream = {
        "metadata": {"name": "s", "namespace": "n", "creationTimestamp": "2026-11-21T12:00:00Z"},
        "spec": {"tags": tags},
    }
    lines = describing.stream(stream, NOW).splitlines()
    assert [line for line in lines if line in ("dev", "1.9", "1.10", "latest")] == ["latest", "1.10", "1.9", "dev"]


@pytest.mark.parametrize(("count", "text"), [(0, "0B"), (999, "999B"), (1_048_576, "1.049MB"), (5_000_000_000, "5GB")])
def test_sizes_have_four_figures(count: int, text: str) -> None:
    assert describing.human_size(count) == text
