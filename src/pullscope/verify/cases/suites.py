"""The suites by their names, and which of their rows are wanted. [pure]"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pullscope.verify.case import Case, Outcome, Policy
from pullscope.verify.cases import article, matrix

Suite = Literal["article", "full"]
Topic = Literal["article", "matrix"]

TOPICS: dict[Topic, tuple[Case, ...]] = {"article": article.CASES, "matrix": matrix.CASES}
_SUITES: dict[Suite, tuple[Topic, ...]] = {"article": ("article",), "full": ("article", "matrix")}


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
