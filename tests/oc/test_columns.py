"""Tables as the real oc printed them, out of the same answers."""

import pytest
from tests.oc import screens

from pullscope.oc.columns import Printer, Style

RECORDED = screens.recorded()


@pytest.mark.parametrize(
    ("run", "styles"),
    [
        ("get-bc", [Style()]),
        ("get-imagestream-one", [Style()]),
        ("get-istag-one", [Style()]),
        ("get-label", [Style(labels=True)]),
        ("get-nodes", [Style()]),
        ("get-nodes-wide", [Style(wide=True)]),
        ("get-slash", [Style(prefix="deployment.apps/"), Style(prefix="service/")]),
        ("get-svc", [Style()]),
    ],
)
def test_tables_are_ocs(run: str, styles: list[Style]) -> None:
    answers = RECORDED[run].answers
    tables = ["\n".join(Printer(style).lines(table)) for style, table in zip(styles, answers, strict=True)]
    assert "\n\n".join(tables) + "\n" == RECORDED[run].stdout


def test_a_watch_remembers_the_widths() -> None:
    """Recorded: a longer status widens its column for the rows after it."""
    printer = Printer(Style())
    definitions = [{"name": "Name", "format": "name"}, {"name": "Status"}, {"name": "Age"}]
    lines = printer.lines({"columnDefinitions": definitions, "rows": [{"cells": ["a", "Running", "1s"]}]})
    lines += printer.lines({"columnDefinitions": None, "rows": [{"cells": ["a", "Terminating", "2s"]}]})
    lines += printer.lines({"columnDefinitions": None, "rows": [{"cells": ["b", "Running", None]}]})
    assert lines == [
        "NAME   STATUS    AGE",
        "a      Running   1s",
        "a      Terminating   2s",
        "b      Running       <none>",
    ]


def test_namespaces_stand_first() -> None:
    row = {"cells": ["a", True], "object": {"metadata": {"namespace": "demo"}}}
    table = {"columnDefinitions": [{"name": "Name", "format": "name"}, {"name": "Ready"}], "rows": [row]}
    assert Printer(Style(namespaces=True, headers=False)).lines(table) == ["demo   a     true"]
