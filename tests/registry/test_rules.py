"""The pure parts: byte ranges, content negotiation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.oci import media
from pullscope.registry import accept, ranges


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-9", range(10)),
        ("bytes=5-", range(5, 100)),
        ("bytes=-5", range(95, 100)),
        ("bytes=-500", range(100)),
        ("bytes=90-900", range(90, 100)),
        (" bytes=0-0 ", range(1)),
        ("bytes=9-5", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=0-1,3-4", None),
        ("octets=0-1", None),
        ("bytes=0-" + "9" * 100, None),
        ("bytes=٣-", None),
    ],
)
def test_what_a_range_asks_for(header: str, wanted: range | None) -> None:
    assert ranges.requested(header, 100) == wanted


@pytest.mark.parametrize(("header", "size"), [("bytes=100-", 100), ("bytes=0-", 0), ("bytes=-0", 100), ("bytes=-5", 0)])
def test_what_no_byte_satisfies(header: str, size: int) -> None:
    with pytest.raises(ranges.UnsatisfiableError):
        ranges.requested(header, size)


@given(st.text(alphabet="bytes=-,0123456789 "), st.integers(0, 1000))
def test_a_range_lies_inside(header: str, size: int) -> None:
    try:
        wanted = ranges.requested(header, size)
    except ranges.UnsatisfiableError:
        return
    assert wanted is None or (wanted and 0 <= wanted.start < wanted.stop <= size)


@pytest.mark.parametrize(
    ("header", "chunk"),
    [
        ("0-10", range(11)), ("5-5", range(5, 6)), ("bytes 0-1", range(2)), ("bytes=0-1", range(2)),
        ("", None), ("1-0", None), ("0", None), ("-1", None), ("0-1/2", None), ("0-" + "9" * 100, None),
    ],
)  # fmt: skip
def test_what_a_chunk_holds(header: str, chunk: range | None) -> None:
    assert ranges.chunk(header) == chunk


def test_how_far_an_upload_is() -> None:
    assert [ranges.stored(size) for size in (0, 1, 10)] == ["0-0", "0-0", "0-9"]


@pytest.mark.parametrize(
    ("headers", "media_type", "shown"),
    [
        ([media.OCI_MANIFEST], media.OCI_MANIFEST, True),
        ([f"text/html, {media.OCI_MANIFEST};q=0.5"], media.OCI_MANIFEST, True),
        ([media.DOCKER_MANIFEST, media.OCI_INDEX], media.OCI_INDEX, True),
        ([], media.OCI_MANIFEST, False),
        (["*/*"], media.OCI_MANIFEST, False),
        ([media.DOCKER_LIST], media.OCI_INDEX, False),
        ([], media.DOCKER_MANIFEST, True),
        ([], media.DOCKER_LIST, True),
    ],
)
def test_who_is_shown_what(headers: list[str], media_type: str, shown: bool) -> None:
    assert (accept.refusal(media_type, accept.media_types(headers)) == "") is shown


def test_a_docker_list_turns_into_an_image_for_clients_that_know_none() -> None:
    assert accept.wants_one_image(media.DOCKER_LIST, frozenset(), by_tag=True)
    assert not accept.wants_one_image(media.DOCKER_LIST, frozenset(), by_tag=False)
    assert not accept.wants_one_image(media.DOCKER_LIST, frozenset({media.DOCKER_LIST}), by_tag=True)
    assert not accept.wants_one_image(media.OCI_INDEX, frozenset(), by_tag=True)
