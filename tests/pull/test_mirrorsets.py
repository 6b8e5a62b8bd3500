"""What mirror sets say together."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.pull import mirrorsets
from pullscope.pull.mirrors import Mirror, Rules
from pullscope.pull.mirrorsets import ConflictError

Set = dict[str, Any]
NAMES = st.lists(st.sampled_from("abcdef"), unique=True, max_size=5)


def digests(*entries: Set) -> Set:
    return {"kind": "ImageDigestMirrorSet", "spec": {"imageDigestMirrors": list(entries)}}


def tags(*entries: Set) -> Set:
    return {"kind": "ImageTagMirrorSet", "spec": {"imageTagMirrors": list(entries)}}


def entry(source: str, *mirrors: str, policy: str = "") -> Set:
    said = {"mirrorSourcePolicy": policy} if policy else {}
    return {"source": source, "mirrors": list(mirrors), **said}


def test_sets_of_both_kinds() -> None:
    found = mirrorsets.rules([tags(entry("r.test", "m.test")), digests(entry("r.test/a", "n.test", "o.test"))])
    expected = [Mirror("r.test/a", "n.test", "digest-only"), Mirror("r.test/a", "o.test", "digest-only")]
    assert found == Rules((*expected, Mirror("r.test", "m.test", "tag-only")))


def test_sets_without_a_mirror_say_nothing() -> None:
    never = entry("r.test", policy=mirrorsets.NEVER)
    assert (
        mirrorsets.rules([digests(never), digests(entry("s.test", "s.test")), tags(), {"kind": "ImageTagMirrorSet"}])
        == Rules()
    )


def test_a_source_may_be_closed() -> None:
    assert mirrorsets.rules([tags(entry("r.test", "m.test", policy=mirrorsets.NEVER))]).blocked == {"r.test"}


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        (
            [digests(entry("r.test", "m.test")), tags(entry("r.test", "m.test", policy=mirrorsets.NEVER))],
            (
                'conflicting mirrorSourcePolicy is set for the same source "r.test" in imagedigestmirrorsets, '
                "imagetagmirrorsets, or imagecontentsourcepolicies"
            ),
        ),
        (
            [digests(entry("r.test", "m.test", "r.test", policy=mirrorsets.NEVER))],
            'cannot set mirrorSourcePolicy: NeverContactSource if the source "r.test" is one of the mirrors',
        ),
    ],
)
def test_sets_that_contradict_each_other(sets: list[Set], words: str) -> None:
    with pytest.raises(ConflictError) as raised:
        mirrorsets.rules(sets)
    assert str(raised.value) == words


def test_lists_of_one_source_are_merged() -> None:
    found = mirrorsets.rules([digests(entry("r.test", "b", "c")), digests(entry("r.test", "a", "b"))])
    assert [mirror.target for mirror in found.mirrors] == ["a", "b", "c"]
    crossed = mirrorsets.rules([tags(entry("r.test", "a", "b")), tags(entry("r.test", "b", "a"))])
    assert sorted(mirror.target for mirror in crossed.mirrors) == ["a", "b"]


@given(st.permutations("abcdef"), st.lists(NAMES, max_size=4))
def test_lists_that_agree_keep_their_order(order: list[str], chosen: list[list[str]]) -> None:
    lists = [sorted(each, key=order.index) for each in chosen]
    merged = [rule.target for rule in mirrorsets.rules([tags(entry("r.test", *each)) for each in lists]).mirrors]
    assert sorted(merged) == sorted({mirror for each in lists for mirror in each})
    for each in lists:
        assert sorted(each, key=merged.index) == each
