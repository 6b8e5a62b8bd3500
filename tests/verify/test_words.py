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
from tests.verify.told import went_well

from pullscope.cli import serving_misbehaving
from pullscope.pull import complaints, reasons
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
from pullscope.verify.case import Case
from pullscope.verify.cases import article, suites
from pullscope.verify.evidence import Evidence
from pullscope.verify.report import japanese, markdown, rows, story, table, topics, words
from pullscope.verify.result import CaseResult, Report
from pullscope.verify.scenarios import judge as scenario_judge
from pullscope.verify.scenarios import looking, needs, objects, player
from pullscope.verify.scenarios.steps import Scenario

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


@pytest.mark.parametrize("cases", suites.TOPICS.values(), ids=suites.TOPICS)
def test_every_row_is_in_the_catalogue(cases: tuple[Case, ...]) -> None:
    texts = [text for case in cases for text in (case.title, case.expected.text, case.state)]
    assert [text for text in texts if not is_upstreams(text) and JAPANESE.say(text) == text] == []


def is_upstreams(text: str) -> bool:
    """Whether it is a status or a reason, which stays as it is in all languages."""
    return text.isdigit() or text.partition(":")[2] in UPSTREAMS or text in UPSTREAMS


UPSTREAMS = {value for value in vars(reasons).values() if isinstance(value, str)}


def test_every_topic_is_in_the_catalogue() -> None:
    assert set(topics.TITLES.values()) <= set(japanese.CATALOGUE)


SCENARIOS = [case for cases in suites.TOPICS.values() for case in cases if isinstance(case, Scenario)]


def test_every_story_is_told_in_japanese() -> None:
    """Of what is done, must be and is, nothing stays as it is but names, words of upstream and numbers."""
    assert {scenario.id: left for scenario in SCENARIOS if (left := in_english(scenario))} == {}


def in_english(scenario: Scenario) -> list[str]:
    """What stays so that should not."""
    evidence = went_well(scenario)
    told = story.chapters(scenario, evidence, JAPANESE)
    parts = [part for each in told for name, text in each.looked if name != "メッセージ" for part in text.split("、")]
    left = [part for part in (*parts, *(each.did for each in told)) if part.isascii() and not KEPT.fullmatch(part)]
    because = story.because(
        scenario, CaseResult(scenario, *scenario_judge.judge(scenario, evidence), evidence), JAPANESE
    )
    causes = (part for part in because.split("; ") if part.isascii())
    return [*left, *(part for part in causes if part.partition(": ")[2] not in UPSTREAMS)]


KEPT = re.compile(r"(?:[A-Z]\w+:)?[A-Z]\w+|imagePullPolicy \w+|\w+\.war \(\w+\)|Init:\d/\d")


def sentences(module: ModuleType) -> Iterator[str]:
    """What the module's verdicts, steps and obstacles say, `<>` for each part."""
    for call in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in SAYING:
            for text in (each for argument in call.args for each in either(argument)):
                if said := written(text):
                    yield said


def either(expression: ast.expr) -> list[ast.expr]:
    """What the expression may be."""
    return [expression.body, expression.orelse] if isinstance(expression, ast.IfExp) else [expression]


def written(text: ast.expr) -> str:
    """A text as it is written, `<>` for each part; empty for anything else."""
    if isinstance(text, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "<>" for part in text.values)
    return str(text.value) if isinstance(text, ast.Constant) and text.value not in ("failed", "unsupported") else ""


SAYING = {"passed", "failed", "inconclusive", "not_applicable", "make", "Step", "Done", "ObstacleError", "Obstacle"}
SPEAKERS = (
    *(judge, judge_running, judge_refused, judge_waiting),
    *(freshtags, method, primer, repository, run_case, sources),
    *(scenario_judge, player),
)
JOINED = re.compile(
    r"<>: <>; |STATUS is <><>$|within <> s<>$|registry<>$|could not be read<>:"
    r"|^created <> <>, <>$|^<> on node <>$|^<>$|^the scenario <> the admission|^<>, and node <> has <>$"
)
"""Sentences that are put together from several; the goldens, stories and `test_what_is_put_together` have them."""
SILENT = (looking, objects)
"""Modules of scenarios that say nothing to people."""


@pytest.mark.parametrize("module", SPEAKERS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_sentence_is_in_the_catalogue(module: ModuleType) -> None:
    typed = ("$ ", "`")
    said = [each for each in sentences(module) if not (each.startswith(typed) or JOINED.search(each))]
    assert said
    assert [each for each in said if JAPANESE.say(each) == each] == []


def test_what_a_cluster_lacks_is_in_the_catalogue() -> None:
    """`needs` returns its sentences."""
    returns = (node for node in ast.walk(ast.parse(inspect.getsource(needs))) if isinstance(node, ast.Return))
    texts = (written(text) for node in returns if node.value for text in either(node.value))
    said = [text for text in texts if " " in text]
    assert len(said) >= 5
    assert [each for each in said if JAPANESE.say(each) == each] == []


@pytest.mark.parametrize("module", SILENT, ids=lambda module: module.__name__.rpartition(".")[2])
def test_others_say_nothing(module: ModuleType) -> None:
    assert list(sentences(module)) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "the scenario is for clusters that have the admission plugin AlwaysPullImages",
        "the scenario is for clusters without the admission plugin AlwaysPullImages",
        "the scenario is for imagePullCredentialsVerificationPolicy NeverVerify, and node crc has AlwaysVerify",
        "the API server made imagePullPolicy nothing from Never, not Always",
        'the API server made imagePullPolicy Always for "a/b:v1", not Never',
        "runs something, although it must fail",
    ],
)
def test_what_is_put_together(sentence: str) -> None:
    said = JAPANESE.say(sentence)
    assert not re.search(r"\b(?:the|is|not|something|nothing)\b", said)


def test_what_registries_are_told_to_do_is_in_the_catalogue() -> None:
    said = {*serving_misbehaving._DONE.values(), *serving_misbehaving._DEMANDED.values()}
    assert said <= set(japanese.CATALOGUE)


def test_every_cause_is_in_the_catalogue() -> None:
    assert {cause.value for cause in complaints.Cause} <= set(japanese.CATALOGUE)


def test_a_sentence_has_the_same_parts_in_both_languages() -> None:
    for sentence in japanese.CATALOGUE:
        parts = [f"<{at}>" for at in range(sentence.count("{}"))]
        said = JAPANESE.say(sentence.format(*parts))
        assert [part for part in (*parts, "{") if (part in said) != (part in parts)] == [], sentence


def test_what_no_catalogue_has_stays_as_it_is() -> None:
    message = 'Back-off pulling image "a/b:v1" and more: pass'
    assert JAPANESE.say(message) == message
    assert words.words("en").say("pass") == "pass"


def test_a_part_that_upstream_said_is_not_put_into_japanese() -> None:
    said = JAPANESE.say("the pull failed, but because the registry cannot be reached: dial tcp 127.0.0.1:1")
    assert said.endswith("「レジストリに到達できない」: dial tcp 127.0.0.1:1")
