"""`--list`: the rows of a suite by their topics, before anything is run, as a table or as JSON."""

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pullscope.verify.case import Case
from pullscope.verify.cases import suites
from pullscope.verify.report import rows, scenariodata, topics
from pullscope.verify.report.topics import Group
from pullscope.verify.report.words import ENGLISH, Words
from pullscope.verify.scenarios.steps import Scenario

SCHEMA = "pullscope.verify.rows/v1"


def render(to: Console, cases: Sequence[Case], words: Words = ENGLISH) -> None:
    """Print one line for each, and how many there are."""
    groups = topics.groups(cases, lambda case: case)
    for group in groups:
        if topics.headed(groups):
            to.print(Text(group.heading(words), "bold"))
        to.print(_table(group, words))
        to.print()
    to.print(words.say(f"{len(cases)} rows"))


def _table(group: Group[Case], words: Words) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    short = ("No.", "policy", *(() if group.told else ("on the\nnode", "in the\nregistry")))
    for title in (*short, *(("the case",) if group.told else ()), "expected"):
        table.add_column(words.say(title), no_wrap=title in short, overflow="fold")
    for case in group.rows:
        told = (words.say(case.title),) if group.told else rows.given(case, words)
        table.add_row(case.id, case.policy, *told, words.say(case.expected.text))
    return table


def text(cases: Sequence[Case]) -> str:
    """The rows as JSON, indented."""
    document = {"schema": SCHEMA, "rows": [_row(case) for case in cases]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _row(case: Case) -> dict[str, Any]:
    expected = case.expected
    return {
        "id": case.id,
        "topic": suites.topic_of(case),
        "policy": case.policy,
        "on_node": case.on_node,
        "in_registry": case.in_registry,
        "given": {"registry": case.state},
        **(scenariodata.told(case) if isinstance(case, Scenario) else {}),
        "expected": {"outcome": expected.outcome, "source": expected.source, "reasons": list(expected.reasons)},
    }
