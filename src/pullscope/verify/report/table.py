"""`-o table` and `-o wide`: the report on a terminal, or as plain text in a pipe or a file."""

from collections.abc import Collection

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pullscope.pull import reasons
from pullscope.reports import terminal
from pullscope.verify.report import cells, rows, sections, toldtable, topics
from pullscope.verify.report.topics import Group
from pullscope.verify.report.words import ENGLISH, Words
from pullscope.verify.result import CaseResult, Report

ROOMY, NARROW = (
    100,
    terminal.LEAST_WIDTH,
)  # from where on the columns stand wider apart, and where they must stand close


def render(
    to: Console, report: Report, details: Collection[str], words: Words = ENGLISH, *, wide: bool = False
) -> None:
    """Print the evidence of the cases in `details`, then the table."""
    for result in report.results:
        if result.case.id in details:
            _render_evidence(to, result, words)
    groups = topics.groups(report.results, lambda result: result.case)
    headed = topics.headed(groups)
    for group in groups:
        if headed:
            to.print(Text(group.heading(words), "bold"))
        to.print(_shown(group, to.width, words, wide=wide))
        to.print()
    for note in rows.notes(report, words):
        to.print(Text(note, "" if note.startswith("No.") else "dim"))
    to.print(rows.summary(report, words))


def _shown(group: Group[CaseResult], width: int, words: Words, *, wide: bool) -> Table:
    if wide:
        return _wide(group, words)
    return toldtable.table(group, width, words) if group.told else _table(group, width, words)


def _table(group: Group[CaseResult], width: int, words: Words) -> Table:
    padding = 2 if width >= ROOMY else 1 if width > NARROW else 0
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, padding, 0, 0))
    for title in ("No.", "policy", "on the\nnode", "in the\nregistry"):
        table.add_column(words.say(title), no_wrap=True)
    for title in ("expected", "observed"):
        table.add_column(words.say(title), min_width=len(reasons.ERR_IMAGE_NEVER_PULL), overflow="fold")
    table.add_column(words.say("verdict"), overflow="fold")
    last_before_never = next((result for result in reversed(group.rows) if result.case.policy != "Never"), None)
    for result in group.rows:
        row = rows.row(result, words)
        given = (row.number, row.policy, row.on_node, row.in_registry, row.expected)
        seen = (cells.observed(row), cells.verdict(row, words))
        table.add_row(*given, *seen, end_section=result is last_before_never)
    return table


def _wide(group: Group[CaseResult], words: Words) -> Table:
    table = Table(box=None, pad_edge=False)
    titles = (
        "NO.",
        "POLICY",
        "NODE",
        "REGISTRY",
        "EXPECTED",
        "STATUS",
        "DEPLOYED",
        "IMAGE ID",
        "SECONDS",
        "POD",
        "VERDICT",
    )
    told = ("CASE", "BECAUSE") if group.told else ("BECAUSE",)
    for title in (*titles, *told):
        table.add_column(words.say(title), no_wrap=True)
    for result in group.rows:
        row, observed, pod = rows.row(result, words), result.observed, result.evidence.pod
        table.add_row(
            *(row.number, row.policy, row.on_node, row.in_registry, row.expected, row.status, row.war or "-"),
            Text(observed.image_id or "-", cells.IMAGES[row.image_of]),
            "-" if observed.seconds is None else f"{observed.seconds:.2f}",
            pod.name if pod else "-",
            cells.verdict(row, words),
            *((row.what,) if group.told else ()),
            row.because,
        )
    return table


def _render_evidence(to: Console, result: CaseResult, words: Words) -> None:
    row = rows.row(result, words)
    to.print(Text.assemble((rows.heading(result.case, words), "bold"), ": ", cells.verdict(row, words)))
    to.print(Padding(Text(row.because), (0, 0, 0, 2), expand=False))
    for section in sections.sections(result, words):
        to.print(Text(f"  {section.title}", "bold dim"))
        grid = Table.grid(padding=(0, 2))
        grid.add_column(width=2)
        last = len(section.lines[0]) - 1
        for at in range(last + 1):
            grid.add_column(no_wrap=at < last, overflow="fold")
        for line in section.lines:
            grid.add_row("", *(Text(cell) for cell in line))
        to.print(grid)
    to.print()
