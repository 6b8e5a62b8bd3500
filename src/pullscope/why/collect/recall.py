"""What registries said a short while ago, so that who looks again and again does not ask again and again."""

from collections.abc import Mapping

from pullscope.base.clock import Clock
from pullscope.why.collect.questions import Question
from pullscope.why.facts import RegistryImage

Answers = Mapping[str, RegistryImage]

FRESH = 55.0
"""Seconds for which an answer is taken for what the registry would still say."""


class Recall:
    """Answers by question. What runs and what nodes have are part of a question: how much is asked depends on it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[object, tuple[float, Answers]] = {}

    def of(self, question: Question) -> Answers | None:
        """What was answered to it lately."""
        when, answers = self._kept.get(_key(question), (0.0, None))
        return answers if answers is not None and self._clock.monotonic() - when < FRESH else None

    def keep(self, question: Question, answers: Answers) -> Answers:
        """Remember it; returns the answers."""
        self._kept[_key(question)] = (self._clock.monotonic(), answers)
        return answers


def _key(question: Question) -> object:
    return question.name, frozenset(question.running), frozenset(question.held), frozenset(question.platforms)
