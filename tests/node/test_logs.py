"""CRI's log files, cut as a log request asks."""

import io
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.base.clock import ManualClock
from pullscope.kube import status
from pullscope.kube.api import LogOptions
from pullscope.node import logs

LINES = [
    b"2026-01-01T00:00:01.000000001Z stdout F one\n",
    b"2026-01-01T00:00:02.000000002Z stderr F two\n",
    b"2026-01-01T00:00:03.000000003Z stdout P thr\n",
    b"2026-01-01T00:00:03.000000004Z stdout F ee\n",
    b"2026-01-01T00:00:04.000000005Z stdout F \n",
]
POD = {"metadata": {"name": "p"}}


async def read(path: Path, **options: Any) -> str:
    clock = ManualClock()
    clock.advance(5)

    async def ended() -> bool:
        return True

    reader = logs.Reader(path, LogOptions(**options), clock, ended)
    return b"".join([line async for line in reader.lines()]).decode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "0.log"
    file.write_bytes(b"".join(LINES))
    return file


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "one\ntwo\nthree\n\n"),
        ({"follow": True}, "one\ntwo\nthree\n\n"),
        ({"tail_lines": 2}, "ee\n\n"),
        ({"tail_lines": 0}, ""),
        ({"tail_lines": 100}, "one\ntwo\nthree\n\n"),
        ({"since_time": "2026-01-01T00:00:02Z"}, "two\nthree\n\n"),
        ({"since_time": "2026-01-01T01:00:04+01:00"}, "\n"),
        ({"since_seconds": 2}, "three\n\n"),
        ({"limit_bytes": 5}, "one\nt"),
        ({"limit_bytes": 4}, "one\n"),
        ({"tail_lines": 4, "timestamps": True, "limit_bytes": 35}, "2026-01-01T00:00:02.000000002Z two\n"),
    ],
)
async def test_what_is_asked_for(path: Path, options: dict[str, Any], text: str) -> None:
    assert await read(path, **options) == text


async def test_torn_and_foreign_lines_are_passed_over(path: Path) -> None:
    path.write_bytes(b"garbage\n" + LINES[0] + b"2026-01-01T00:00:09Z stdout X no\n" + LINES[1][:-9])
    assert await read(path) == "one\n"


async def test_a_log_that_is_gone_is_empty(tmp_path: Path) -> None:
    assert await read(tmp_path / "none.log") == ""


@given(st.lists(st.binary(max_size=6).map(lambda raw: raw.replace(b"\n", b"")), max_size=20), st.integers(0, 25))
def test_the_tail_of_any_file(entries: list[bytes], wanted: int) -> None:
    whole = [entry + b"\n" for entry in entries]
    file = io.BytesIO(b"".join(whole))
    file.seek(logs.tail_offset(file, wanted))
    assert file.read() == b"".join(whole[max(0, len(whole) - wanted) :])


async def test_who_stops_reading_closes_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[BinaryIO] = []

    def kept(self: Path, *arguments: Any) -> BinaryIO:
        opened.append(io.open(self, "rb"))  # noqa: SIM115, UP020 (the method is replaced)
        return opened[-1]

    async def ended() -> bool:
        return False

    monkeypatch.setattr(Path, "open", kept)
    following = logs.Reader(path, LogOptions(follow=True), ManualClock(), ended).lines()
    assert await anext(following) == b"one\n"
    await following.aclose()
    assert [file.closed for file in opened] == [True]


def test_the_tail_of_a_large_file() -> None:
    whole = [b"x" * 1000 + b"\n"] * 500
    file = io.BytesIO(b"".join(whole))
    assert logs.tail_offset(file, 200) == 300 * 1001


@pytest.mark.parametrize(
    ("entry", "previous", "found"),
    [
        ({"state": {"running": {}}, "containerID": "x://run"}, False, "run"),
        ({"state": {"terminated": {"containerID": "x://end"}}}, False, "end"),
        ({"state": {"waiting": {}}, "lastState": {"terminated": {"containerID": "x://last"}}}, False, "last"),
        (
            {"state": {"running": {}}, "containerID": "x://run", "lastState": {"terminated": {"containerID": "x://o"}}},
            True,
            "o",
        ),
    ],
)
def test_whose_log(entry: dict[str, Any], *, previous: bool, found: str) -> None:
    known = {"initContainerStatuses": [{"name": "app", **entry}]}
    assert logs.container_id(POD, known, LogOptions("app", previous=previous)) == found


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"state": {"waiting": {"reason": "ErrImagePull"}}}, "is waiting to start: image can't be pulled"),
        ({"state": {"waiting": {}}}, "is waiting to start - no logs yet"),
        ({"state": {"terminated": {"exitCode": 137}}}, "is terminated"),
        ({"state": {"waiting": {}}, "lastState": {"terminated": {"exitCode": 137}}}, "is terminated"),
    ],
)
def test_no_log(entry: dict[str, Any], message: str) -> None:
    known = {"containerStatuses": [{"name": "app", **entry}]}
    with pytest.raises(status.ApiError) as refused:
        logs.container_id(POD, known, LogOptions("app"))
    assert refused.value.message == f'container "app" in pod "p" {message}'
