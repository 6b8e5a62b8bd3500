"""`-o markdown`: the table as GitHub shows it, and the evidence of the cases asked for. [pure]"""

from collections.abc import Collection, Iterable

from pullscope.verify.report import rows, sections
from pullscope.verify.report.words import ENGLISH, Words
from pullscope.verify.result import CaseResult, Report

_TITLES = ("No.", "imagePullPolicy", "on the node", "in the registry", "expected", "observed", "verdict")


def render(report: Report, details: Collection[str], words: Words = ENGLISH) -> str:
    """The report; `details` are the ids of the cases whose evidence is wanted."""
    lines = [_line(map(words.say, _TITLES)), _line("---" for _ in _TITLES)]
    lines += [_line(_cells(result, words)) for result in report.results]
    lines += ["", *(f"{note}\n" for note in rows.notes(report, words)), rows.summary(report, words)]
    for result in report.results:
        if result.case.id in details:
            lines += ["", *_evidence(result, words)]
    return "\n".join(lines) + "\n"


def _cells(result: CaseResult, words: Words) -> tuple[str, ...]:
    row = rows.row(result, words)
    ran = ": " + " ".join([*([f"`{row.war}`"] if row.war else []), f"({row.digest})"]) if row.digest else ""
    verdict = f"**{words.say(rows.WORDS[row.verdict])}**"
    expected = words.say(result.case.expected.text)
    return (row.number, row.policy, row.on_node, row.in_registry, expected, f"{row.status}{ran}", verdict)


def _evidence(result: CaseResult, words: Words) -> list[str]:
    verdict, because = words.say(rows.WORDS[result.verdict.word]), words.say(result.verdict.because)
    lines = [f"## No. {result.case.id}: {words.say(result.case.title)}", "", f"{verdict}: {because}"]
    for section in sections.sections(result, words):
        lines += ["", f"### {section.title}", "", "```text", *sections.aligned(section.lines), "```"]
    return lines


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(_escaped(cell) for cell in cells)} |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
