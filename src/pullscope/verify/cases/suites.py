"""The suites by their names, and which of their rows are wanted. [pure]"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pullscope.verify.case import Case, Outcome, Policy
from pullscope.verify.cases import (
    alwayspullimages,
    article,
    before135,
    credentials,
    defaulting,
    initcontainers,
    matrix,
    otheraccount,
    outage,
    restart,
    reverification,
    rollouts,
    skew,
)
from pullscope.verify.scenarios.steps import Needs, Scenario

Suite = Literal["article", "full"]
Topic = Literal[
    "article",
    "matrix",
    "defaulting",
    "rollouts",
    "outage",
    "skew",
    "restart",
    "initcontainers",
    "credentials",
    "reverification",
    "otheraccount",
    "before135",
    "alwayspullimages",
]

TOPICS: dict[Topic, tuple[Case, ...]] = {
    "article": article.CASES,
    "matrix": matrix.CASES,
    "defaulting": defaulting.CASES,
    "rollouts": rollouts.CASES,
    "outage": outage.CASES,
    "skew": skew.CASES,
    "restart": restart.CASES,
    "initcontainers": initcontainers.CASES,
    "credentials": credentials.CASES,
    "reverification": reverification.CASES,
    "otheraccount": otheraccount.CASES,
    "before135": before135.CASES,
    "alwayspullimages": alwayspullimages.CASES,
}
_TOPIC_OF = {case.id: topic for topic, cases in TOPICS.items() for case in cases}
_SUITES: dict[Suite, tuple[Topic, ...]] = {"article": ("article",), "full": tuple(TOPICS)}


@dataclass(frozen=True)
class Filter:
    """Which rows are wanted; None: all."""

    topic: Topic | None = None
    policy: Policy | None = None
    outcome: Outcome | None = None

    def takes(self, topic: Topic, case: Case) -> bool:
        """Whether the row is wanted."""
        return (
            self.topic in (None, topic)
            and self.policy in (None, case.policy)
            and self.outcome in (None, case.expected.outcome)
        )


def named(cases: Iterable[Case]) -> Suite:
    """The smallest suite that has all of them."""
    return "article" if set(cases) <= set(article.CASES) else "full"


def rows(suite: Suite, wanted: Filter = Filter()) -> Sequence[Case]:
    """The rows of the suite that the filter takes, in its order."""
    return [case for topic in _SUITES[suite] for case in TOPICS[topic] if wanted.takes(topic, case)]


def topic_of(case: Case) -> Topic:
    """The topic whose row it is."""
    return _TOPIC_OF[case.id]


def by_needs(cases: Iterable[Case]) -> dict[Needs, list[Case]]:
    """The rows that one lab is right for, together. What a row does not ask for is as a lab has it: CRI-O, the newest release."""
    groups: dict[Needs, list[Case]] = {}
    for case in cases:
        needs = case.needs if isinstance(case, Scenario) else Needs()
        other = needs.runtime if needs.runtime != "cri-o" else None
        groups.setdefault(replace(needs, nodes=1, since=None, hands=False, runtime=other), []).append(case)
    return {replace(needs, nodes=max(map(_nodes, rows))): rows for needs, rows in groups.items()}


def _nodes(case: Case) -> int:
    return case.needs.nodes if isinstance(case, Scenario) else 1
