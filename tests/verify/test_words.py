"""Reports in Japanese: as golden files, and columns that stand under each other on a terminal."""

import ast
import inspect
import io
import re
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from rich.cells import cell_len
from rich.console import Console
from tests.verify.test_report import Golden, report_of, result

from pullscope.pull import complaints
from pullscope.verify import (
    freshtags,
    judge,
    judge_refused,
    judge_running,
    judge_waiting,
    primer,
    repository,
    run_case,
    sources,
)
from pullscope.verify.byhand import method
from pullscope.verify.cases import article, matrix
from pullscope.verify.evidence import Evidence
from pullscope.verify.report import japanese, markdown, rows, table, words
from pullscope.verify.result import Report

JAPANESE = words.words("ja")


@pytest.fixture
def good(evidence_of: Callable[[str], Evidence]) -> Report:
    return report_of([result(case, evidence_of(case.id)) for case in article.CASES])


def printed(report: Report, details: list[str], width: int) -> str:
    file = io.StringIO()
    table.render(Console(file=file, width=width, highlight=False, color_system=None), report, details, JAPANESE)
    return file.getvalue()


@pytest.mark.parametrize("width", [80, 120])
def test_the_table(width: int, good: Report, golden: Golden) -> None:
    text = printed(good, [], width)
    golden(f"table-ja-{width}.txt", text)
    rule = next(line for line in text.splitlines() if line.startswith("──"))
    assert all(cell_len(line) <= cell_len(rule) for line in text.split("\n\n※")[0].splitlines())


@pytest.mark.parametrize("number", ["1", "6"])
def test_the_evidence(number: str, good: Report, golden: Golden) -> None:
    golden(f"evidence-ja-{number}.txt", markdown.render(good, [number], JAPANESE))


def test_columns_stand_under_each_other(good: Report) -> None:
    """Where `pass` begins, counted in the cells of a terminal, is the same in every line."""
    lines = [line for line in printed(good, [], 120).splitlines() if line.endswith("合格")]
    assert len(lines) == len(article.CASES)
    assert len({cell_len(line) for line in lines}) == 1


def test_every_sentence_of_a_good_run_is_in_the_catalogue(good: Report) -> None:
    for each in good.results:
        for said in (each.verdict.because, each.case.title, each.case.expected.text, rows.WORDS[each.verdict.word]):
            assert JAPANESE.say(said) != said


def test_every_row_of_the_matrix_is_in_the_catalogue() -> None:
    for case in matrix.CASES:
        assert JAPANESE.say(case.title) != case.title
        assert JAPANESE.say(case.expected.text) != case.expected.text
        assert case.state.isdigit() or JAPANESE.say(case.state) != case.state


def sentences(module: ModuleType) -> Iterator[str]:
    """What the module's verdicts, steps and obstacles say, `<>` for each part."""
    for call in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in SAYING:
            for text in call.args:
                if isinstance(text, ast.JoinedStr):
                    yield "".join(str(part.value) if isinstance(part, ast.Constant) else "<>" for part in text.values)
                elif isinstance(text, ast.Constant) and text.value not in ("failed", "unsupported"):
                    yield str(text.value)


SAYING = {"passed", "failed", "inconclusive", "not_applicable", "Step", "ObstacleError", "Obstacle"}
SPEAKERS = (
    *(judge, judge_running, judge_refused, judge_waiting),
    *(freshtags, method, primer, repository, run_case, sources),
)
JOINED = re.compile(r"<>: <>; |STATUS is <><>$|within <> s<>$|registry<>$|could not be read<>:")
"""Sentences that are put together from several; the goldens have them."""


@pytest.mark.parametrize("module", SPEAKERS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_sentence_is_in_the_catalogue(module: ModuleType) -> None:
    typed = ("$ ", "`")
    said = [each for each in sentences(module) if not (each.startswith(typed) or JOINED.search(each))]
    assert said
    assert [each for each in said if JAPANESE.say(each) == each] == []


def test_every_cause_is_in_the_catalogue() -> None:
    assert {cause.value for cause in complaints.Cause} <= set(japanese.CATALOGUE)


@pytest.mark.parametrize("sentence", list(japanese.CATALOGUE))
def test_a_sentence_has_the_same_parts_in_both_languages(sentence: str) -> None:
    parts = [f"<{at}>" for at in range(sentence.count("{}"))]
    said = JAPANESE.say(sentence.format(*parts))
    assert all(part in said for part in parts)
    assert "{" not in said


def test_what_no_catalogue_has_stays_as_it_is() -> None:
    message = 'Back-off pulling image "a/b:v1" and more: pass'
    assert JAPANESE.say(message) == message
    assert words.words("en").say("pass") == "pass"


def test_a_part_that_upstream_said_is_not_put_into_japanese() -> None:
    said = JAPANESE.say("the pull failed, but because the registry cannot be reached: dial tcp 127.0.0.1:1")
    assert said.endswith("「レジストリに到達できない」: dial tcp 127.0.0.1:1")
