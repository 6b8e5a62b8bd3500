"""`-o table` and `-o wide`: the report on a terminal, or as plain text in a pipe or a file."""

from collections.abc import Collection

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pullscope.pull import reasons
from pullscope.reports import terminal
from pullscope.verify.report import rows, sections, topics
from pullscope.verify.report.topics import Group
from pullscope.verify.report.words import ENGLISH, Words
from pullscope.verify.result import CaseResult, Report

ROOMY, NARROW = (
    100,
    terminal.LEAST_WIDTH,
)  # from where on the columns stand wider apart, and where they must stand close
WIDEST = 140  # what is told in words is read more easily in columns that are not wider

_VERDICTS = {"pass": "green", "fail": "bold red", "inconclusive": "yellow", "not_applicable": "dim"}
_IMAGES = {"node": "cyan", "registry": "magenta", None: ""}


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
        to.print(_wide(group, words) if wide else _table(group, to.width, words))
        to.print()
    for note in rows.notes(report, words):
        to.print(Text(note, "" if note.startswith("No.") else "dim"))
    to.print(rows.summary(report, words))


def _table(group: Group[CaseResult], width: int, words: Words) -> Table:
    padding = 2 if width >= ROOMY else 1 if width > NARROW else 0
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, padding, 0, 0))
    given = () if group.told else ("on the\nnode", "in the\nregistry")
    for title in ("No.", "policy", *given):
        table.add_column(words.say(title), no_wrap=True)
    if group.told:
        table.add_column(words.say("the case"), ratio=4)
        table.expand, table.width = True, min(width, WIDEST)
    for title in ("expected", "observed"):
        least = len(reasons.ERR_IMAGE_NEVER_PULL)
        table.add_column(words.say(title), min_width=least, ratio=3 if group.told else None, overflow="fold")
    table.add_column(words.say("verdict"), overflow="fold")
    last_before_never = next((result for result in reversed(group.rows) if result.case.policy != "Never"), None)
    for result in group.rows:
        row = rows.row(result, words)
        cells = (row.number, row.policy, *((row.what,) if group.told else (row.on_node, row.in_registry)), row.expected)
        section = result is last_before_never and not group.told
        table.add_row(*cells, _observed(row), _verdict(row, words), end_section=section)
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
            Text(observed.image_id or "-", _IMAGES[row.image_of]),
            "-" if observed.seconds is None else f"{observed.seconds:.2f}",
            pod.name if pod else "-",
            _verdict(row, words),
            *((row.what,) if group.told else ()),
            row.because,
        )
    return table


def _observed(row: rows.Row) -> Text:
    text = Text(row.status)
    if row.digest:
        text.append(" ")
        text.append(f"{row.war} {row.digest}".strip(), _IMAGES[row.image_of])
    return text


def _verdict(row: rows.Row, words: Words) -> Text:
    return Text(words.say(rows.WORDS[row.verdict]), _VERDICTS[row.verdict])


def _render_evidence(to: Console, result: CaseResult, words: Words) -> None:
    row = rows.row(result, words)
    to.print(Text.assemble((rows.heading(result.case, words), "bold"), ": ", _verdict(row, words)))
    to.print(Text(f"  {row.because}"))
    for section in sections.sections(result, words):
        to.print(Text(f"  {section.title}", "bold dim"))
        grid = Table.grid(padding=(0, 2))
        grid.add_column(width=2)
        last = len(section.lines[0]) - 1
        for at in range(last + 1):
            grid.add_column(no_wrap=at < last, overflow="fold")
        for cells in section.lines:
            grid.add_row("", *(Text(cell) for cell in cells))
        to.print(grid)
    to.print()
