"""A directory's files as an image's, and what is refused by name."""

import os
import sys
from pathlib import Path

import pytest

from pullscope.base.errors import UsageError
from pullscope.images import folder
from pullscope.images.layers import Entry

unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


def test_files_are_placed_with_plain_modes(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.war").touch(mode=0o600)
    (tmp_path / "run.sh").touch()
    (tmp_path / "run.sh").chmod(0o700)
    executable = 0o644 if sys.platform == "win32" else 0o755
    assert folder.entries(tmp_path, "deployments") == [
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
        folder.entries(tmp_path, "deployments")


@unix
def test_links_and_devices(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("/etc/passwd")
    with pytest.raises(UsageError, match="a is a symbolic link"):
        folder.entries(tmp_path, "deployments")
    (tmp_path / "a").unlink()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="pipe is neither a file nor a directory"):
        folder.entries(tmp_path, "deployments")


def test_no_files(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    for path, message in (("empty", "has no files"), ("file", "is not a directory"), ("missing", "is not a directory")):
        with pytest.raises(UsageError, match=message):
            folder.entries(tmp_path / path, "deployments")
