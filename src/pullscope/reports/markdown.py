"""Markdown as GitHub, GitLab and Jira's importers show it, of texts that may hold anything. [pure]"""

import re
from collections.abc import Iterable

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&@])")
_BACKTICKS = re.compile("`+")


def escaped(text: str) -> str:
    """The text as it is: no markup, no mention, no HTML, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def row(cells: Iterable[str]) -> str:
    """A line of a table, of cells that are Markdown already."""
    return f"| {' | '.join(cells)} |"


def table(titles: Iterable[str], lines: Iterable[Iterable[str]]) -> list[str]:
    """A table's lines, of cells that are Markdown already."""
    head = [escaped(title) for title in titles]
    return [row(head), row("---" for _ in head), *map(row, lines)]


def fenced(text: str, language: str = "") -> list[str]:
    """The text as a block, in a fence that nothing in it can end."""
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", *text.splitlines(), fence]
