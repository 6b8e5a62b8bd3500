"""Scenarios on a terminal: each tells what happens in words, in columns that are as wide in all topics."""

from collections.abc import Iterable

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from pullscope.pull import reasons
from pullscope.verify.report import cells, rows
from pullscope.verify.report.topics import Group
from pullscope.verify.report.words import Words
from pullscope.verify.result import CaseResult

ROOMY = 100  # from where on the policy has a column of its own
WIDEST = 140  # words are read more easily in columns that are not wider
_LEAST = len(reasons.REGISTRY_UNAVAILABLE)
_RUNNING = len("Running registry.war 0123456789ab")
_NUMBER, _POLICY = 3, len("IfNotPresent")


def table(group: Group[CaseResult], width: int, words: Words) -> Table:
    """The rows of one topic, for a terminal of that width."""
    made = [rows.row(result, words) for result in group.rows]
    roomy, gap = width >= ROOMY, 2 if width >= ROOMY else 0
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, gap, 0, 0))
    verdict = _longest(cells.verdict(row, words).plain for row in made)
    verdict = max(verdict, cell_len(words.say("verdict")))
    used = _NUMBER + verdict + (5 * (gap + 1) + _POLICY if roomy else 4 * (gap + 1))
    free = min(width, WIDEST) - used
    expected, observed = max(_LEAST, free * 3 // 10), max(_LEAST, min(_RUNNING, free // 3))
    columns = [("No.", _NUMBER), *([("policy", _POLICY)] if roomy else []), ("the case", free - expected - observed)]
    for title, wide in (*columns, ("expected", expected), ("observed", observed), ("verdict", verdict)):
        shown.add_column(words.say(title), width=wide, overflow="fold")
    for row in made:
        told: tuple[str | Text, ...] = (row.policy, row.what) if roomy else (f"{row.policy}: {row.what}",)
        shown.add_row(row.number, *told, row.expected, cells.observed(row), cells.verdict(row, words))
    return shown


def _longest(texts: Iterable[str]) -> int:
    """The cells of the longest word."""
    return max(cell_len(word) for text in texts for word in text.split())
