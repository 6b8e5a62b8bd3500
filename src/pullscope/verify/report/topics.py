"""The rows of a report by their topics, each with a heading; none where nothing but the article's rows is shown. [pure]"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, TypeVar

from pullscope.verify.case import Case
from pullscope.verify.cases import suites
from pullscope.verify.cases.suites import Topic
from pullscope.verify.report.words import ENGLISH, Words
from pullscope.verify.scenarios.steps import Scenario

Row = TypeVar("Row")

TITLES: Mapping[str, str] = {
    "article": "each policy, with an image on the node, in the registry, or in neither",
    "matrix": "each policy, and all that a registry may have or do",
    "defaulting": "pods without imagePullPolicy, which the API server takes from the image's name",
    "rollouts": "kubectl rollout restart and kubectl set image, under each policy",
    "outage": "the registry goes away during a rollout, and comes back",
    "skew": "two nodes that have different images under one tag",
    "restart": "containers that start again, and images removed with crictl rmi",
    "initcontainers": "the images of init containers",
    "alwayspullimages": "the admission plugin AlwaysPullImages",
    "credentials": "pull secrets of pods and of service accounts, for private images",
    "reverification": "whether a pod may use an image that another pod has pulled (since 1.35)",
    "otheraccount": "the article's cases, with an image that was pulled for another service account",
    "before135": "the same on kubelets before 1.35, which ask nobody",
}
"""What the rows of a topic are about."""


@dataclass(frozen=True)
class Group(Generic[Row]):
    """The rows of one topic, one after the other. `told`: some are scenarios, so what they do says more than where the image is."""

    topic: Topic
    rows: tuple[Row, ...]
    told: bool

    def heading(self, words: Words = ENGLISH) -> str:
        """The topic's name, as --topic takes it, and what it is about."""
        return f"{self.topic}: {words.say(TITLES[self.topic])}"


def groups(rows: Iterable[Row], case: Callable[[Row], Case]) -> list[Group[Row]]:
    """The rows in their order. `case` gives the case of a row."""
    return [_group(topic, tuple(some), case) for topic, some in groupby(rows, lambda row: suites.topic_of(case(row)))]


def headed(shown: Iterable[Group[Row]]) -> bool:
    """Whether the groups take headings."""
    return any(group.topic != "article" for group in shown)


def _group(topic: Topic, rows: tuple[Row, ...], case: Callable[[Row], Case]) -> Group[Row]:
    return Group(topic, rows, any(isinstance(case(row), Scenario) for row in rows))
