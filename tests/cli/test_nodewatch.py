"""`pullscope node images -w`: lines, documents, and what is on a screen; then the command beside a lab that stops."""

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table
from tests.cli.test_node import image
from tests.lab import inprocess
from tests.lab.world import push

from pullscope.base.clock import SystemClock
from pullscope.cli import nodepulling, nodewatch, program
from pullscope.cli.nodewatch import Documents, Lines, Rows, Screen, Wanted
from pullscope.lab import control, lifecycle

WANTED = Wanted(digest=False, id=True, whole=False, as_json=False)


def pull(kind: str = "PULLING", **fields: Any) -> dict[str, Any]:
    about = {
        "node": "crc", "image": "r.test/app:v1", "phase": "Downloading", "layersDone": 1, "layers": 3, "bytesDone": 4_190_000,
        "bytesTotal": 30_011_626, "seconds": 2.04, "error": "",
    }  # fmt: skip
    return {"type": kind, "pull": {**about, **fields}}


ADDED = {"type": "ADDED", "image": image()}
DELETED = {"type": "DELETED", "image": image()}
FAILED = pull("FAILED", phase="Failed", error="manifest unknown")


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"phase": "Resolving", "bytesTotal": None, "layers": None}, "Resolving, 2.0s"),
        ({}, "Downloading 4.19MB of 30MB, 1 of 3 layers, 2.0s"),
        ({"phase": "Unpacking", "bytesTotal": 0, "layersDone": 3}, "Unpacking 3 of 3 layers, 2.0s"),
        ({"phase": "Pulled"}, "Pulled in 2.0s, 30MB downloaded"),
        ({"phase": "Pulled", "bytesTotal": 0}, "Pulled in 2.0s, nothing to download"),
        ({"phase": "Failed", "error": "manifest unknown"}, "Failed after 2.0s: manifest unknown"),
    ],
)
def test_how_far_a_pull_is(fields: dict[str, Any], text: str) -> None:
    assert nodewatch.said(pull(**fields)["pull"]) == text


def test_lines_go_on_below_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    printer = Lines(Rows(WANTED, node=True))
    printer.first([ADDED])
    printer.change(pull())
    printer.change(DELETED)
    assert [line.split("   ") for line in capsys.readouterr().out.splitlines()] == [
        line.split("   ")
        for line in (
            "NODE   IMAGE                           TAG   IMAGE ID        SIZE     STATUS",
            "crc    127.0.0.1:5001/m/crictl-x       v1    041159ce2340f   2.16MB   Present",
            "crc    r.test/app                      v1    <none>          30MB     Downloading 4.19MB of 30MB, 1 of 3 layers, 2.0s",
            "crc    127.0.0.1:5001/m/crictl-x       v1    041159ce2340f   2.16MB   Removed",
        )
    ]


def test_documents_come_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    printer = Documents()
    printer.first([ADDED])
    printer.change(FAILED)
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [ADDED, FAILED]


def test_a_screen_shows_what_there_is_and_what_failed() -> None:
    shown: list[Table] = []
    said: list[str] = []
    screen = Screen(Rows(WANTED, node=False), shown.append, said.append)
    screen.first([ADDED])
    for change in (pull(), FAILED, pull(image="r.test/b:v1"), pull("PULLED", image="r.test/b:v1"), pull(), DELETED):
        screen.change(change)
    assert said == ["r.test/app:v1 on crc: Failed after 2.0s: manifest unknown"]
    console = Console(file=io.StringIO(), width=130)
    console.print(shown[-1])
    (title, row) = console.file.getvalue().splitlines()  # type: ignore[attr-defined]  # it is the StringIO above
    assert title.split() == ["IMAGE", "TAG", "IMAGE", "ID", "SIZE", "STATUS"]
    assert row.startswith("r.test/app")
    assert "Downloading 4.19MB of 30MB, 1 of 3 layers" in row


@pytest.mark.parametrize(
    ("image_name", "part", "count"),
    [
        ("r.test/app:v1", {"images": [], "pulls": [pull()["pull"], pull(image="r.test/b:v1")["pull"]]}, 1),
        ("r.test/app", pull(image="r.test/app:latest"), 1),
        ("r.test/app:v1", ADDED, 0),
        ("r.test/APP", pull(), 0),
    ],
)
def test_of_all_pulls_only_the_commands_own_is_shown(image_name: str, part: dict[str, Any], count: int) -> None:
    assert len(nodepulling.of(image_name, part)) == count


async def test_watching_ends_with_the_lab(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PULLSCOPE_HOME", str(tmp_path))
    assert program.run(["node", "images", "-w", "-q"]) == 2
    assert "tell nothing of what changes" in capsys.readouterr().err
    async with inprocess.running(tmp_path) as state:
        registry, run = (await lifecycle.status(state))["registry"], await lifecycle.reach(state, SystemClock())
        name = f"{registry}/demo/app:v1"
        await push(registry, name, "node.war")
        watching = asyncio.create_task(asyncio.to_thread(program.run, ["node", "images", "-w"]))
        printed = ""
        while "STATUS" not in printed:
            printed += capsys.readouterr().out
            await SystemClock().sleep(0.01)
        assert [part async for part in control.follow(run, "pull", words=[name])]
        while "Pulled in" not in printed:
            printed += capsys.readouterr().out
            await SystemClock().sleep(0.01)
        await control.ask(run, "stop")
        assert await watching == 0
    assert "Present" in printed
    assert capsys.readouterr().err == "the lab default has stopped\n"
