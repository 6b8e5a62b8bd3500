"""Facts as a file: the same on the other side, and a clear word about any other file."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.why import making

from pullscope.base.errors import UsageError
from pullscope.pull.mirrors import Mirror
from pullscope.why import judge, saving
from pullscope.why.facts import Facts, KubeletSettings, Node, NodeImage, Unseen


def whole() -> Facts:
    """Facts with something in each field."""
    node = Node("n", (NodeImage(("r/a:v1",), 9),), complete=True, reported=making.NOW, settings=KubeletSettings())
    made = making.facts(making.running(), making.waiting(making.PULLED))
    return replace(
        made,
        nodes={"n": node},
        mirrors=(Mirror("quay.io", "mirror.test", "digest-only"),),
        unseen=(Unseen("nodes", "forbidden", "no forecast"),),
    )


def test_what_was_saved_is_judged_as_before(tmp_path: Path) -> None:
    facts, path = whole(), tmp_path / "facts.json"
    saving.save(facts, path)
    loaded = saving.load(path)
    assert loaded == facts
    assert judge.judge(loaded).findings == judge.judge(facts).findings


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_file_is_its_owners(tmp_path: Path) -> None:
    saving.save(whole(), tmp_path / "facts.json")
    assert (tmp_path / "facts.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is no facts file"),
        (b"\x89PNG\r\n", "is no facts file"),
        (b"[]", "is no facts file"),
        (b'{"kind": "Pod"}', "is no facts file"),
        (b'{"schema": "pullscope.why/v1"}', "has the schema 'pullscope.why/v1', this version reads 'pullscope.facts/v1'"),
        (b'{"schema": "pullscope.facts/v2"}', "has the schema 'pullscope.facts/v2'"),
        (b'{"schema": "pullscope.facts/v1"}', "is damaged: Object missing required field"),
        (saving.text(whole())[:-40], "is no facts file: Input data was truncated"),
        (saving.text(whole()).replace(b'"running"', b'"flying"'), r"is damaged: Invalid enum value 'flying' - at `\$\.facts\.containers\[0\]\.state"),
    ],
    ids=["empty", "picture", "list", "pod", "report", "newer", "headless", "cut off", "edited"],
)  # fmt: skip
def test_other_files(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "facts.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=why) as refused:
        saving.load(path)
    assert str(path) in refused.value.message
    assert refused.value.hint


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file or directory"):
        saving.load(tmp_path / "none.json")
    with pytest.raises(UsageError, match="cannot write the facts"):
        saving.save(whole(), tmp_path / "none" / "facts.json")
