"""Read the toolbox's shell language: words, quotes, variables, and lists joined by `;`, `&&`, `||` and newlines. Pure.

A small part of POSIX sh (IEEE 1003.1-2017, 2.3 and 2.9.3). Whatever else sh has is refused by its name, never taken for
something simpler.
"""

import re
from dataclasses import dataclass
from typing import Literal

Joint = Literal[";", "&&", "||"]


class GrammarError(ValueError):
    """The text is not in this language; the message says why."""


@dataclass(frozen=True)
class Part:
    """A piece of a word: literal text, or the name of a variable. `quoted` text is not split into words."""

    text: str
    variable: bool = False
    quoted: bool = False


Word = tuple[Part, ...]


@dataclass(frozen=True)
class Command:
    """Assignments and words, and how it is joined to the command before it."""

    joint: Joint
    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]


_REFUSED = {
    "|": "pipes", "&": "commands in the background", ">": "redirections", "<": "redirections", "(": "subshells",
    ")": "subshells", "`": "command substitution", "*": "patterns", "?": "patterns", "[": "patterns",
}  # fmt: skip
_KEYWORDS = frozenset(
    {"if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "{", "}", "!"}
)

_VARIABLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*|[0-9?#@])\}|([A-Za-z_][A-Za-z0-9_]*)|([0-9?#@])")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_BLANK = re.compile(r"(?:[ \t\r]|\\\n)*(?:#[^\n]*)?")
_PLAIN = re.compile(r"[^\s;&|<>()`$\\\"'*?\[]+")


def parse(text: str) -> list[Command]:
    """The commands of a script. Raises GrammarError."""
    return _Reader(text).commands()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def commands(self) -> list[Command]:
        found: list[Command] = []
        joint: Joint = ";"
        while True:
            words = self._words()
            operator = self._operator()
            if words:
                found.append(_command(joint, words))
            elif operator in ("&&", "||") or joint != ";":
                raise GrammarError(f"syntax error: unexpected {operator or 'end of text'!r}")
            if not operator:
                return found
            joint = operator

    def _words(self) -> list[Word]:
        """Words up to an operator."""
        words: list[Word] = []
        while True:
            blank = _BLANK.match(self._text, self._at)
            self._at = blank.end() if blank else self._at
            word = self._word()
            if not word:
                return words
            words.append(word)

    def _operator(self) -> Joint | None:
        rest = self._text[self._at :]
        for text, joint in (("&&", "&&"), ("||", "||"), (";", ";"), ("\n", ";")):
            if rest.startswith(text):
                self._at += len(text)
                return joint  # type: ignore[return-value]  # the tuples above hold nothing else
        if rest:
            raise GrammarError(f"{_REFUSED[rest[0]]} ({rest[0]}) are not supported by the toolbox")
        return None

    def _word(self) -> Word:
        parts: list[Part] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == "'":
                parts.append(Part(self._until("'"), quoted=True))
            elif character == '"':
                parts += self._double_quoted()
            elif character == "\\":
                self._at += 2
                escaped = self._text[self._at - 1 : self._at]
                parts += [Part(escaped, quoted=True)] if escaped != "\n" else []  # a line that goes on
            elif character == "$":
                parts.append(self._dollar(quoted=False))
            elif plain := _PLAIN.match(self._text, self._at):
                self._at = plain.end()
                parts.append(Part(plain[0]))
            elif character in "*?[":
                raise GrammarError(f"patterns ({character}) are not supported by the toolbox")
            else:
                break
        return tuple(parts)

    def _until(self, quote: str) -> str:
        end = self._text.find(quote, self._at + 1)
        if end < 0:
            raise GrammarError("syntax error: unterminated quoted string")
        text, self._at = self._text[self._at + 1 : end], end + 1
        return text

    def _double_quoted(self) -> list[Part]:
        self._at += 1
        parts = [Part("", quoted=True)]
        while not self._text.startswith('"', self._at):
            if self._at >= len(self._text):
                raise GrammarError("syntax error: unterminated quoted string")
            character = self._text[self._at]
            if character == "$":
                parts.append(self._dollar(quoted=True))
                continue
            if character == "`":
                raise GrammarError("command substitution (`) is not supported by the toolbox")
            escaped = character == "\\" and self._text[self._at + 1 : self._at + 2] in ("$", '"', "\\", "`")
            self._at += 2 if escaped else 1
            parts.append(Part(self._text[self._at - 1], quoted=True))
        self._at += 1
        return parts

    def _dollar(self, *, quoted: bool) -> Part:
        self._at += 1
        if self._text.startswith("(", self._at):
            raise GrammarError("command substitution ($() is not supported by the toolbox")
        name = _VARIABLE.match(self._text, self._at)
        if name is None:
            if self._text.startswith("{", self._at):
                raise GrammarError("parameter expansion other than ${NAME} is not supported by the toolbox")
            return Part("$", quoted=quoted)
        self._at = name.end()
        return Part(name[1] or name[2] or name[3], variable=True, quoted=quoted)


def _command(joint: Joint, words: list[Word]) -> Command:
    assignments: list[tuple[str, Word]] = []
    while (
        words
        and (found := _ASSIGNMENT.fullmatch(words[0][0].text))
        and not words[0][0].quoted
        and not words[0][0].variable
    ):
        assignments.append((found[1], (Part(found[2], quoted=True), *words[0][1:])))
        words = words[1:]
    if words and words[0][0] in [Part(keyword) for keyword in _KEYWORDS] and len(words[0]) == 1:
        raise GrammarError(f"{words[0][0].text} is not supported by the toolbox")
    return Command(joint, tuple(assignments), tuple(words))
