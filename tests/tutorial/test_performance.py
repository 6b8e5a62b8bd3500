"""The whole tutorial on a lab: every command, every case; and how it ends early."""

import io
import os
import re
import sys
from pathlib import Path

import pytest
from tests.lab.typist import Typist

from pullscope.base.clock import SystemClock
from pullscope.pull.flow import Text
from pullscope.tutorial import performance
from pullscope.tutorial.performance import StepFailedError
from pullscope.tutorial.screen import Screen
from pullscope.tutorial.steps import Chapter, Oc, Step


async def perform(*chapters: Chapter) -> tuple[int, str]:
    file, before = io.StringIO(), Path.cwd()
    try:
        return await performance.perform(
            Screen(file, "en"), None, SystemClock(), chapters or performance.CHAPTERS
        ), file.getvalue()
    finally:
        assert Path.cwd() == before


async def test_the_six_cases_by_hand() -> None:
    code, text = await perform()
    assert code == 0, text
    assert re.findall(r"^No\. (\d): (.*): as expected$", text, re.MULTILINE) == [
        ("6", "Running node.war"),
        ("2", "Running registry.war"),
        ("5", "Running registry.war"),
        ("1", "ErrImagePull"),
        ("3", "ErrImagePull"),
        ("4", "Running registry.war"),
    ]
    for command in ("oc new-app custom-image-java", "oc delete is custom-image-java"):
        assert f"\n$ {command}\n" in text
    assert text.count("●    └─ IfNotPresent → Is the image on the node?") == 4


async def test_a_step_that_does_something_else_ends_it() -> None:
    why = Text("Why.", "なぜか。")
    with pytest.raises(StepFailedError, match="`oc get nodes` did not print 'worker-7'"):
        await perform(Chapter(why, why, (Step(why, Oc("oc get nodes", says="worker-7")),)))


def test_enter_runs_a_command_and_ctrl_c_leaves_nothing(
    tmp_path: Path, typists: list[Typist], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("TMPDIR", str(tmp_path)), ("LANG", "ja_JP.UTF-8"), ("LC_ALL", "")):
        monkeypatch.setitem(os.environ, name, value)
    typist = Typist([sys.executable, "-m", "pullscope", "tutorial"])
    typists.append(typist)
    typist.until("Enter で各コマンドを実行".encode())
    typist.until(rb"\$ oc login")
    typist.type(b"\n")
    typist.until(b"Login successful")
    typist.until(rb"\$ oc new-project")
    typist.interrupt()
    assert typist.leave()[0] == 130
    assert list(tmp_path.iterdir()) == []
