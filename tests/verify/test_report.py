"""Everything that is printed of a run, as golden files of a fixed width; and the shape of the JSON document."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from pullscope.reports import terminal
from pullscope.verify.case import Case
from pullscope.verify.cases import article
from pullscope.verify.evidence import Evidence, Obstacle
from pullscope.verify.judge import judge
from pullscope.verify.report import document, live, markdown, rows, table
from pullscope.verify.result import CaseResult, ClusterInfo, Report

Golden = Callable[[str, str], None]
EvidenceOf = Callable[[str], Evidence]

pytestmark = pytest.mark.usefixtures("plain_terminal")


def result(case: Case, evidence: Evidence) -> CaseResult:
    return CaseResult(case, *judge(case, evidence), evidence)


def report_of(results: list[CaseResult]) -> Report:
    cluster = ClusterInfo(
        "lab", "https://127.0.0.1:6443", "v1.36.2", "crc", "embedded://0.1.0", "127.0.0.1:5000/pullscope/verify"
    )
    return Report("0.1.0", article.NAME, cluster, tuple(results), 2.94, "pullscope-4f2a9c")


@pytest.fixture
def good(evidence_of: EvidenceOf) -> Report:
    return report_of([result(case, evidence_of(case.id)) for case in article.CASES])


@pytest.fixture
def mixed(evidence_of: EvidenceOf) -> Report:
    """One case of each verdict."""
    one, two, five, six = (evidence_of(number) for number in ("1", "2", "5", "6"))
    assert two.pod is not None
    assert six.pod is not None
    stale = replace(two.pod, image_id=two.variants[0].digest)
    cases = {case.id: case for case in article.CASES}
    return report_of(
        [
            result(cases["1"], one),
            result(cases["2"], replace(two, pod=stale, registry_requests=())),
            result(
                cases["5"], replace(five, obstacle=Obstacle("unsupported", "the registry does not delete"), pod=None)
            ),
            result(
                cases["6"], replace(six, log=None, log_error="no | rights", node_images=None, registry_requests=None)
            ),
        ]
    )


def printed(report: Report, details: list[str], *, width: int = 120, wide: bool = False) -> str:
    file = io.StringIO()
    console = terminal.console(file, wide=True) if wide else Console(file=file, width=width, highlight=False)
    table.render(console, report, details, wide=wide)
    return file.getvalue()


@pytest.mark.parametrize("width", [80, 120])
def test_the_table(width: int, good: Report, golden: Golden) -> None:
    golden(f"table-{width}.txt", printed(good, [], width=width))


def test_the_table_of_a_mixed_run(mixed: Report, golden: Golden) -> None:
    golden("table-mixed.txt", printed(mixed, []))


def test_the_wide_table(good: Report, golden: Golden) -> None:
    golden("wide.txt", printed(good, [], wide=True))


@pytest.mark.parametrize("number", ["1", "4", "6", "8"])
def test_the_evidence(number: str, good: Report, golden: Golden) -> None:
    alone = replace(good, results=tuple(each for each in good.results if each.case.id == number))
    golden(f"evidence-{number}.txt", printed(alone, [number]))


def test_the_evidence_of_what_went_wrong(mixed: Report, golden: Golden) -> None:
    golden("evidence-mixed.txt", printed(mixed, ["2", "5", "6"]))


def test_markdown(good: Report, mixed: Report, golden: Golden) -> None:
    golden("report.md", markdown.render(good, ["1"]))
    golden("mixed.md", markdown.render(mixed, ["6"]))


def test_json(good: Report, mixed: Report, golden: Golden) -> None:
    golden("report.json", document.text(good))
    golden("mixed.json", document.text(mixed))


def test_the_document_has_the_promised_shape(good: Report) -> None:
    made = document.document(good)
    assert list(made) == ["schema", "version", "suite", "cluster", "cases", "summary"]
    assert made["schema"] == "pullscope.verify/v1"
    assert set(made["cluster"]) == {"kind", "server", "version", "node", "runtime", "registry"}
    assert made["summary"] == {"passed": 8, "failed": 0, "inconclusive": 0, "not_applicable": 0, "seconds": 2.94}
    for case in made["cases"]:
        assert list(case) == [
            *("id", "topic", "policy", "on_node", "in_registry", "node_matters", "given"),
            *("expected", "observed", "verdict", "because"),
            "evidence",
        ]
        assert set(case["expected"]) == {"outcome", "source", "reasons"}
        assert set(case["observed"]) == {"outcome", "source", "reason", "image_id", "seconds"}
        wanted = {"setup", "pod", "events", "log", "registry_requests", "control", "node_images", "path"}
        assert wanted <= set(case["evidence"])
        assert {"uid", "template_hash", "policy"} <= set(case["evidence"]["pod"])


def test_what_was_not_seen_is_null_or_left_out(mixed: Report) -> None:
    cases = {case["id"]: case for case in document.document(mixed)["cases"]}
    assert cases["5"]["evidence"]["pod"] is None
    assert cases["5"]["observed"]["outcome"] is None
    assert cases["6"]["evidence"]["registry_requests"] is None
    assert "node_images" not in cases["6"]["evidence"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["pass", "pass"], 0),
        (["pass", "not_applicable"], 0),
        (["pass", "inconclusive"], 3),
        (["fail", "inconclusive"], 1),
        ([], 0),
    ],
)
def test_the_exit_code(words: list[Any], code: int, good: Report) -> None:
    results = [
        replace(each, verdict=replace(each.verdict, word=word)) for each, word in zip(good.results, words, strict=False)
    ]
    assert report_of(results).exit_code == code


def test_the_summary_counts_what_there_is(mixed: Report) -> None:
    assert rows.summary(mixed).startswith("1 passed, 1 failed, 1 inconclusive, 1 not applicable in 2.9 s")


def test_progress_is_quiet_in_a_pipe_but_for_warnings(good: Report) -> None:
    file = io.StringIO()
    with live.live(file) as progress:
        progress.phase("starting")
        progress.step(good.results[0].case, "deploying")
        progress.judged(good.results[0])
        progress.warn("namespace x could not be removed")
    assert file.getvalue() == "warning: namespace x could not be removed\n"


class Terminal(io.StringIO):
    """A file that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_narrow_terminal_loses_nothing(good: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    file = Terminal()
    table.render(terminal.console(file), good, ["4"])
    assert "verdict" in file.getvalue()
    assert file.getvalue().count("pass") >= len(good.results)
    assert "Successfully" in file.getvalue()  # the events' messages


def test_progress_on_a_terminal_is_one_line_that_goes(good: Report) -> None:
    file = Terminal()
    with live.live(file) as progress:
        progress.phase("starting a lab")
        for case in (good.results[0].case, good.results[2].case):
            progress.step(case, "deploying")
        for judged in good.results[1:3]:
            progress.judged(judged)
    assert "2 pass · No. 1 deploying" in file.getvalue()
    assert "\x1b[?25h" in file.getvalue()  # the cursor is back
    assert file.getvalue().rstrip().endswith("\x1b[2K")  # and the line is erased
