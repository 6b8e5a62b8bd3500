"""Progress on a terminal: one line that says what each case is doing, and how many are judged, with warnings above it.

In a pipe: warnings alone.
"""

import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import TextIO

from rich.console import Console
from rich.status import Status
from rich.text import Text

from pullscope.verify.case import Case
from pullscope.verify.report import rows
from pullscope.verify.result import CaseResult


class Live:
    """A `progress.Progress` on a console."""

    def __init__(self, console: Console, status: Status | None) -> None:
        self._console = console
        self._status = status
        self._doing: dict[str, str] = {}
        self._judged: Counter[str] = Counter()

    def phase(self, text: str) -> None:
        """What is going on besides the cases, such as starting the lab."""
        if self._status is not None:
            self._status.update(text)

    def close(self) -> None:
        """Take the line away; nothing more is shown but warnings."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def step(self, case: Case, what: str) -> None:
        """See Progress."""
        self._doing[case.id] = what
        self._tell()

    def judged(self, result: CaseResult) -> None:
        """See Progress."""
        self._doing.pop(result.case.id, None)
        self._judged[rows.WORDS[result.verdict.word]] += 1
        self._tell()

    def warn(self, text: str) -> None:
        """See Progress."""
        self._console.print(Text(f"warning: {text}"))

    def _tell(self) -> None:
        alike: dict[str, list[str]] = {}
        for number, doing in sorted(self._doing.items()):
            alike.setdefault(doing, []).append(number)
        counts = (f"{count} {word}" for word, count in self._judged.items())
        self.phase(" · ".join((*counts, *(f"No. {' '.join(numbers)} {doing}" for doing, numbers in alike.items()))))


@contextlib.contextmanager
def live(file: TextIO) -> Iterator[Live]:
    """Progress on `file` (stderr) as long as the block; the line is gone afterwards."""
    console = Console(file=file, highlight=False)
    status = console.status("") if console.is_terminal else None
    if status is not None:
        status.start()
    shown = Live(console, status)
    try:
        yield shown
    finally:
        shown.close()
