"""Words of an instruction: quotes, escapes and variables, as the shell that Dockerfiles have knows them.

Upstream: moby/buildkit frontend/dockerfile/shell/lex.go and parser/line_parsers.go (parseWords). Of `${…}` the forms
`:-`, `-`, `:+`, `+`, `:?` and `?` are known; patterns (`#`, `%`, `/`) are refused.
"""

import re
from collections.abc import Mapping

_LONGEST = 1 << 20  # characters that a word may come to
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]")


class WordError(ValueError):
    """Quotes without an end, or a variable that cannot be read."""


def split(text: str, escape: str) -> list[str]:
    """The words of `text` as they stand there, quotes and all: blanks inside quotes or behind an escape do not part."""
    words, current, quote = [], "", ""
    position = 0
    while position < len(text):
        char = text[position]
        if char == escape and quote != "'" and position + 1 < len(text):
            current += text[position : position + 2]
            position += 2
            continue
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in " \t":
            words += [current] if current else []
            current = ""
            position += 1
            continue
        current += char
        position += 1
    return [*words, current] if current else words


def process(text: str, variables: Mapping[str, str], escape: str) -> str:
    """`text` without its quotes, with the values of its variables (a missing one is empty). Raises WordError."""
    try:
        return _Lexer(text, variables, escape).all()
    except RecursionError:
        raise WordError("too many variables inside of each other") from None


def _check(found: str) -> None:
    """Variables whose values are variables' values could double it at each step."""
    if len(found) > _LONGEST:
        raise WordError(f"it comes to more than {_LONGEST} characters")


class _Lexer:
    def __init__(self, text: str, variables: Mapping[str, str], escape: str) -> None:
        self._text = text
        self._variables = variables
        self._escape = escape
        self._position = 0

    def all(self) -> str:
        return self._until("")

    def _until(self, end: str) -> str:
        """Everything up to the character `end`, which is taken too; raises WordError when it never comes."""
        found = ""
        while self._position < len(self._text):
            _check(found)
            char = self._next()
            if char == end:
                return found
            if char == "'":
                found += self._single()
            elif char == '"':
                found += self._double()
            elif char == "$":
                found += self._variable()
            elif char == self._escape and self._position < len(self._text):
                found += self._next()
            else:
                found += char
        if end:
            raise WordError(f"syntax error: missing '{end}'")
        return found

    def _next(self) -> str:
        char = self._text[self._position]
        self._position += 1
        return char

    def _single(self) -> str:
        end = self._text.find("'", self._position)
        if end < 0:
            raise WordError("unexpected end of statement while looking for matching single-quote")
        found = self._text[self._position : end]
        self._position = end + 1
        return found

    def _double(self) -> str:
        found = ""
        while self._position < len(self._text):
            _check(found)
            char = self._next()
            if char == '"':
                return found
            following = self._text[self._position : self._position + 1]
            if char == "$":
                found += self._variable()
            elif char == self._escape and following and following in f'"${self._escape}':
                found += self._next()
            else:
                found += char
        raise WordError("unexpected end of statement while looking for matching double-quote")

    def _variable(self) -> str:
        braced = self._text[self._position : self._position + 1] == "{"
        self._position += braced
        name = _NAME.match(self._text, self._position)
        if not name:
            if braced:
                raise WordError("syntax error: bad substitution")
            return "$"
        self._position = name.end()
        return self._braced(name[0]) if braced else self._variables.get(name[0], "")

    def _braced(self, name: str) -> str:
        """What follows the name in `${…}`."""
        value = self._variables.get(name)
        modifier = re.compile(r":?[-+?]|\}").match(self._text, self._position)
        if not modifier:
            raise WordError(f"unsupported modifier in substitution of {name}")
        self._position = modifier.end()
        if modifier[0] == "}":
            return value or ""
        word = self._until("}")
        there = bool(value) if modifier[0].startswith(":") else value is not None
        match modifier[0][-1]:
            case "+":
                return word if there else ""
            case "-":
                return (value or "") if there else word
            case _ if not there:
                raise WordError(f"{name}: {word or 'is not allowed to be unset'}")
        return value or ""
