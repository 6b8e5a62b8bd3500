"""`-o markdown`: the table as GitHub shows it, and the evidence of the cases asked for. [pure]"""

from collections.abc import Collection, Iterable

from pullscope.verify.report import rows, sections, topics
from pullscope.verify.report.topics import Group
from pullscope.verify.report.words import ENGLISH, Words
from pullscope.verify.result import CaseResult, Report

_GIVEN = ("on the node", "in the registry")
_TOLD = ("the case",)


def render(report: Report, details: Collection[str], words: Words = ENGLISH) -> str:
    """The report; `details` are the ids of the cases whose evidence is wanted."""
    groups = topics.groups(report.results, lambda result: result.case)
    lines: list[str] = []
    for group in groups:
        lines += [*((f"## {group.heading(words)}", "") if topics.headed(groups) else ()), *_table(group, words), ""]
    lines += [*(f"{note}\n" for note in rows.notes(report, words)), rows.summary(report, words)]
    for result in report.results:
        if result.case.id in details:
            lines += ["", *_evidence(result, words)]
    return "\n".join(lines) + "\n"


def _table(group: Group[CaseResult], words: Words) -> list[str]:
    given = _TOLD if group.told else _GIVEN
    titles = ("No.", "imagePullPolicy", *given, "expected", "observed", "verdict")
    cells = (_cells(result, words, told=group.told) for result in group.rows)
    return [_line(map(words.say, titles)), _line("---" for _ in titles), *map(_line, cells)]


def _cells(result: CaseResult, words: Words, *, told: bool) -> tuple[str, ...]:
    row = rows.row(result, words)
    ran = ": " + " ".join([*([f"`{row.war}`"] if row.war else []), f"({row.digest})"]) if row.digest else ""
    verdict = f"**{words.say(rows.WORDS[row.verdict])}**"
    expected = words.say(result.case.expected.text)
    given = (row.what,) if told else (row.on_node, row.in_registry)
    return (row.number, row.policy, *given, expected, f"{row.status}{ran}", verdict)


def _evidence(result: CaseResult, words: Words) -> list[str]:
    verdict, because = words.say(rows.WORDS[result.verdict.word]), rows.because(result, words)
    lines = [f"## {rows.heading(result.case, words)}", "", f"{verdict}: {because}"]
    for section in sections.sections(result, words):
        lines += ["", f"### {section.title}", "", "```text", *sections.aligned(section.lines), "```"]
    return lines


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(_escaped(cell) for cell in cells)} |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
