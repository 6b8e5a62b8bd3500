"""Container logs in CRI's format."""

import re
from pathlib import Path

import pytest
from tests.fulldisk import files_end_at

from pullscope.base.clock import ManualClock
from pullscope.cri.embedded.logs import Log

MOMENT = "2026-01-01T00:00:00.000000000Z"
LONG = 16 * 1024


@pytest.mark.parametrize(
    ("writes", "expected"),
    [
        ([(1, b"one\n")], ["stdout F one"]),
        ([(2, b"one\ntwo\n")], ["stderr F one", "stderr F two"]),
        ([(1, b"\n\n")], ["stdout F ", "stdout F "]),
        ([(1, b"half "), (2, b"other\n"), (1, b"line\n")], ["stdout P half ", "stderr F other", "stdout F line"]),
        ([(1, b"a\r\nb\x0b\x1cc\n")], ["stdout F a\r", "stdout F b\x0b\x1cc"]),
        ([(1, b"x" * (LONG + 1) + b"\n")], ["stdout P " + "x" * LONG, "stdout F x"]),
        ([(1, b"x" * LONG)], ["stdout P " + "x" * LONG]),
        ([(1, b"")], []),
    ],
)  # fmt: skip
def test_entries(tmp_path: Path, writes: list[tuple[int, bytes]], expected: list[str]) -> None:
    path = tmp_path / "pod" / "app" / "0.log"
    log = Log(path, ManualClock())
    for stream, data in writes:
        log.write(stream, data)
    assert path.read_bytes().decode() == "".join(f"{MOMENT} {line}\n" for line in expected)


def test_times_are_the_clocks(tmp_path: Path) -> None:
    clock = ManualClock()
    log = Log(tmp_path / "log", clock)
    clock.advance(61.000123)
    log.write(1, b"x\n")
    assert re.fullmatch(r"2026-01-01T00:01:01\.000123000Z stdout F x\n", (tmp_path / "log").read_text())


def test_listeners_hear_what_is_written_from_then_on_without_a_file_too() -> None:
    heard: list[tuple[int, bytes]] = []
    log = Log(None, ManualClock())
    log.write(1, b"before")

    def listen(stream: int, data: bytes) -> None:
        heard.append((stream, data))

    log.listen(listen)
    log.write(2, b"after")
    log.leave(listen)
    log.write(1, b"later")
    assert heard == [(2, b"after")]


def test_a_full_disk_leaves_no_half_entry(tmp_path: Path) -> None:
    log = Log(tmp_path / "log", ManualClock())
    log.write(1, b"first\n")
    before = (tmp_path / "log").read_bytes()
    with files_end_at(len(before) + 20), pytest.raises(OSError, match="File too large"):
        log.write(1, b"second\n")
    assert (tmp_path / "log").read_bytes() == before


def test_a_log_that_is_there_is_continued(tmp_path: Path) -> None:
    for text in (b"one\n", b"two\n"):
        Log(tmp_path / "log", ManualClock()).write(1, text)
    assert len((tmp_path / "log").read_text().splitlines()) == 2
