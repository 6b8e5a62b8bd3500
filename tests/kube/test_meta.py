"""Metadata helpers: times, owners, conditions, generated names, the template's hash."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.kube import meta, names

NOON = datetime(2026, 1, 2, 12, 0, 0, 987654, tzinfo=UTC)


def test_times_as_text() -> None:
    assert meta.timestamp(NOON) == "2026-01-02T12:00:00Z"
    assert meta.micro_timestamp(NOON) == "2026-01-02T12:00:00.987654Z"
    tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
    assert meta.timestamp(tokyo) == "2026-01-02T12:00:00Z"


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [
        ("2026-01-02T12:00:00Z", 0),
        ("2026-01-02T12:00:00.987654Z", 987654),
        ("2026-01-02T12:00:00.987654321Z", 987654),
        ("2026-01-02T21:00:00.5+09:00", 500000),
    ],
)
def test_text_as_time(text: str, microsecond: int) -> None:
    assert meta.parse_time(text) == NOON.replace(microsecond=microsecond)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-01-02T12:00:00", "2026-13-02T12:00:00Z"])
def test_other_texts_are_no_times(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        meta.parse_time(text)


OWNER: dict[str, Any] = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "rs", "uid": "u1"}}


def test_owner_reference() -> None:
    assert meta.owner_reference(OWNER) == {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "name": "rs",
        "uid": "u1",
        "controller": True,
        "blockOwnerDeletion": True,
    }
    assert "controller" not in meta.owner_reference(OWNER, controller=False)


def test_controller_of() -> None:
    other = {"apiVersion": "v1", "kind": "Node", "name": "n", "uid": "u2"}
    pod = {"metadata": {"ownerReferences": [other, meta.owner_reference(OWNER)]}}
    assert meta.controller_of(pod) == meta.owner_reference(OWNER)
    assert meta.is_controlled_by(pod, OWNER)
    assert not meta.is_controlled_by(pod, {"metadata": {"uid": "u2"}})
    assert meta.controller_of({"metadata": {}}) is None
    assert not meta.is_controlled_by({"metadata": {"ownerReferences": None}}, OWNER)


def test_conditions_keep_their_time_until_the_status_changes() -> None:
    first = meta.set_condition(None, {"type": "Ready", "status": "False", "reason": "A"}, "t1")
    assert first == [{"type": "Ready", "status": "False", "reason": "A", "lastTransitionTime": "t1"}]
    both = meta.set_condition(first, {"type": "Scheduled", "status": "True"}, "t2")
    same = meta.set_condition(both, {"type": "Ready", "status": "False", "reason": "B"}, "t3")
    assert [(c["type"], c.get("reason"), c["lastTransitionTime"]) for c in same] == [
        ("Ready", "B", "t1"),
        ("Scheduled", None, "t2"),
    ]
    turned = meta.set_condition(same, {"type": "Ready", "status": "True"}, "t4")
    ready = meta.get_condition(turned, "Ready")
    assert ready == {"type": "Ready", "status": "True", "lastTransitionTime": "t4"}
    assert first[0]["reason"] == "A", "the arguments stay as they are"
    assert meta.get_condition(None, "Ready") is None


def test_generated_names() -> None:
    assert meta.generate_name("web-", lambda bound: bound - 1) == "web-99999"
    long = meta.generate_name("x" * 70, lambda _: 0)
    assert long == "x" * 58 + "bbbbb"


@given(st.integers(0, 26), st.integers(0, 26))
def test_generated_names_are_names(one: int, other: int) -> None:
    picks = iter([one, other, one, other, one])
    assert names.dns1123_label(meta.generate_name("web-", lambda _: next(picks))) == []


def test_template_hash() -> None:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "ä"}]}}
    shuffled = {"spec": {"containers": [{"image": "ä", "name": "c"}]}, "metadata": {"labels": {"app": "web"}}}
    first = meta.template_hash(template)
    assert first == meta.template_hash(shuffled)
    assert first != meta.template_hash(template, 0) != meta.template_hash(template, 1)
    assert set(first) <= set(meta.ALPHABET)
    assert 1 <= len(first) <= 10


def test_digits_become_the_letters_of_real_hashes() -> None:
    # All pod-template-hashes that were recorded (6f5f64d9f5, 7f4cf6487c, ...) are of these ten.
    assert meta.safe_encode("0123456789") == "456789bcdf"


def test_fnv_is_fnv() -> None:
    # The published test vectors of FNV-1a, 32 bits.
    assert [meta.fnv1a_32(data) for data in (b"", b"a", b"foobar")] == [0x811C9DC5, 0xE40C292C, 0xBF9CF968]
