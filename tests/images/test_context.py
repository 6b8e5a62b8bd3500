"""A directory's files as an image's, and what is refused by name."""

import os
import sys
from pathlib import Path

import pytest

from pullscope.base.errors import UsageError
from pullscope.images.context import Context
from pullscope.images.layers import Entry

unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


def test_files_are_placed_with_plain_modes(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.war").touch(mode=0o600)
    (tmp_path / "run.sh").touch()
    (tmp_path / "run.sh").chmod(0o700)
    executable = 0o644 if sys.platform == "win32" else 0o755
    assert Context(tmp_path).placed("deployments") == [
        Entry("deployments/run.sh", tmp_path / "run.sh", executable),
        Entry("deployments/sub/b.war", tmp_path / "sub" / "b.war", 0o644),
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (".wh.a.war", "would hide files of the base image"),
        ("a\nb.war", "characters that no image should have"),
        ("a\\b.war", "characters that no image should have"),
        (b"\xff.war", "is not UTF-8"),
    ],
)
@unix
def test_hostile_names(tmp_path: Path, name: str | bytes, message: str) -> None:
    (tmp_path / os.fsdecode(name)).touch()
    with pytest.raises(UsageError, match=message):
        Context(tmp_path).placed("deployments")


@unix
def test_links_and_devices(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("/etc/passwd")
    with pytest.raises(UsageError, match="the link a leads to no file of the build context"):
        Context(tmp_path).placed("deployments")
    (tmp_path / "a").unlink()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="pipe is neither a file nor a directory"):
        Context(tmp_path).placed("deployments")


def test_no_files(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    for path, message in (("empty", "has no files"), ("file", "is not a directory"), ("missing", "is not a directory")):
        with pytest.raises(UsageError, match=message):
            Context(tmp_path / path).placed("deployments")


@unix
def test_links_inside_are_their_files(tmp_path: Path) -> None:
    (tmp_path / "ROOT.war").write_text("x")
    (tmp_path / "link.war").symlink_to("ROOT.war")
    entries = Context(tmp_path).placed("deployments")
    assert [(entry.path, entry.content) for entry in entries] == [
        ("deployments/ROOT.war", tmp_path / "ROOT.war"),
        ("deployments/link.war", tmp_path / "ROOT.war"),
    ]


@unix
@pytest.mark.parametrize("target", ["missing", "a", "..", "sub"])
def test_links_to_nothing_in_a_circle_or_out_are_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a").symlink_to(target)
    with pytest.raises(UsageError, match="the link a leads to no file"):
        Context(tmp_path)


def test_dockerignore_leaves_files_out(tmp_path: Path) -> None:
    for name in ("app.war", "notes.md", "Dockerfile"):
        (tmp_path / name).write_text(name)
    (tmp_path / ".dockerignore").write_text("*.md\nDockerfile\n.dockerignore\n")
    context = Context(tmp_path)
    assert context.files == ["app.war"]
    assert context.text("Dockerfile") == "Dockerfile"
    with pytest.raises(UsageError, match="the build context has no missing"):
        context.text("missing")


def test_a_bad_dockerignore_is_named(tmp_path: Path) -> None:
    (tmp_path / ".dockerignore").write_text("[a")
    with pytest.raises(UsageError, match=r"\.dockerignore: syntax error in pattern"):
        Context(tmp_path)


def test_what_patterns_match(tmp_path: Path) -> None:
    for name in ("a.war", "sub/b.war", "sub/c/d.war"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    context = Context(tmp_path)
    assert context.matching("*.war") == [("a.war", [""])]
    assert context.matching("/sub/") == [("sub", ["b.war", "c/d.war"])]
    assert context.matching("../sub/*") == [("sub/b.war", [""]), ("sub/c", ["d.war"])]
    assert context.matching(".") == [("", ["a.war", "sub/b.war", "sub/c/d.war"])]
    assert context.matching("nothing") == []
