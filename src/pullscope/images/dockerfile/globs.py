"""Patterns of files, as `.dockerignore` and COPY have them: Go's filepath.Match, and `**` for any number of directories.

Whoever uploads files also writes the patterns, so none of them may take long: a name is matched without backtracking, a
path name by name. What cannot be done so is refused.

Upstream: github.com/moby/patternmatcher v0.6 (regexp and MatchesOrParentMatches), Go path/filepath Match.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

_LONGEST = 4096  # characters of a pattern
_MOST_NAMES = 100  # in a pattern
_MOST_WILDCARDS = 2  # beside a `**` inside of a name
_MOST_RULES = 1000  # of one .dockerignore
_ANY = "**"


class PatternError(ValueError):
    """A pattern that is not well-formed."""


class Pattern(Protocol):
    """What `compiled` gives."""

    def first(self, parts: Sequence[str]) -> int:
        """How many of a path's names it takes, counted from the front, until the pattern matches; 0 when it never does."""


def compiled(pattern: str) -> Pattern:
    """What matches whole paths (`a/b.war`, without a slash at the front). Raises PatternError."""
    names = pattern.split("/")
    if len(pattern) > _LONGEST or len(names) > _MOST_NAMES:
        raise PatternError(f"the pattern {pattern[:40]!r}… is too long")
    try:
        if any(_ANY in name and name != _ANY for name in names):
            return _Whole(pattern)
        return _Names(names)
    except re.error as error:
        raise PatternError(f"syntax error in pattern {pattern!r}") from error


class _Names:
    """A pattern name by name; None stands for `**`."""

    def __init__(self, names: Sequence[str]) -> None:
        kept = [name for at, name in enumerate(names) if name != _ANY or names[at - 1 : at] != [_ANY]]
        self._names = [None if name == _ANY else re.compile(_name(name), re.DOTALL) for name in kept]

    def first(self, parts: Sequence[str]) -> int:
        end, states = len(self._names), self._closed({0})
        for count, part in enumerate(parts, 1):
            states = self._closed({after for state in states for after in self._after(state, part)})
            if end in states:
                return count
        return 0

    def _after(self, state: int, part: str) -> Iterator[int]:
        if state == len(self._names):
            return
        name = self._names[state]
        if name is None:
            yield state
            if state == len(self._names) - 1:  # at the end it stands for one name or more
                yield state + 1
        elif name.fullmatch(part):
            yield state + 1

    def _closed(self, states: set[int]) -> set[int]:
        """With the states behind each `**` that stands for nothing."""
        last = len(self._names) - 1
        return states | {state + 1 for state in states if state < last and self._names[state] is None}


class _Whole:
    """A pattern that has `**` inside of a name, which then stands for slashes too."""

    def __init__(self, pattern: str) -> None:
        pieces = pattern.split(_ANY)
        if len(pieces) > 2 or pattern.count("*") - 2 > _MOST_WILDCARDS - 1:
            raise PatternError(f"the pattern {pattern!r} has too many wildcards beside ** inside of a name")
        self._regex = re.compile(".*".join(_tokens(piece, "[^/]*") for piece in pieces), re.DOTALL)

    def first(self, parts: Sequence[str]) -> int:
        counts = range(1, len(parts) + 1)
        return next((count for count in counts if self._regex.fullmatch("/".join(parts[:count]))), 0)


def _name(pattern: str) -> str:
    """The regular expression of a name. Between two stars the first place that fits will do, so none is tried again."""
    pieces = [_tokens(piece, "") for piece in _between_stars(pattern)]
    if len(pieces) == 1:
        return pieces[0]
    first, *middle, last = pieces
    return first + "".join(f"(?>.*?{piece})" for piece in middle) + f".*{last}"


def _between_stars(pattern: str) -> list[str]:
    """What is between stars that are meant as such."""
    found, position = [""], 0
    while position < len(pattern):
        length = _length(pattern, position)
        if pattern[position] == "*":
            found.append("")
        else:
            found[-1] += pattern[position : position + length]
        position += length
    return found


def _length(pattern: str, position: int) -> int:
    """How many characters stand for one. Raises PatternError."""
    if pattern[position] == "\\":
        return 2
    if pattern[position] != "[":
        return 1
    end = pattern.find("]", position + 2)
    if end < 0:
        raise PatternError(f"syntax error in pattern {pattern!r}")
    return end + 1 - position


def _tokens(pattern: str, star: str) -> str:
    """A regular expression, one token after the other; `star` is what a star means."""
    found, position = "", 0
    while position < len(pattern):
        length = _length(pattern, position)
        text = pattern[position : position + length]
        position += length
        if text[0] == "[":
            inner = text[1:-1].replace("\\", "\\\\").replace("[", "\\[")
            found += f"[{inner}]"
        elif text[0] == "\\":
            found += re.escape(text[1:] or "\\")
        else:
            found += {"*": star, "?": "[^/]"}.get(text) or re.escape(text)
    return found


class Ignored:
    """What a `.dockerignore` leaves out. Later lines win; `!` takes files back in. Raises PatternError when made."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._rules: list[tuple[Pattern, bool]] = []
        for line in lines:
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            keeps = text.startswith("!")
            cleaned = posixpath.normpath(text.removeprefix("!").strip()).lstrip("/")
            if cleaned != ".":
                self._rules.append((compiled(cleaned), keeps))
        if len(self._rules) > _MOST_RULES:
            raise PatternError(f"more than {_MOST_RULES} patterns")

    def __contains__(self, path: str) -> bool:
        """Whether the file `path` is left out, by itself or with a directory above it."""
        parts = path.split("/")
        left_out = False
        for pattern, keeps in self._rules:
            if left_out == keeps and pattern.first(parts):
                left_out = not keeps
        return left_out
