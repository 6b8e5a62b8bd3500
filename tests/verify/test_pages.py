"""A run as a page and for CI: whose image a digest names, the way that is proven, what could not be seen, every verdict."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from tests.verify.conftest import NODE, REGISTRY, _evidence

from pullscope.verify.cases import article
from pullscope.verify.evidence import Command, Evidence, Obstacle
from pullscope.verify.judge import judge
from pullscope.verify.report import html, junit, timeline, words
from pullscope.verify.result import CaseResult, ClusterInfo, Report

CASES = {case.id: case for case in article.CASES}


def evidence(number: str) -> Evidence:
    return _evidence(CASES[number])


def report(seen: dict[str, Evidence], *, node: str | None = "crc") -> Report:
    results = tuple(CaseResult(CASES[number], *judge(CASES[number], each), each) for number, each in seen.items())
    cluster = ClusterInfo("cluster", "https://c:6443", "v1.36.2", node, None, "quay.io/team/verify")
    return Report("0.1.0", article.NAME, cluster, results, 2.9, "ns")


@pytest.fixture
def mixed() -> Report:
    """One case of each verdict."""
    two, five, six = (evidence(number) for number in ("2", "5", "6"))
    assert two.pod
    stale = replace(two.pod, image_id=two.variants[0].digest)
    return report(
        {
            "1": evidence("1"),
            "2": replace(two, pod=stale, registry_requests=()),
            "5": replace(five, obstacle=Obstacle("unsupported", "the registry does not delete"), pod=None),
            "6": replace(six, log=None, log_error="no rights", registry_requests=None),
        },
        node=None,
    )


def test_a_page_says_each_verdict_in_words_and_what_was_not_seen(mixed: Report) -> None:
    text = html.render(mixed)
    for mood, word in (("good", "pass"), ("bad", "fail"), ("odd", "inconclusive"), ("calm", "not applicable")):
        assert text.count(f'<span class="verdict {mood}">') == 2  # in the table, and at its case
        assert f"</span>{word}</span>" in text
    assert "unknown: the rights do not show it" in text
    assert "unknown: this registry has no log that can be read" in text
    assert "nothing proves it" in text


def test_digests_are_marked_by_whose_image_they_name() -> None:
    text = html.render(report({"6": evidence("6")}))
    assert f'<code class="node">{NODE.digest}</code> <span class="mark node">node</span>' in text
    assert f'<code class="registry">{REGISTRY.digest}</code> <span class="mark registry">registry</span>' in text
    japanese = html.render(report({"6": evidence("6")}), words.words("ja"))
    assert f'<code class="node">{NODE.digest}</code> <span class="mark node">ノード</span>' in japanese


def test_the_way_is_drawn_as_it_was_proven() -> None:
    text = html.render(report({"6": evidence("6")}))
    assert text.count('class="badge"') == 6
    assert "<strong> IfNotPresent</strong>" in text


def test_a_way_that_the_chart_does_not_have_is_said(mixed: Report) -> None:
    text = html.render(mixed)
    assert text.count("start → name → policy → node-image  (not a way that the flowchart has)") == 1  # No. 2's


def test_what_was_typed_is_told() -> None:
    typed = replace(evidence("6"), commands=(Command("oc get pod", "NAME   READY\n", 0), Command("oc logs x", "", 1)))
    assert "<code>$ oc get pod\nNAME   READY\n$ oc logs x\n</code>" in html.render(report({"6": typed}))


def test_what_happened_is_told_in_its_order() -> None:
    moments = timeline.moments(evidence("1"))
    assert [moment.seconds for moment in moments] == sorted(moment.seconds for moment in moments)
    assert {moment.where for moment in moments} == {"event", "STATUS", "registry"}
    (asked,) = [moment for moment in moments if moment.where == "registry"]
    assert asked.what == "GET 404"


def test_junit_has_an_element_for_each_verdict(mixed: Report) -> None:
    suite = ET.fromstring(junit.render(mixed))[0]
    counts = {name: suite.attrib[name] for name in ("name", "tests", "failures", "errors", "skipped", "time")}
    assert counts == {
        "name": "verify article",
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
        "time": "2.900",
    }
    told = {case.attrib["name"].partition(":")[0]: [child.tag for child in case] for case in suite.iter("testcase")}
    assert told == {"No. 1": ["system-out"], "No. 2": ["failure"], "No. 5": ["skipped"], "No. 6": ["error"]}
    assert "node" not in {each.attrib["name"] for each in suite.iter("property")}
