"""Patterns of files, as `.dockerignore` and COPY have them: Go's filepath.Match, and `**` for any number of directories.

Upstream: github.com/moby/patternmatcher v0.6 (regexp and MatchesOrParentMatches), Go path/filepath Match.
"""

import posixpath
import re
from collections.abc import Iterable


class PatternError(ValueError):
    """A pattern that is not well-formed."""


def compiled(pattern: str) -> re.Pattern[str]:
    """What matches whole paths (`a/b.war`, without a slash at the front). Raises PatternError."""
    found, position = "", 0
    while position < len(pattern):
        char = pattern[position]
        if pattern.startswith("**", position):
            slash = pattern[position + 2 : position + 3] == "/"
            found += "(?:.*/)?" if slash else ".*"
            position += 3 if slash else 2
            continue
        if char == "[":
            end = pattern.find("]", position + 2)
            if end < 0:
                raise PatternError(f"syntax error in pattern {pattern!r}")
            inner = pattern[position + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            found += f"[{inner}]"
            position = end + 1
            continue
        if char == "\\":
            position += 1
            char = pattern[position : position + 1] or "\\"
            found += re.escape(char)
        else:
            found += {"*": "[^/]*", "?": "[^/]"}.get(char) or re.escape(char)
        position += 1
    try:
        return re.compile(found, re.DOTALL)
    except re.error as error:
        raise PatternError(f"syntax error in pattern {pattern!r}") from error


class Ignored:
    """What a `.dockerignore` leaves out. Later lines win; `!` takes files back in. Raises PatternError when made."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._rules: list[tuple[re.Pattern[str], bool]] = []
        for line in lines:
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            keeps = text.startswith("!")
            cleaned = posixpath.normpath(text.removeprefix("!").strip()).lstrip("/")
            if cleaned != ".":
                self._rules.append((compiled(cleaned), keeps))

    def __contains__(self, path: str) -> bool:
        """Whether the file `path` is left out, by itself or with a directory above it."""
        parts = path.split("/")
        paths = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        left_out = False
        for pattern, keeps in self._rules:
            if left_out == keeps and any(pattern.fullmatch(each) for each in paths):
                left_out = not keeps
        return left_out
