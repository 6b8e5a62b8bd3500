"""What a server that was killed has to bring back: a model of the writes that it acknowledged. Pure.

Each key has one writer, which waits for every answer; so of each key one write at most is under way when the server dies,
and afterwards the key holds what was acknowledged last, or that write, and nothing else. What a watch showed is as good as
acknowledged: nobody may see what is lost later. A value is any text; None means that there is nothing under the key.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Fault = Literal["lost", "order"]


@dataclass(frozen=True)
class Violation:
    """A promise that was broken, about one key."""

    fault: Fault
    key: str
    text: str


@dataclass(frozen=True)
class Found:
    """What is under a key after the server came back. `revision` 0 where there is none to compare."""

    value: str
    revision: int = 0


@dataclass
class _Entry:
    value: str | None = None
    revision: int = 0
    under_way: bool = False
    wanted: str | None = None
    floor: int = 0


@dataclass
class Ledger:
    """The model. `acknowledged` counts writes, `highest` is the highest revision that anybody was told.

    `serials` make each value another one than all before: a write that changes nothing keeps its object's revision.
    """

    acknowledged: int = 0
    highest: int = 0
    violations: list[Violation] = field(default_factory=list)
    serials: Iterator[int] = field(default_factory=itertools.count)
    _entries: dict[str, _Entry] = field(default_factory=dict)
    _given: dict[int, str] = field(default_factory=dict)
    _streamed: int = 0

    @property
    def keys(self) -> list[str]:
        """All that was ever written to, as far as it is remembered."""
        return [*self._entries]

    def forget(self) -> None:
        """Leave the keys alone from now on."""
        self._entries.clear()

    def holds(self, key: str) -> str | None:
        """What is under the key as far as its writer knows."""
        return self._entries.setdefault(key, _Entry()).value

    def attempt(self, key: str, value: str | None) -> None:
        """A write of `key` is sent."""
        entry = self._entries.setdefault(key, _Entry())
        entry.under_way, entry.wanted, entry.floor = True, value, self.highest

    def acknowledge(self, key: str, revision: int = 0) -> None:
        """The write was answered, with the revision where the answer names one."""
        entry = self._entries[key]
        self.acknowledged += 1
        entry.under_way, entry.value = False, entry.wanted
        if revision:
            self._number(key, revision, above=entry.floor)
            entry.revision = revision

    def refuse(self, key: str) -> None:
        """The write was answered with a refusal: it did nothing."""
        self._entries[key].under_way = False

    def follow(self, revision: int) -> None:
        """A watch begins after that revision."""
        self._streamed = revision

    def seen(self, key: str, value: str | None, revision: int) -> None:
        """The watch shows a change."""
        if revision <= self._streamed:
            self._fault("order", key, f"the watch shows {revision} after {self._streamed}")
        self._streamed = revision
        self.highest = max(self.highest, revision)
        entry = self._entries.setdefault(key, _Entry())
        if revision > entry.revision:
            entry.value, entry.revision = value, revision

    def check(self, found: Mapping[str, Found], revision: int = 0) -> None:
        """Compare with all that a server holds after it came back, `revision` being that of the list; go on from there."""
        if revision and revision < self.highest:
            self._fault("order", "", f"the list is as of {revision}, {self.highest} was told before")
        for key in found.keys() - self._entries.keys():
            self._fault("lost", key, "nobody wrote it")
        for key, entry in self._entries.items():
            self._compare(key, entry, found.get(key))
        self.highest = max(self.highest, revision)

    def _compare(self, key: str, entry: _Entry, found: Found | None) -> None:
        value = found.value if found else None
        now = found.revision if found else 0
        if value == entry.value and (not now or now == entry.revision):
            pass
        elif entry.under_way and value == entry.wanted:
            if now:
                self._number(key, now, above=entry.floor)
        else:
            wanted = f" or {_short(entry.wanted)}, which was under way" if entry.under_way else ""
            held = f"{_short(entry.value)} at {entry.revision}"
            self._fault("lost", key, f"holds {_short(value)} at {now}, not {held}{wanted}")
        entry.value, entry.revision, entry.under_way = value, now, False

    def _number(self, key: str, revision: int, *, above: int) -> None:
        if revision <= above:
            self._fault("order", key, f"was given {revision} when {above} was told already")
        if self._given.setdefault(revision, key) != key:
            self._fault("order", key, f"was given {revision}, which {self._given[revision]} has")
        self.highest = max(self.highest, revision)

    def _fault(self, fault: Fault, key: str, text: str) -> None:
        self.violations.append(Violation(fault, key, text))


@dataclass
class Tally:
    """A number that many writers raise by one, each from what it has read: none of their steps may be lost."""

    acknowledged: int = 0
    violations: list[Violation] = field(default_factory=list)
    _least: int = 0
    _most: int = 0

    def attempt(self) -> None:
        self._most += 1

    def acknowledge(self) -> None:
        self.acknowledged += 1
        self._least += 1

    def refuse(self) -> None:
        self._most -= 1

    def check(self, found: int) -> None:
        """Compare with the number that the server holds after it came back; go on from there."""
        if not self._least <= found <= self._most:
            text = f"counts {found}, not {self._least} to {self._most}"
            self.violations.append(Violation("lost", "the counter", text))
        self._least = self._most = found


def _short(value: str | None) -> str:
    return "nothing" if value is None else repr(value[:40])
