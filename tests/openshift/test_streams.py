"""The algebra of image streams."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.openshift import streams
from pullscope.openshift.streams import StreamReferenceError, TagName

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def item(image: str, *, reference: str = "", generation: int = 1) -> dict[str, Any]:
    return {
        "created": "2026-01-02T03:04:05Z",
        "dockerImageReference": reference or f"r/x@{image}",
        "image": image,
        "generation": generation,
    }


def test_a_new_tag_begins_its_history() -> None:
    stream: dict[str, Any] = {}
    assert streams.add_item(stream, "v1", item(A))
    assert streams.newest(stream, "v1") == item(A)
    assert streams.tags(stream) == ["v1"]


def test_another_image_comes_first_and_ends_the_conditions() -> None:
    stream: dict[str, Any] = {}
    streams.add_item(stream, "v1", item(A))
    streams.set_condition(stream, "v1", {"type": streams.IMPORT_SUCCESS, "status": "False"})
    assert streams.add_item(stream, "v1", item(B, generation=2))
    assert [entry["image"] for entry in streams.history(stream, "v1")] == [B, A]
    assert "conditions" not in stream["status"]["tags"][0]


def test_the_same_image_adds_nothing() -> None:
    stream: dict[str, Any] = {}
    streams.add_item(stream, "v1", item(A))
    assert not streams.add_item(stream, "v1", item(A))
    assert len(streams.history(stream, "v1")) == 1


@pytest.mark.parametrize(
    "changed", [item(A, generation=2), item(A, reference="other/x@a"), item(B, reference=f"r/x@{A}")]
)
def test_what_differs_in_part_is_the_same_item_mended(changed: dict[str, Any]) -> None:
    stream: dict[str, Any] = {}
    streams.add_item(stream, "v1", item(A))
    assert streams.add_item(stream, "v1", changed | {"created": "2030-01-01T00:00:00Z"})
    assert streams.history(stream, "v1") == [changed]


def test_a_failed_import_keeps_the_history() -> None:
    stream: dict[str, Any] = {}
    streams.set_condition(stream, "v1", {"type": streams.IMPORT_SUCCESS, "status": "False"})
    assert stream["status"]["tags"][0]["items"] is None
    assert streams.newest(stream, "v1") is None
    assert streams.tags(stream) == []


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 3)), max_size=12))
def test_the_newest_is_always_what_was_added_last(added: list[tuple[str, int]]) -> None:
    stream: dict[str, Any] = {}
    for letter, generation in added:
        streams.add_item(stream, "t", item(f"sha256:{letter}", generation=generation))
        newest = streams.newest(stream, "t")
        assert newest is not None
        assert (newest["image"], newest["generation"]) == (f"sha256:{letter}", generation)
    images = [entry["image"] for entry in streams.history(stream, "t")]
    assert all(one != other for one, other in itertools.pairwise(images))


def test_images_are_found_by_digest_or_by_its_beginning() -> None:
    stream: dict[str, Any] = {}
    streams.add_item(stream, "v1", item(A))
    streams.add_item(stream, "v1", item(B))
    assert [found["image"] for found in streams.find_image(stream, A)] == [A]
    assert [found["image"] for found in streams.find_image(stream, "bbb")] == [B]
    assert streams.find_image(stream, "sha256:c") == []


def test_a_tag_is_removed_from_spec_and_status() -> None:
    stream = {"spec": {"tags": [{"name": "v1"}, {"name": "v2"}]}}
    streams.add_item(stream, "v1", item(A))
    assert streams.remove_tag(stream, "v1")
    assert not streams.remove_tag(stream, "v1")
    assert stream == {"spec": {"tags": [{"name": "v2"}]}, "status": {"tags": []}}


@pytest.mark.parametrize(("policy", "expected"), [("Local", f"internal/ns/s@{A}"), ("Source", f"r/x@{A}")])
def test_the_reference_policy_says_where_pods_pull(policy: str, expected: str) -> None:
    stream: dict[str, Any] = {
        "spec": {"tags": [{"name": "v1", "referencePolicy": {"type": policy}}]},
        "status": {"dockerImageRepository": "internal/ns/s"},
    }
    assert streams.pull_reference(stream, "v1", item(A)) == expected
    assert streams.pull_reference(stream, "pushed", item(A)) == f"r/x@{A}"


def follows(target: str, **source: str) -> dict[str, Any]:
    return {"from": {"kind": "ImageStreamTag", "name": target, **source}}


def test_a_tag_that_follows_another_is_followed_within_its_stream() -> None:
    stream = {"spec": {"tags": [{"name": "latest", **follows("v1")}, {"name": "v1", **follows("other:v1")}]}}
    end, wanted = streams.follow(TagName("ns", "s", "latest"), lambda _namespace, _name: stream)
    assert end == TagName("ns", "s", "v1")
    assert wanted is not None
    assert wanted["from"]["name"] == "other:v1"


def test_circles_and_missing_streams_are_named() -> None:
    circle = {"spec": {"tags": [{"name": "a", **follows("s:b")}, {"name": "b", **follows("a")}]}}
    with pytest.raises(StreamReferenceError, match="circular"):
        streams.follow(TagName("ns", "s", "a"), lambda _namespace, _name: circle)
    with pytest.raises(StreamReferenceError, match="not found"):
        streams.follow(TagName("ns", "s", "a"), lambda _namespace, _name: None)


@pytest.mark.parametrize(
    ("name", "tag", "image"),
    [
        ("s:v1", ("s", "v1"), None),
        ("s@sha256:ab", None, ("s", "sha256:ab")),
        ("s", None, None),
        ("s:", None, None),
        (":v1", None, None),
        ("s:a:b", None, None),
    ],
)
def test_names_are_split(name: str, tag: tuple[str, str] | None, image: tuple[str, str] | None) -> None:
    assert streams.split_tag(name) == tag
    assert streams.split_image(name) == image
