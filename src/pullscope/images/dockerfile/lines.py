"""The instructions of a Dockerfile with their lines: comments, continued lines and the escape directive are dealt with.

Upstream: moby/buildkit frontend/dockerfile/parser/parser.go and directives.go.
"""

import re
from dataclasses import dataclass

from pullscope.base.errors import UsageError

_DIRECTIVE = re.compile(r"#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*")
_LONGEST = 1 << 20  # characters of a Dockerfile; upstream's limit for one line is 64 kB


class DockerfileError(UsageError):
    """A Dockerfile that cannot be built. The message names the line."""

    def __init__(self, line: int, message: str, *, hint: str = "") -> None:
        super().__init__(f"Dockerfile:{line}: {message}", hint=hint)
        self.line = line


@dataclass(frozen=True)
class Instruction:
    """One instruction: the number of its first line (from 1), its word in capitals, and the rest."""

    line: int
    word: str
    rest: str


@dataclass(frozen=True)
class Source:
    """A whole file. `escape` is the character that continues lines and takes away a special meaning."""

    instructions: tuple[Instruction, ...]
    escape: str


def read(text: str) -> Source:
    """Find the instructions. Raises DockerfileError: bad escape directive, a file that is too long, heredocs."""
    if len(text) > _LONGEST:
        raise DockerfileError(1, f"the file is longer than {_LONGEST} characters")
    lines = text.removeprefix("\ufeff").splitlines()
    escape = _escape(lines)
    return Source(tuple(_instruction(number, logical) for number, logical in _logical(lines, escape)), escape)


def _escape(lines: list[str]) -> str:
    """The escape directive counts only among the directives at the very top."""
    for number, line in enumerate(lines, 1):
        found = _DIRECTIVE.fullmatch(line.strip())
        if not found:
            break
        if found[1].lower() == "escape":
            if found[2] not in ("\\", "`"):
                raise DockerfileError(number, f"invalid ESCAPE '{found[2]}'. Must be ` or \\")
            return found[2]
    return "\\"


def _logical(lines: list[str], escape: str) -> list[tuple[int, str]]:
    """Lines put together where they are continued; comments and empty lines are gone, also those in between."""
    found: list[tuple[int, str]] = []
    first, held = 0, ""
    continued = re.compile(rf"{re.escape(escape)}[ \t]*$")
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        first = first or number
        if continued.search(line):
            held += continued.sub("", line)
            continue
        found.append((first, (held + line).strip()))
        first, held = 0, ""
    if held.strip():
        found.append((first, held.strip()))
    return found


def _instruction(number: int, logical: str) -> Instruction:
    word, _, rest = re.sub(r"\s+", " ", logical, count=1).partition(" ")
    if "<<" in rest and re.search(r"(^|\s)<<-?[\"']?[A-Za-z]", rest):
        raise DockerfileError(number, "here-documents are not supported", hint="put the text into a file and COPY it")
    return Instruction(number, word.upper(), rest.strip())
