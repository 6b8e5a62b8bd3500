"""The rows of the full suite as data: what the judge and the reports take for granted of them."""

import importlib
import re
from collections.abc import Iterator

import pytest

from pullscope.verify.cases import suites
from pullscope.verify.scenarios.steps import (
    Delete,
    Named,
    Preload,
    RemoveImage,
    Restart,
    Run,
    Scenario,
    See,
    SetImage,
    Stop,
)

ROWS = suites.rows("full")
SCENARIOS = [case for case in ROWS if isinstance(case, Scenario)]
UPSTREAM = re.compile(r"\b(kubernetes|cri-o|containerd|distribution) v\d")


@pytest.mark.parametrize("topic", suites.TOPICS)
def test_ids_are_those_of_the_topic(topic: suites.Topic) -> None:
    rows = suites.TOPICS[topic]
    letter = "" if topic == "article" else rows[0].id[0]
    assert [row.id for row in rows] == [f"{letter}{number}" for number in range(1, len(rows) + 1)]
    assert rows is importlib.import_module(f"pullscope.verify.cases.{topic}").CASES


def test_no_id_is_given_twice() -> None:
    assert len({row.id for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("topic", suites.TOPICS)
def test_every_row_says_what_it_is_and_where_its_rule_stands(topic: suites.Topic) -> None:
    told = importlib.import_module(f"pullscope.verify.cases.{topic}").__doc__ or ""
    for row in suites.TOPICS[topic]:
        assert row.title.strip()
        assert row.expected.text.strip()
        source = row.upstream if isinstance(row, Scenario) else told
        assert UPSTREAM.search(source) or topic == "article"  # whose source is the tutorial


def looks(scenario: Scenario) -> Iterator[tuple[See, Run, frozenset[Named]]]:
    """Each look, how its pod was made, and what its containers are called by then: the one that is looked at, and those before."""
    made: dict[str, Run] = {}
    images: dict[str, Named] = {}
    for step in scenario.steps:
        match step:
            case Run(name, _, image):
                made[name], images[name] = step, image
            case SetImage(name, image):
                images[name] = image
            case See(name):
                init = made[name].init
                own = images[name] if step.container == "app" else init
                before = init if step.container == "app" else None
                yield step, made[name], frozenset(each for each in (own, before) if each is not None)


def test_a_pod_that_must_fail_has_its_control() -> None:
    """Somewhere the image that it names runs, by this name or by another: so nothing but the scenario's point is in its way."""
    assert [scenario.id for scenario in SCENARIOS if not all(_shown(scenario))] == []


def _shown(scenario: Scenario) -> Iterator[bool]:
    """For each look at a pod that must fail, whether another one shows that its image runs."""
    ran = {name for see, _, names in looks(scenario) if see.runs for name in names}
    digests = {see.runs for see, _, _ in looks(scenario) if see.runs}
    for see, run, names in looks(scenario):
        if see.waits:
            wanted = names if see.container == "init" else names - {run.init}
            yield all(name in ran or name.digest in digests for name in wanted)


def test_the_table_says_what_the_last_look_that_decides_is_for() -> None:
    assert [scenario.id for scenario in SCENARIOS if not _is_of_its_last_look(scenario)] == []


def _is_of_its_last_look(scenario: Scenario) -> bool:
    see, run, _ = [look for look in looks(scenario) if look[0].decides(scenario)][-1]
    wanted = scenario.expected
    return (
        scenario.policy == (run.policy or see.policy)
        and wanted.source == see.runs
        and set(see.waits) <= set(wanted.reasons)
        and bool(see.waits) is bool(wanted.reasons)
        and see.cause in (None, wanted.cause)
    )


def test_the_steps_fit_together() -> None:
    assert [scenario.id for scenario in SCENARIOS if not all(_fitting(scenario))] == []


def _fitting(scenario: Scenario) -> Iterator[bool]:
    """Of each step, whether those before it and what is needed of a cluster make it possible."""
    made: dict[str, Run] = {}
    yield isinstance(scenario.steps[-1], See)
    for step in scenario.steps:
        match step:
            case Run(name):
                made[name] = step
                yield step.node < scenario.needs.nodes
            case SetImage(name) | Restart(name):
                yield name in made and made[name].deployment
            case See(name):
                yield (step.runs is None) is bool(step.waits)
                yield name in made and (step.container == "app" or made[name].init is not None)
            case Delete(name):
                yield name in made
            case Stop() | RemoveImage() | Preload():
                yield scenario.needs.hands
