"""What a run tells while it works, for whoever shows it."""

from typing import Protocol

from pullscope.verify.case import Case
from pullscope.verify.result import CaseResult


class Progress(Protocol):
    """Told by the runner; must not block."""

    def phase(self, text: str) -> None:
        """What is going on besides the cases."""

    def step(self, case: Case, what: str) -> None:
        """The case now does this."""

    def judged(self, result: CaseResult) -> None:
        """The case is done."""

    def warn(self, text: str) -> None:
        """Something besides the cases went wrong."""
