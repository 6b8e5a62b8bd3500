"""Label selectors in their text form: `app=web,tier in (a,b),!old`.

`parse` gives a `LabelSelector`, a conjunction of requirements. Upstream: k8s.io/apimachinery v0.36
pkg/labels/selector.go; grammar, order of checks and error texts are its own. A selector that cannot be read is a 400
BadRequest with the parser's sentence, as the API server answers it.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pullscope.kube import causes, names, status


class Operator(enum.Enum):
    """How a requirement relates its key to its values; the value is upstream's word in messages."""

    IN = "in"
    NOT_IN = "notin"
    EQUALS = "="
    DOUBLE_EQUALS = "=="
    NOT_EQUALS = "!="
    GREATER_THAN = "gt"
    LESS_THAN = "lt"
    EXISTS = "exists"
    DOES_NOT_EXIST = "!"


_SETS = (Operator.IN, Operator.NOT_IN)
_POSITIVE = (Operator.IN, Operator.EQUALS, Operator.DOUBLE_EQUALS)
_NEGATIVE = (Operator.NOT_IN, Operator.NOT_EQUALS)
_ORDERED = (Operator.GREATER_THAN, Operator.LESS_THAN)
_BINARY = (*_SETS, Operator.EQUALS, Operator.DOUBLE_EQUALS, Operator.NOT_EQUALS, *_ORDERED)
_SIGNS = {Operator.GREATER_THAN: ">", Operator.LESS_THAN: "<"}


@dataclass(frozen=True)
class Requirement:
    """One condition on one key. `values` is sorted; build it with `requirement`, which checks it."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.key)
        if self.operator in _POSITIVE:
            return value in self.values
        if self.operator in _NEGATIVE:
            return value not in self.values
        if self.operator in _ORDERED:
            return value is not None and self._ordered(value)
        return (value is not None) == (self.operator is Operator.EXISTS)

    def _ordered(self, value: str) -> bool:
        actual, bound = _integer(value), _integer(self.values[0])
        if actual is None or bound is None:
            return False
        return actual > bound if self.operator is Operator.GREATER_THAN else actual < bound

    def __str__(self) -> str:
        if self.operator is Operator.EXISTS:
            return self.key
        if self.operator is Operator.DOES_NOT_EXIST:
            return f"!{self.key}"
        values = ",".join(self.values)
        if self.operator in _SETS:
            return f"{self.key} {self.operator.value} ({values})"
        return f"{self.key}{_SIGNS.get(self.operator, self.operator.value)}{values}"


@dataclass(frozen=True)
class LabelSelector:
    """All requirements together. Without any it selects everything, unless it is `NOTHING`."""

    requirements: tuple[Requirement, ...] = ()
    nothing: bool = False

    def matches(self, labels: Mapping[str, str] | None) -> bool:
        """Whether an object with these labels (None: without any) is selected."""
        if self.nothing:
            return False
        given = labels or {}
        for requirement in self.requirements:  # noqa: SIM110 (asked of every pod of a replica set: twice as fast as all())
            if not requirement.matches(given):
                return False
        return True

    @property
    def everything(self) -> bool:
        """True when no object is left out."""
        return not self.requirements and not self.nothing

    def __str__(self) -> str:
        """The selector as text that `parse` reads back: what `status.selector` of a Scale holds."""
        return ",".join(str(requirement) for requirement in self.requirements)


EVERYTHING = LabelSelector()
NOTHING = LabelSelector(nothing=True)


def parse(text: str) -> LabelSelector:
    """Read a selector; the empty text selects everything. Raises ApiError 400 with upstream's sentence."""
    requirements = _Parser(text).requirements()
    return LabelSelector(tuple(sorted(requirements, key=lambda requirement: requirement.key)))


def requirement(key: str, operator: Operator, values: tuple[str, ...]) -> Requirement:
    """A checked requirement. Raises ApiError 400 that names each thing wrong with it, several in brackets."""
    complaints = _key_complaints("key", key)
    complaints += [causes.invalid("values", list(values), why) for why in _count_complaints(operator, values)]
    if operator in _ORDERED:
        why = "for 'Gt', 'Lt' operators, the value must be an integer"
        bad = [index for index, value in enumerate(values) if _integer(value) is None]
        complaints += [causes.invalid(f"values[{index}]", values[index], why) for index in bad]
    for index, value in enumerate(values):
        if wrong := names.label_value(value):
            complaints.append(causes.invalid(f"values[{index}][{key}]", value, "; ".join(wrong)))
    if complaints:
        texts = [str(complaint) for complaint in complaints]
        raise status.bad_request(texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]")
    return Requirement(key, operator, tuple(sorted(set(values))))


def _key_complaints(field: str, key: str) -> list[status.Cause]:
    wrong = names.qualified_name(key)
    return [causes.invalid(field, key, "; ".join(wrong))] if wrong else []


def _count_complaints(operator: Operator, values: tuple[str, ...]) -> list[str]:
    if operator in _SETS:
        return [] if values else ["for 'in', 'notin' operators, values set can't be empty"]
    if operator in _ORDERED:
        return [] if len(values) == 1 else ["for 'Gt', 'Lt' operators, exactly one value is required"]
    if operator in (Operator.EXISTS, Operator.DOES_NOT_EXIST):
        return ["values set must be empty for exists and does not exist"] if values else []
    return [] if len(values) == 1 else ["exact-match compatibility requires one single value"]


def _integer(text: str) -> int | None:
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()):
        return None
    number = int(text)
    return number if -(1 << 63) <= number < 1 << 63 else None


_SPECIAL = "=!(),><"
_SPACE = " \t\r\n"
_TOKENS = (")", ",", "!", "==", "=", ">", "<", "!=", "(")


@dataclass(frozen=True)
class _Token:
    """`kind` is the literal itself for operators, "word" for keys and values, "end" and "error" for those."""

    kind: str
    text: str


def _scan(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while position < len(text):
        if text[position] in _SPACE:
            position += 1
            continue
        token, position = _special(text, position) if text[position] in _SPECIAL else _word(text, position)
        tokens.append(token)
    return [*tokens, _Token("end", "")]


def _word(text: str, start: int) -> tuple[_Token, int]:
    end = start
    while end < len(text) and text[end] not in _SPECIAL + _SPACE:
        end += 1
    return _Token("word", text[start:end]), end


def _special(text: str, start: int) -> tuple[_Token, int]:
    for size in (2, 1):
        literal = text[start : start + size]
        if literal in _TOKENS:
            return _Token(literal, literal), start + size
    raise AssertionError("every special character is a token")


class _Parser:
    """Recursive descent over the tokens; a method per rule of upstream's grammar."""

    def __init__(self, text: str) -> None:
        self._tokens = _scan(text)
        self._position = 0

    def _peek(self) -> _Token:
        return self._tokens[self._position]

    def _take(self) -> _Token:
        token = self._tokens[self._position]
        self._position = min(self._position + 1, len(self._tokens) - 1)
        return token

    def requirements(self) -> list[Requirement]:
        found: list[Requirement] = []
        while self._peek().kind != "end":
            if self._peek().kind not in ("word", "!"):
                raise _unexpected(self._peek(), ", expected: !, identifier, or 'end of string'")
            found.append(self._requirement())
            separator = self._take()
            if separator.kind == "end":
                break
            if separator.kind != ",":
                raise _unexpected(separator, ", expected: ',' or 'end of string'")
            if self._peek().kind not in ("word", "!"):
                raise _unexpected(self._peek(), ", expected: identifier after ','")
        return found

    def _requirement(self) -> Requirement:
        try:
            return self._parse_requirement()
        except status.ApiError as error:
            raise status.bad_request(f"unable to parse requirement: {error.message}") from None

    def _parse_requirement(self) -> Requirement:
        negated = self._peek().kind == "!"
        if negated:
            self._take()
        key = self._take()
        if key.kind != "word":
            raise _unexpected(key, ", expected: identifier")
        if complaints := _key_complaints("<nil>", key.text):
            raise status.bad_request(str(complaints[0]))
        if negated or self._peek().kind in ("end", ","):
            operator = Operator.DOES_NOT_EXIST if negated else Operator.EXISTS
            return requirement(key.text, operator, ())
        return self._binary(key.text)

    def _binary(self, key: str) -> Requirement:
        token = self._take()
        operator = _BINARY_TOKENS.get(token.text)
        if operator is None:
            raise _unexpected(token, f", expected: {', '.join(known.value for known in _BINARY)}")
        read: Callable[[], list[str]] = self._set if operator in _SETS else self._exact
        return requirement(key, operator, tuple(sorted(set(read()))))

    def _exact(self) -> list[str]:
        if self._peek().kind in ("end", ","):
            return [""]
        token = self._take()
        if token.kind != "word":
            raise _unexpected(token, ", expected: identifier")
        return [token.text]

    def _set(self) -> list[str]:
        opening = self._take()
        if opening.kind != "(":
            raise _unexpected(opening, " expected: '('")
        if self._peek().kind == ")":
            self._take()
            return [""]
        if self._peek().kind not in ("word", ","):
            raise _unexpected(self._peek(), ", expected: ',', ')' or identifier")
        return self._members()

    def _members(self) -> list[str]:
        """Words between commas up to the closing parenthesis; nothing between two commas is the empty value."""
        values: list[str] = []
        while True:
            if self._peek().kind == "word":
                values.append(self._take().text)
                if self._peek().kind not in (",", ")"):
                    raise _unexpected(self._peek(), ", expected: ',' or ')'")
            else:
                values.append("")
            token = self._take()
            if token.kind == ")":
                return values
            if token.kind != ",":
                raise _unexpected(token, ", expected: ',', or identifier")


_BINARY_TOKENS = {"in": Operator.IN, "notin": Operator.NOT_IN, "=": Operator.EQUALS, "==": Operator.DOUBLE_EQUALS}
_BINARY_TOKENS |= {"!=": Operator.NOT_EQUALS, ">": Operator.GREATER_THAN, "<": Operator.LESS_THAN}


def _unexpected(token: _Token, expected: str) -> status.ApiError:
    return status.bad_request(f"found '{token.text}'{expected}")
