"""Logs of bounded length: which files stay, under which names, and what is in them."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pullscope.node import logrotation, logs

START = datetime(2026, 1, 1, tzinfo=UTC)


def rotated(log: Path, turn: int) -> None:
    log.write_text(f"turn {turn}\n")
    logrotation.rotate(log, START + timedelta(seconds=10 * turn))


def names(log: Path) -> list[str]:
    return sorted(path.name for path in log.parent.iterdir())


def test_five_files_stay_and_all_but_the_last_two_are_compressed(tmp_path: Path) -> None:
    log = tmp_path / "0.log"
    for turn in range(7):
        rotated(log, turn)
    assert names(log) == [
        "0.log",
        "0.log.20260101-000030.gz",
        "0.log.20260101-000040.gz",
        "0.log.20260101-000050.gz",
        "0.log.20260101-000100",
    ]
    assert log.read_bytes() == b""
    assert gzip.decompress((tmp_path / "0.log.20260101-000050.gz").read_bytes()) == b"turn 5\n"
    logs.remove_file(log)
    assert names(log) == []


def test_what_a_killed_kubelet_was_compressing_is_compressed_again(tmp_path: Path) -> None:
    log = tmp_path / "0.log"
    for turn in range(3):
        rotated(log, turn)
    (tmp_path / "0.log.20260101-000020.tmp").write_bytes(b"half")
    (tmp_path / "0.log.20260101-000000").write_bytes(b"compressed already")
    rotated(log, 3)
    assert names(log) == [
        "0.log",
        "0.log.20260101-000000.gz",
        "0.log.20260101-000010.gz",
        "0.log.20260101-000020.gz",
        "0.log.20260101-000030",
    ]


def test_only_what_is_too_long_is_rotated_and_what_cannot_be_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    short, long, other = (tmp_path / name / "0.log" for name in ("short", "long", "other"))
    for log in (short, long, other):
        log.parent.mkdir()
        log.write_bytes(b"0123456789")
    short.write_bytes(b"012345678")
    (other.parent / "0.log.20260101-000000").mkdir()
    logrotation.rotate_all(map(str, (tmp_path / "none.log", other, short, long)), START, max_size=10)
    assert [len(names(log)) for log in (short, long)] == [1, 2]
    assert f"cannot rotate the log {other}" in caplog.text
