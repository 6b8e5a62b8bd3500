"""The full suite: its rows, and some of them in a lab."""

import itertools
import json

import pytest
from tests.verify.conftest import piped

from pullscope.base.clock import FastClock
from pullscope.base.errors import UsageError
from pullscope.cli import proving
from pullscope.lab import assembly
from pullscope.lab.config import LabConfig
from pullscope.verify import path
from pullscope.verify.cases import matrix, suites
from pullscope.verify.cases.suites import Filter
from pullscope.verify.report import document, listing

STATES = {case.state for case in matrix.CASES}


def test_every_combination_has_its_row() -> None:
    with_image, without = STATES - {"has it"}, STATES - {"newer", "same"}
    wanted = {
        (policy, on_node, state)
        for policy, on_node in itertools.product(("Always", "IfNotPresent", "Never"), (True, False))
        for state in (with_image if on_node else without)
    }
    assert len(matrix.CASES) == 63
    assert {(case.policy, case.on_node, case.state) for case in matrix.CASES} == wanted
    assert len({case.id for case in suites.rows("full")}) == len(suites.rows("full"))


def test_the_rows_follow_upstreams_rules() -> None:
    """A node's image decides alone but under Always, and nothing falls back to it."""
    for case in matrix.CASES:
        good = case.state in ("has it", "newer", "same")
        if case.policy != "Always" and case.on_node:
            assert case.expected.source == "node"
        elif case.policy == "Never":
            assert case.expected.reasons == ("ErrImageNeverPull",)
        else:
            assert case.expected.source == ("registry" if good else None)


@pytest.mark.parametrize(
    ("only", "count"),
    [
        (Filter(topic="matrix"), 63),
        (Filter(topic="article"), 8),
        (Filter(topic="matrix", policy="Never"), 21),
        (Filter(topic="matrix", outcome="running"), 26),
        (Filter(topic="matrix", policy="Always", outcome="waiting"), 18),
    ],
)
def test_filters(only: Filter, count: int) -> None:
    assert len(proving.choose([], suite="full", only=only)) == count


def test_numbers_are_of_any_suite() -> None:
    assert [case.id for case in proving.choose(["m5", "6"])] == ["6", "m5"]
    with pytest.raises(UsageError, match="there is no case m99"):
        proving.choose(["m99"])
    with pytest.raises(UsageError, match="no case is all of that"):
        proving.choose(["m5"], only=Filter(policy="Never"))


def test_the_listing(capsys: pytest.CaptureFixture[str]) -> None:
    rows = proving.choose(["m2", "m41"])
    assert proving.show_rows(rows, "wide", "en") == 0
    assert "m41  IfNotPresent  no      times out  waits on" in capsys.readouterr().out
    (same, silent) = json.loads(listing.text(rows))["rows"]
    assert same["given"] == {"registry": "same"}
    assert silent["expected"]["reasons"] == ["ContainerCreating"]
    with pytest.raises(UsageError, match="not listed as junit"):
        proving.show_rows(rows, "junit", "en")


# ------------------------------------------------------------------------------------------------- in a lab


GOOD = ("m2", "m4", "m9", "m11", "m16", "m31", "m38", "m41", "m55", "m57")


async def test_rows_of_every_kind_pass() -> None:
    clock = FastClock(15)
    async with assembly.running(LabConfig(clock=clock)) as lab:
        there = proving.Running(lab.kubeconfig, lab.registry, clock)
        report = await proving.in_lab(there, proving.choose(GOOD), piped())
    assert [each.verdict for each in report.results if each.verdict.word != "pass"] == []
    assert report.suite == "full"
    for case in document.document(report)["cases"]:
        assert (case["evidence"]["control"] is not None) == (case["expected"]["outcome"] == "waiting")
        asked = case["evidence"]["registry_requests"]
        way = tuple(case["evidence"]["path"])
        assert path.is_under_way(way) if case["id"] == "m41" else path.is_walk(way)
        assert bool(asked) == (case["policy"] != "Never" and case["id"] not in ("m9", "m31"))
