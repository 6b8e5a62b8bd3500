"""Sets of completion indexes, as a job's status writes them: `0-3,5,7,8`.

Upstream: pkg/controller/job/indexed_job_utils.go v1.36. Kept as intervals: a job may have 100,000 of them.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Indexes:
    """Intervals, first and last index of each, in order and apart from each other."""

    intervals: tuple[tuple[int, int], ...] = ()

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.intervals)

    def __contains__(self, index: object) -> bool:
        if not isinstance(index, int):
            return False
        place = bisect_right(self.intervals, (index, index)) - 1
        near = self.intervals[max(place, 0) : place + 2]
        return any(first <= index <= last for first, last in near)

    def __str__(self) -> str:
        return ",".join(_text(first, last) for first, last in self.intervals)

    def with_(self, more: Collection[int]) -> "Indexes":
        """These and more."""
        return _merged([*self.intervals, *((index, index) for index in more)]) if more else self

    def missing(self, below: int) -> Iterator[int]:
        """The indexes under `below` that are not here, in order."""
        start = 0
        for first, last in self.intervals:
            yield from range(start, min(first, below))
            start = last + 1
        yield from range(start, below)


def parse(text: str, below: int) -> Indexes:
    """What `str` wrote, without indexes that are not under `below`; a piece that is malformed is left out."""
    found = []
    for piece in filter(None, text.split(",")):
        first, _, last = piece.partition("-")
        if not (first.isdecimal() and (last or first).isdecimal()):
            continue
        pair = (int(first), min(int(last or first), below - 1))
        if pair[0] <= pair[1]:
            found.append(pair)
    return _merged(found)


def _merged(pairs: list[tuple[int, int]]) -> Indexes:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(pairs):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return Indexes(tuple(merged))


def _text(first: int, last: int) -> str:
    if first == last:
        return str(first)
    return f"{first},{last}" if last == first + 1 else f"{first}-{last}"
