"""What benchmarks print: a table of medians and ranges beside what is wanted, and the median as a ratio of that."""

import re
import statistics
from collections import defaultdict
from dataclasses import dataclass, field


@dataclass
class Figures:
    """Figures by what they are of, each from several runs."""

    values: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wanted: dict[str, str] = field(default_factory=dict)

    def note(self, what: str, value: float, wanted: str = "") -> None:
        """One run's figure; its unit is the last word of `what`. `wanted` is a limit or a peer's, as `≤ 10` or `kwok: 20`."""
        self.values[what].append(value)
        self.wanted[what] = wanted

    def table(self, title: str) -> str:
        """A Markdown table."""
        head = [f"| {title} | median | range | wanted | ratio |", "| --- | ---: | ---: | ---: | ---: |"]
        return "\n".join([*head, *(self._row(what, values) for what, values in self.values.items())])

    def _row(self, what: str, values: list[float]) -> str:
        low, high = number(min(values)), number(max(values))
        middle, wanted = statistics.median(values), self.wanted[what]
        return f"| {what} | {number(middle)} | {low} to {high} | {wanted} | {_ratio(middle, wanted)} |"


def _ratio(value: float, wanted: str) -> str:
    """The value beside the first number of what is wanted."""
    limit = re.search(r"[0-9][0-9,]*(?:\.[0-9]+)?", wanted)
    return f"{value / float(limit[0].replace(',', '')):.2f}" if limit else ""


def number(value: float) -> str:
    """Three digits that count, or all before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
