"""A diagnosis in every form, as golden files; and what must hold of each form whatever a cluster says."""

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree as ET

import orjson
import pytest
from tests.why.report.conftest import HOSTILE, IMAGE, container, node

from pullscope.pull.flow import Language
from pullscope.why import report
from pullscope.why.findings import Diagnosis

Golden = Callable[[str, str], None]

pytestmark = pytest.mark.usefixtures("plain_terminal")


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
        ("junit", "en", "junit.xml"),
        ("markdown", "en", "diagnosis.md"),
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


class Pieces(io.StringIO):
    """What is written, and how much of it at once."""

    largest = 0

    def write(self, text: str, /) -> int:
        self.largest = max(self.largest, len(text))
        return super().write(text)


@pytest.mark.parametrize("count", [0, 1, 24])
def test_json_is_written_container_by_container(diagnosis: Diagnosis, count: int) -> None:
    """As it would come out in one piece."""
    to = Pieces()
    report.render(replace(diagnosis, findings=diagnosis.findings[:count]), "json", "ja", to)
    text = to.getvalue()
    assert text.encode() == orjson.dumps(orjson.loads(text), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    assert to.largest < 4000


def test_nothing_found_is_said(diagnosis: Diagnosis) -> None:
    nothing = replace(diagnosis, findings=(), facts=replace(diagnosis.facts, unseen=()))
    assert printed(nothing, "table") == "nothing found: no container is in what was asked for\n"
    assert json.loads(printed(nothing, "json"))["containers"] == []


@pytest.mark.parametrize("form", ["table", "wide"])
def test_nothing_in_a_table_moves_the_cursor(form: report.Form, hostile: Diagnosis) -> None:
    text = printed(hostile, form)
    assert "\x1b" not in text
    assert "\\x1b[31m" in text


def test_junit_is_well_formed_whatever_a_cluster_says(hostile: Diagnosis) -> None:
    (case,) = ET.fromstring(printed(hostile, "junit")).iter("testcase")
    (failure,) = case
    assert case.attrib["name"] == f"{HOSTILE}/{HOSTILE}".replace("\x1b", "\ufffd")
    assert HOSTILE.replace("\x1b", "\ufffd") in (failure.text or "")


def test_junit_has_a_case_for_each_container(diagnosis: Diagnosis) -> None:
    suite = ET.fromstring(printed(diagnosis, "junit"))[0]
    counts = {name: suite.attrib[name] for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "24", "failures": "21", "errors": "0", "skipped": "1"}
    assert len(list(suite.iter("testcase"))) == 24


def test_nothing_in_markdown_becomes_html_or_another_column(hostile: Diagnosis) -> None:
    text = printed(hostile, "markdown")
    head, rule, line = text.splitlines()[4:7]
    outside = text.partition("```")[0]
    assert outside.count("<") == outside.count("\\<")
    assert len({re.sub(r"\\.", "", each).count("|") for each in (head, rule, line)}) == 1


def test_the_page_of_a_large_cluster_can_be_attached_and_says_what_it_leaves_out(diagnosis: Diagnosis) -> None:
    first = diagnosis.findings[0]
    many = tuple(
        replace(
            first,
            container=replace(container(f"app-{pod}-{image}", f"app-{image}", f"node-{pod}"), image=f"{IMAGE}.{image}"),
        )
        for image in range(500)
        for pod in range(4)
    )
    nodes = {f"node-{number}": node(number) for number in range(100)}
    text = printed(replace(diagnosis, findings=many, facts=replace(diagnosis.facts, nodes=nodes)), "html")
    assert len(text.encode()) < 500_000
    assert "440 more are left out here; -o json has all" in text
    assert "90 more nodes are left out" in text


def test_each_row_that_is_explained_leads_there(diagnosis: Diagnosis) -> None:
    text = printed(diagnosis, "html")
    links = re.findall(r'<a href="#(finding-\d+)">([^<]+)</a>', text)
    headings = re.findall(r'<h2 id="(finding-\d+)">\w+ ([^<]+), app</h2>', text)
    assert links == headings
    assert [workload for _, workload in links] == ["deployment/app", "deployment/job", "deployment/far"]


@pytest.mark.parametrize("form", ["table", "markdown", "html"])
def test_a_pin_that_nobody_meant_is_explained(diagnosis: Diagnosis, form: report.Form) -> None:
    """Such as a digest out of an image stream's history, which no trigger renews."""
    pinned = next(each for each in diagnosis.findings if each.verdict == "pinned")
    first = diagnosis.findings[0].causes[0]
    meant, not_meant = (
        replace(pinned, causes=(replace(first, id=id_),)) for id_ in ("digest-pinned", "trigger-missing")
    )
    texts = [printed(replace(diagnosis, findings=(each,)), form) for each in (meant, not_meant)]
    assert [first.mends[0].text.en in text for text in texts] == [False, True]


def test_another_certain_cause_is_told_as_one(diagnosis: Diagnosis) -> None:
    first, second = diagnosis.findings[0].causes
    found = replace(diagnosis.findings[0], causes=(first, replace(second, certainty="certain")))
    text = printed(replace(diagnosis, findings=(found,)), "table")
    assert "also: the pod is older than the push [not-restarted, certain]" in text


def test_the_page_tells_nodes_apart(diagnosis: Diagnosis) -> None:
    text = printed(diagnosis, "html", "ja")
    assert text.count('<span class="mark node">別</span>') == 4  # two nodes, and what runs and what its node has
    assert text.count('<span class="mark registry">現在</span>') == 3
    assert "なし" in text
