"""What happened in one life, as commands that a person could type: what a failure prints."""

import os
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test


class Story:
    """The steps of one life, oldest first."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def tell(self, line: str) -> None:
        self._lines.append(f"$ {line}")

    def expect(self, what: str, seen: object, expected: object) -> None:
        """What is seen is what the rules say, or everything that led to it is told."""
        if seen != expected:
            raise AssertionError(self.told(f"{what}: {seen}", f"the rules say: {expected}"))

    def told(self, *differences: str) -> str:
        """All that happened, and what came of it."""
        return "\n".join([*differences, "After", *self._lines])


def live(machine: type[RuleBasedStateMachine], *, lives: int, steps: int) -> None:
    """The same lives in every run; `HYPOTHESIS_LIVES=100` tries a hundred times as many others, which are longer."""
    more = lives * int(os.environ.get("HYPOTHESIS_LIVES", "0"))
    fixed: dict[str, Any] = {} if more else {"derandomize": True}
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=more or lives,
            stateful_step_count=2 * steps if more else steps,
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            phases=(Phase.generate,),  # each step waits for a disk: shrinking takes minutes, and the story tells enough
            suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much),
            **fixed,
        ),
    )
