"""resource.Quantity: amounts with a suffix, such as `500m`, `2Gi`, `1e3`.

`parse` gives an exact value that compares and sums; `str()` of it is the canonical text, as the API server stores it.
Upstream: k8s.io/apimachinery v0.36 pkg/api/resource (quantity.go, suffix.go): the finest step is a billionth, rounded up
(away from zero); the form that was written (binary, decimal, exponent) is kept where it loses nothing.
"""

import enum
import re
from dataclasses import dataclass
from fractions import Fraction

PATTERN = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
_NUMBER = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_NANO = 10**9
# An exponent that no quantity needs; upstream reads it as an int32 and would compute for very long.
_EXPONENT_MAX = 1000


class Format(enum.Enum):
    """How the amount was written and will be printed."""

    DECIMAL_SI = "DecimalSI"
    BINARY_SI = "BinarySI"
    DECIMAL_EXPONENT = "DecimalExponent"


class InvalidQuantityError(ValueError):
    """The text is not a quantity; the message is upstream's."""


@dataclass(frozen=True)
class Quantity:
    """`value` is exact, in whole units; `str()` is the canonical text."""

    value: Fraction
    format: Format = Format.DECIMAL_SI

    def __str__(self) -> str:
        if self.format is Format.BINARY_SI and abs(self.value) >= 1024 and self.value.denominator == 1:
            return _binary_text(int(self.value))
        return _decimal_text(self.value, exponent_form=self.format is Format.DECIMAL_EXPONENT)

    def __lt__(self, other: "Quantity") -> bool:
        return self.value < other.value

    def __le__(self, other: "Quantity") -> bool:
        return self.value <= other.value

    def __add__(self, other: "Quantity") -> "Quantity":
        """The sum, in the form of the left one (of the right one when the left is zero), as upstream's Add."""
        return Quantity(self.value + other.value, self.format if self.value else other.format)

    def __sub__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.value - other.value, self.format if self.value else other.format)


def parse(text: str) -> Quantity:
    """Read a quantity. Raises InvalidQuantityError with upstream's sentence."""
    if not text:
        raise InvalidQuantityError("quantities must match the regular expression '" + PATTERN + "'")
    number, suffix = _split(text)
    factor, form = _factor(suffix)
    return Quantity(_to_nano(number * factor), form)


def canonical(text: str) -> str:
    """The text as the API server stores it: `1000m` is `1`, `1024Mi` is `1Gi`. Raises InvalidQuantityError."""
    return str(parse(text))


def _split(text: str) -> tuple[Fraction, str]:
    match = _NUMBER.match(text)
    if match is None or not (match[2] or match[3]):
        raise InvalidQuantityError("quantities must match the regular expression '" + PATTERN + "'")
    digits = Fraction(f"{match[2] or '0'}.{match[3] or '0'}")
    return (-digits if match[1] == "-" else digits), text[match.end() :]


def _factor(suffix: str) -> tuple[Fraction, Format]:
    if suffix in _DECIMAL:
        return Fraction(10) ** _DECIMAL[suffix], Format.DECIMAL_SI
    if suffix in _BINARY:
        return Fraction(2) ** _BINARY[suffix], Format.BINARY_SI
    if re.fullmatch(r"[eE][+-]?[0-9]{1,9}", suffix) and abs(int(suffix[1:])) <= _EXPONENT_MAX:
        return Fraction(10) ** int(suffix[1:]), Format.DECIMAL_EXPONENT
    if re.fullmatch(r"[eEinumkKMGTP]*[-+]?[0-9]*", suffix):
        raise InvalidQuantityError("unable to parse quantity's suffix")
    raise InvalidQuantityError("quantities must match the regular expression '" + PATTERN + "'")


def _to_nano(value: Fraction) -> Fraction:
    scaled = value * _NANO
    rounded = -(-abs(scaled.numerator) // scaled.denominator)
    return Fraction(-rounded if value < 0 else rounded, _NANO)


def _decimal_text(value: Fraction, *, exponent_form: bool) -> str:
    number, exponent = int(value * _NANO), -9
    while number and number % 1000 == 0 and exponent < 18:
        number, exponent = number // 1000, exponent + 3
    if not number:
        return "0"
    if exponent_form:
        return f"{number}e{exponent}" if exponent else str(number)
    return str(number) + next(suffix for suffix, power in _DECIMAL.items() if power == exponent)


def _binary_text(number: int) -> str:
    suffix = ""
    for candidate in _BINARY:
        if number % 1024:
            break
        number, suffix = number // 1024, candidate
    return f"{number}{suffix}"
