"""Reports in files: whole, or what was there before."""

import errno
import os
from pathlib import Path
from typing import TextIO

import pytest

from pullscope.cli import outputs


def test_a_report_that_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "report.txt"
    target.write_text("before", encoding="utf-8")

    def breaks(to: TextIO) -> None:
        to.write("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        outputs.write(breaks, target)
    assert target.read_text(encoding="utf-8") == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["report.txt"]


def test_a_whole_one_takes_its_place(tmp_path: Path) -> None:
    target = tmp_path / "report.txt"
    outputs.write(lambda to: print("レポート", file=to), target)
    assert target.read_bytes() == "レポート\n".encode()


@pytest.mark.skipif(os.name != "posix", reason="there are no such files: run it on Linux or macOS")
def test_what_is_no_file_is_written_as_it_is() -> None:
    outputs.write(lambda to: print("gone", file=to), Path("/dev/null"))
    assert Path("/dev/null").is_char_device()
