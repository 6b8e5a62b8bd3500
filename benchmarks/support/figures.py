"""What benchmarks print: a table of medians and ranges beside what is wanted."""

import statistics
from collections import defaultdict
from dataclasses import dataclass, field


@dataclass
class Figures:
    """Figures by what they are of, each from several runs."""

    values: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wanted: dict[str, str] = field(default_factory=dict)

    def note(self, what: str, value: float, wanted: str = "") -> None:
        """One run's figure; its unit is the last word of `what`."""
        self.values[what].append(value)
        self.wanted[what] = wanted

    def table(self, title: str) -> str:
        """A Markdown table."""
        head = [f"| {title} | median | range | wanted |", "| --- | ---: | ---: | ---: |"]
        return "\n".join([*head, *(self._row(what, values) for what, values in self.values.items())])

    def _row(self, what: str, values: list[float]) -> str:
        low, high = number(min(values)), number(max(values))
        return f"| {what} | {number(statistics.median(values))} | {low} to {high} | {self.wanted[what]} |"


def number(value: float) -> str:
    """Three digits that count, or all before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
