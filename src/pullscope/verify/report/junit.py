"""`-o junit`: one test case for each case; fail is a failure, inconclusive an error, not applicable is skipped. [pure]"""

from pullscope.reports import junit
from pullscope.reports.junit import Outcome, Testcase
from pullscope.verify.cases import suites
from pullscope.verify.report import rows, sections
from pullscope.verify.report.words import ENGLISH, Words
from pullscope.verify.result import CaseResult, Report
from pullscope.verify.verdict import Word

_OUTCOMES: dict[Word, Outcome] = {
    "pass": "passed",
    "fail": "failed",
    "inconclusive": "error",
    "not_applicable": "skipped",
}


def render(report: Report, words: Words = ENGLISH) -> str:
    """The report as a suite."""
    cluster = report.cluster
    told = {"server": cluster.server, "version": cluster.version, "node": cluster.node, "registry": cluster.registry}
    properties = {name: value for name, value in told.items() if value}
    cases = [_case(result, report.suite, words) for result in report.results]
    return junit.render(f"verify {report.suite}", cases, properties=properties, seconds=report.seconds)


def _case(result: CaseResult, suite: str, words: Words) -> Testcase:
    evidence: list[str] = []
    for section in sections.sections(result, words):
        evidence += [section.title, *(f"  {line}" for line in sections.aligned(section.lines))]
    word = words.say(rows.WORDS[result.verdict.word])
    return Testcase(
        group=f"pullscope.{suite}.{suites.topic_of(result.case)}" if suite == "full" else f"pullscope.{suite}",
        name=rows.heading(result.case, words),
        outcome=_OUTCOMES[result.verdict.word],
        message=f"{word}: {rows.because(result, words)}",
        text="\n".join(evidence),
        seconds=result.observed.seconds or 0.0,
    )
