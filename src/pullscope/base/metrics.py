"""Counters, gauges and histograms, and the text in which Prometheus reads them (exposition format 0.0.4).

    metrics = Metrics()
    pulls = metrics.counter("pulls_total", "Pulls by result.", "result")
    pulls.inc("ok")
    metrics.text()

Label values are given in the order of the label names. Each combination lives on as long as the metric, so values come out of
small closed sets only: never names of objects, images or users. Not thread-safe: one event loop counts and reads.
"""

import bisect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeVar

Values = tuple[str, ...]
"""One value for each label."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"


class _Family:
    """One metric with all its label values."""

    kind: Literal["counter", "gauge", "histogram"]

    def __init__(self, name: str, help_text: str, labels: Values) -> None:
        self._name = name
        self._help = help_text
        self._labels = labels

    def lines(self) -> Iterator[str]:
        yield f"# HELP {self._name} {_escaped(self._help, quotes=False)}"
        yield f"# TYPE {self._name} {self.kind}"
        yield from self._samples()

    def _samples(self) -> Iterator[str]:
        raise NotImplementedError

    def _line(self, suffix: str, values: Values, number: float, **more: str) -> str:
        pairs = [*zip(self._labels, values, strict=True), *more.items()]
        labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in pairs)
        return f"{self._name}{suffix}{f'{{{labels}}}' if labels else ''} {_number(number)}"


class Cell:
    """One number of a metric, for those who count often."""

    __slots__ = ("number",)

    def __init__(self) -> None:
        self.number: float = 0


class _Numbers(_Family):
    """One number for each combination of label values."""

    def __init__(self, name: str, help_text: str, labels: Values) -> None:
        super().__init__(name, help_text, labels)
        self._cells: dict[Values, Cell] = {} if labels else {(): Cell()}

    def cell(self, *values: str) -> Cell:
        """The number that has these label values."""
        found = self._cells.get(values)
        if found is None:
            found = self._cells[values] = Cell()
        return found

    def inc(self, *values: str, by: float = 1) -> None:
        self.cell(*values).number += by

    def _samples(self) -> Iterator[str]:
        for values, cell in self._cells.items():
            yield self._line("", values, cell.number)


class Counter(_Numbers):
    """Only grows."""

    kind = "counter"


class Gauge(_Numbers):
    """Goes up and down."""

    kind = "gauge"

    def dec(self, *values: str) -> None:
        self.inc(*values, by=-1)


class _Computed(_Family):
    """Asks for its numbers whenever it is read."""

    def __init__(
        self, name: str, help_text: str, labels: Values, ask: Callable[[], Mapping[Values, float]], *, counts: bool
    ) -> None:
        super().__init__(name, help_text, labels)
        self._ask = ask
        self.kind = "counter" if counts else "gauge"

    def _samples(self) -> Iterator[str]:
        for values, number in self._ask().items():
            yield self._line("", values, number)


class Histogram(_Family):
    """How many observations were no larger than each of its bounds, how many there were, and their sum."""

    kind = "histogram"

    def __init__(self, name: str, help_text: str, labels: Values, bounds: Sequence[float]) -> None:
        super().__init__(name, help_text, labels)
        self._bounds = tuple(bounds)
        self._seen: dict[Values, tuple[list[int], list[float]]] = {}

    def observe(self, number: float, *values: str) -> None:
        counts, total = self._seen.setdefault(values, ([0] * (len(self._bounds) + 1), [0.0]))
        counts[bisect.bisect_left(self._bounds, number)] += 1
        total[0] += number

    def _samples(self) -> Iterator[str]:
        for values, (counts, (total,)) in self._seen.items():
            below = 0
            for bound, count in zip((*self._bounds, float("inf")), counts, strict=True):
                below += count
                yield self._line("_bucket", values, below, le=_number(bound))
            yield self._line("_sum", values, total)
            yield self._line("_count", values, below)


F = TypeVar("F", bound=_Family)


class Metrics:
    """All metrics of one component, in the order in which they were made."""

    def __init__(self) -> None:
        self._families: list[_Family] = []

    def counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return self._added(Counter(name, help_text, labels))

    def gauge(self, name: str, help_text: str, *labels: str) -> Gauge:
        return self._added(Gauge(name, help_text, labels))

    def histogram(self, name: str, help_text: str, *labels: str, bounds: Sequence[float]) -> Histogram:
        """`bounds` in ascending order; one above all of them is implied."""
        return self._added(Histogram(name, help_text, labels, bounds))

    def computed(
        self,
        name: str,
        help_text: str,
        *labels: str,
        ask: Callable[[], Mapping[Values, float]],
        counts: bool = False,
    ) -> None:
        """A gauge (or, with `counts`, a counter) whose numbers `ask` tells when they are read."""
        self._added(_Computed(name, help_text, labels, ask, counts=counts))

    def text(self) -> str:
        """Everything, in exposition format."""
        return "\n".join((*self._lines(), ""))

    def _lines(self) -> Iterable[str]:
        return (line for family in self._families for line in family.lines())

    def _added(self, family: F) -> F:
        self._families.append(family)
        return family


def exponential(start: float, factor: float, count: int) -> list[float]:
    """`count` bounds, each `factor` times the one before (prometheus.ExponentialBuckets)."""
    return [start * factor**power for power in range(count)]


def _number(number: float) -> str:
    if number == float("inf"):
        return "+Inf"
    return str(int(number)) if number == int(number) else repr(number)


def _escaped(text: str, *, quotes: bool = True) -> str:
    text = text.replace("\\", r"\\").replace("\n", r"\n")
    return text.replace('"', r"\"") if quotes else text
