"""Scenarios in every form of a report: by topics, with their steps and looks, and without anybody's password."""

import base64
import io
import json
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console
from tests.verify.conftest import NODE, _evidence
from tests.verify.test_report import printed
from tests.verify.told import went_well

from pullscope.verify.case import Case
from pullscope.verify.cases import article, suites
from pullscope.verify.evidence import Evidence, Obstacle
from pullscope.verify.judge import judge
from pullscope.verify.report import document, html, junit, listing, markdown, story, topics, words
from pullscope.verify.result import CaseResult, ClusterInfo, Report
from pullscope.verify.scenarios import judge as scenario_judge
from pullscope.verify.scenarios.objects import LOGINS
from pullscope.verify.scenarios.steps import Scenario, See

Golden = Callable[[str, str], None]
SCENARIOS = {case.id: case for cases in suites.TOPICS.values() for case in cases if isinstance(case, Scenario)}
JAPANESE = words.words("ja")
pytestmark = pytest.mark.usefixtures("plain_terminal")


def result(scenario: Scenario, evidence: Evidence) -> CaseResult:
    return CaseResult(scenario, *scenario_judge.judge(scenario, evidence), evidence)


def report(*results: CaseResult) -> Report:
    cluster = ClusterInfo("lab", "https://127.0.0.1:6443", "v1.36.2", "crc", "embedded://0.1.0", "127.0.0.1:5000/x")
    return Report("0.1.0", "full", cluster, results, 2.94, "pullscope-4f2a9c")


def plain(case: Case) -> CaseResult:
    evidence = _evidence(case)
    return CaseResult(case, *judge(case, evidence), evidence)


@pytest.fixture(scope="module")
def everything() -> Report:
    """Every scenario, as it must go."""
    return report(*(result(scenario, went_well(scenario)) for scenario in SCENARIOS.values()))


@pytest.fixture
def some() -> Report:
    """A case of the article, and scenarios: as they must go, differing, and not made."""
    stale = went_well(SCENARIOS["o4"])
    last = stale.sights[-1]
    assert last.pod is not None
    old = replace(last, pod=replace(last.pod, image_id=NODE.digest))
    broken = replace(
        stale, story=stale.story[:-1], obstacle=Obstacle("unsupported", "no registry"), sights=stale.sights[:1]
    )
    return report(
        plain(article.CASES[5]),
        result(SCENARIOS["o1"], went_well(SCENARIOS["o1"])),
        result(SCENARIOS["o4"], replace(stale, pod=old.pod, sights=(*stale.sights[:-1], old))),
        result(SCENARIOS["o5"], went_well(SCENARIOS["o5"])),
        result(replace(SCENARIOS["o4"]), replace(broken, pod=None, events=(), log=None, registry_requests=())),
        result(SCENARIOS["c3"], went_well(SCENARIOS["c3"])),
    )


def test_what_must_be_seen_passes(everything: Report) -> None:
    assert [(each.case.id, each.verdict) for each in everything.results if each.verdict.word != "pass"] == []


@pytest.mark.parametrize("width", [80, 100, 140])
def test_the_table(width: int, some: Report, golden: Golden) -> None:
    text = printed(some, [], width=width)
    golden(f"told-{width}.txt", text)
    assert all(len(line) <= width for line in text.splitlines() if "No. o4" not in line)


def test_the_other_forms(some: Report, golden: Golden) -> None:
    golden("told-wide.txt", printed(some, [], wide=True))
    golden("told.md", markdown.render(some, ["o4", "c3"]))
    golden("told-ja.md", markdown.render(some, ["o4", "o5", "c3"], JAPANESE))


def test_the_evidence(some: Report, golden: Golden) -> None:
    golden("told-evidence.txt", printed(replace(some, results=some.results[2:4]), ["o4", "o5"], width=100))


@pytest.mark.parametrize("number", ["o6", "r4", "i2", "v8", "n3"])
def test_each_look_tells_what_must_be_and_what_is(number: str) -> None:
    scenario = SCENARIOS[number]
    evidence = went_well(scenario)
    chapters = story.chapters(scenario, evidence)
    assert [chapter.number for chapter in chapters] == list(range(1, len(scenario.steps) + 1))
    looks = [chapter for chapter, step in zip(chapters, scenario.steps, strict=True) if isinstance(step, See)]
    assert all([name for name, _ in look.looked][:2] == ["must be", "is"] for look in looks)
    assert len(looks) == len(evidence.sights)
    assert story.left(scenario, evidence) == ""


def test_a_story_that_ends_early_says_how_much_is_left(some: Report) -> None:
    told = some.results[4]
    assert isinstance(told.case, Scenario)
    assert story.left(told.case, told.evidence) == f"1 more of {len(told.case.steps)} steps were not done"
    assert f"1 more of {len(told.case.steps)} steps were not done" in html.render(report(told))


def test_every_topic_has_a_title() -> None:
    assert set(topics.TITLES) == set(suites.TOPICS)


def test_json_has_the_steps_and_what_was_seen(some: Report) -> None:
    cases = json.loads(document.text(some))["cases"]
    assert [case["topic"] for case in cases] == ["article", *["rollouts"] * 4, "credentials"]
    assert "what" not in cases[0]
    assert "sights" not in cases[0]["evidence"]
    failing = cases[3]
    assert failing["what"] == SCENARIOS["o5"].what
    assert failing["upstream"] == SCENARIOS["o5"].upstream
    assert failing["steps"][0] == {"do": "push", "image": "node", "tag": "v1"}
    assert [step["do"] for step in failing["steps"]][6:8] == ["set_image", "see"]
    assert len(failing["evidence"]["story"]) == len(failing["steps"])
    (waits,) = [each for each in failing["evidence"]["sights"] if each["outcome"] == "waiting"]
    assert failing["steps"][waits["step"]]["waits"] == ["ErrImageNeverPull"]
    assert (waits["look"], waits["reason"], waits["registry_requests"]) == ("app", "ErrImageNeverPull", [])
    assert cases[1]["evidence"]["sights"][-1]["source"] == "registry"


def test_the_rows_in_json() -> None:
    made = json.loads(listing.text([*article.CASES[:1], SCENARIOS["b1"], SCENARIOS["u6"], SCENARIOS["o6"]]))["rows"]
    assert [row["topic"] for row in made] == ["article", "before135", "outage", "rollouts"]
    assert made[1]["needs"]["before"] == "1.35"
    assert made[2]["needs"]["runtime"] == "cri-o"
    assert [step["cause"] for step in made[3]["steps"] if step["do"] == "see" and step["waits"]] == ["missing"]


def test_no_report_has_a_password(everything: Report) -> None:
    """Neither as it is nor as a header or a secret would have it."""
    pairs = [":".join(pair) for pair in LOGINS.values()]
    secrets = [password for _, password in LOGINS.values()] + [
        base64.b64encode(pair.encode()).decode() for pair in pairs
    ]
    ids = list(SCENARIOS)
    texts = (
        document.text(everything),
        html.render(everything),
        junit.render(everything),
        markdown.render(everything, ids),
        listing.text(list(SCENARIOS.values())),
    )
    for text in texts:
        assert [secret for secret in secrets if secret in text] == []


def test_a_page_tells_the_story_and_draws_no_way(some: Report) -> None:
    text = html.render(report(some.results[3]))
    assert text.count("<li>looked at") == 6
    assert "<svg" not in text
    assert f"where the rule stands: {SCENARIOS['o5'].upstream}" in text
    assert "rollouts: kubectl rollout restart" in text
    assert "Seconds count from the creation" not in text


def test_junit_groups_by_topic(some: Report) -> None:
    suite = ET.fromstring(junit.render(some))[0]
    assert [case.attrib["classname"] for case in suite.iter("testcase")] == [
        "pullscope.full.article",
        *["pullscope.full.rollouts"] * 4,
        "pullscope.full.credentials",
    ]


@pytest.mark.parametrize("language", [words.ENGLISH, JAPANESE], ids=["en", "ja"])
def test_a_narrow_listing_loses_nothing(language: words.Words) -> None:
    file = io.StringIO()
    listing.render(Console(file=file, width=80), suites.rows("full"), language)
    lines = file.getvalue().splitlines()
    assert "…" not in file.getvalue()
    assert {line.split()[0] for line in lines if line.strip()} >= {case.id for case in suites.rows("full")}
    assert lines[-1].split()[0] == str(len(suites.rows("full")))
