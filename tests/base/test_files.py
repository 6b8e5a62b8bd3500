import stat
import sys
from pathlib import Path

import pytest
from tests.fulldisk import files_end_at

from pullscope.base.files import write_atomic


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "state.json"
    write_atomic(target, b"old")
    write_atomic(target, b"new", mode=0o600)
    assert target.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]
    if sys.platform != "win32":
        assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    target = tmp_path / "state.json"
    write_atomic(target, b"old")
    # A directory cannot be replaced by a file: the rename fails after everything was written.
    directory = tmp_path / "directory"
    directory.mkdir()
    with pytest.raises(OSError):
        write_atomic(directory, b"new")
    assert target.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["directory", "state.json"]


def test_a_full_disk_is_told_with_the_files_name(tmp_path: Path) -> None:
    target = tmp_path / "state.json"
    write_atomic(target, b"old")
    with files_end_at(10), pytest.raises(OSError) as raised:
        write_atomic(target, b"longer than that")
    assert raised.value.filename == str(target)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]
