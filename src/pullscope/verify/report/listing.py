"""`--list`: the rows of a suite before anything is run, as a table or as JSON."""

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from pullscope.verify.case import Case
from pullscope.verify.report import rows
from pullscope.verify.report.words import ENGLISH, Words

SCHEMA = "pullscope.verify.rows/v1"


def render(to: Console, cases: Sequence[Case], words: Words = ENGLISH) -> None:
    """Print one line for each."""
    table = Table(box=None, pad_edge=False)
    for title in ("No.", "policy", "on the node", "in the registry", "expected"):
        table.add_column(words.say(title).replace("\n", ""), no_wrap=title != "expected")
    for case in cases:
        on_node, in_registry = rows.given(case, words)
        table.add_row(case.id, case.policy, on_node, in_registry, words.say(case.expected.text))
    to.print(table)


def text(cases: Sequence[Case]) -> str:
    """The rows as JSON, indented."""
    document = {"schema": SCHEMA, "rows": [_row(case) for case in cases]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _row(case: Case) -> dict[str, Any]:
    expected = case.expected
    return {
        "id": case.id,
        "policy": case.policy,
        "on_node": case.on_node,
        "in_registry": case.in_registry,
        "given": {"registry": case.state},
        "expected": {"outcome": expected.outcome, "source": expected.source, "reasons": list(expected.reasons)},
    }
