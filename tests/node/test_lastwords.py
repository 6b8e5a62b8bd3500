"""The last words of containers that failed, as termination messages."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pullscope.cri.api import ContainerState, ContainerStatus
from pullscope.node import lastwords
from pullscope.node.lastwords import LastWords

FAILED = ContainerStatus(
    "c1", "s1", "app", 0, ContainerState.EXITED, "image", "ref", "id", 1, exit_code=1, log_path="app/0.log"
)


def pod(policy: str) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "app", "terminationMessagePolicy": policy}]}}


def write(directory: Path, *lines: str) -> None:
    (directory / "app").mkdir(exist_ok=True)
    text = "".join(f"2026-07-17T10:00:00.000000000Z stdout F {line}\n" for line in lines)
    (directory / "app" / "0.log").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "container",
    [
        replace(FAILED, exit_code=0),
        replace(FAILED, state=ContainerState.RUNNING),
        replace(FAILED, log_path=""),
    ],
)
def test_who_did_not_fail_has_none(container: ContainerStatus) -> None:
    assert not lastwords.may_have(container)


def test_the_end_of_the_log_is_the_message(tmp_path: Path) -> None:
    write(tmp_path, "first", "error: no")
    said = LastWords().added(pod("FallbackToLogsOnError"), FAILED, tmp_path)
    assert said.message == "first\nerror: no\n"
    killed = LastWords().added(pod("FallbackToLogsOnError"), replace(FAILED, message="killed"), tmp_path)
    assert killed.message == "killed: first\nerror: no\n"
    assert LastWords().added(pod("File"), FAILED, tmp_path) == FAILED


def test_no_more_than_eighty_lines_and_two_kilobytes(tmp_path: Path) -> None:
    write(tmp_path, *(str(number) for number in range(1000)))
    said = LastWords().added(pod("FallbackToLogsOnError"), FAILED, tmp_path).message
    assert said.split() == [str(number) for number in range(920, 1000)]
    write(tmp_path, "x" * 5000, "end")
    said = LastWords().added(pod("FallbackToLogsOnError"), FAILED, tmp_path).message
    assert (len(said), said[-5:]) == (2048, "\nend\n")


def test_a_log_is_read_once_and_may_be_gone(tmp_path: Path) -> None:
    words = LastWords()
    write(tmp_path, "error: no")
    assert words.added(pod("FallbackToLogsOnError"), FAILED, tmp_path).message == "error: no\n"
    (tmp_path / "app" / "0.log").unlink()
    assert words.added(pod("FallbackToLogsOnError"), FAILED, tmp_path).message == "error: no\n"
    words.keep_only(["c2"])
    assert words.added(pod("FallbackToLogsOnError"), FAILED, tmp_path) == FAILED
