"""A diagnosis in every form, as golden files; and what must hold of each form whatever a cluster says."""

import io
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from pullscope.pull.flow import Language
from pullscope.why import report
from pullscope.why.findings import Diagnosis

Golden = Callable[[str, str], None]


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What rich asks the environment must not change a golden file."""
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "LINES", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def printed(diagnosis: Diagnosis, form: report.Form, language: Language = "en") -> str:
    file = io.StringIO()
    report.render(diagnosis, form, language, file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("form", "language", "name"),
    [
        ("table", "en", "table.txt"),
        ("table", "ja", "table.ja.txt"),
        ("wide", "en", "wide.txt"),
        ("json", "ja", "diagnosis.ja.json"),
    ],
)
def test_it_is_printed_as_promised(
    form: report.Form, language: Language, name: str, diagnosis: Diagnosis, golden: Golden
) -> None:
    golden(name, printed(diagnosis, form, language))


def test_twenty_pods_are_one_line_of_the_table_and_twenty_entries_of_json(diagnosis: Diagnosis) -> None:
    assert printed(diagnosis, "table").count("deployment/app") == 2  # its line, and its explanation
    pods = [each["pod"] for each in json.loads(printed(diagnosis, "json"))["containers"]]
    assert len(pods) == len(set(pods)) == 24


def test_nothing_found_is_said(diagnosis: Diagnosis) -> None:
    nothing = replace(diagnosis, findings=(), facts=replace(diagnosis.facts, unseen=()))
    assert printed(nothing, "table") == "nothing found: no container is in what was asked for\n"
    assert json.loads(printed(nothing, "json"))["containers"] == []


@pytest.mark.parametrize("form", ["table", "wide"])
def test_nothing_in_a_table_moves_the_cursor(form: report.Form, hostile: Diagnosis) -> None:
    text = printed(hostile, form)
    assert "\x1b" not in text
    assert "\\x1b[31m" in text
