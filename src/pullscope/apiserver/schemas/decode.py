"""A JSON object as an object of its type: every field known and of the right form, as Go's decoder would read it.

`decode` does in one walk what upstream's typed decoding does: a value of the wrong type is an error in the words of Go's
encoding/json, unknown fields are left out and named, nulls are absence, values with a form of their own get their
canonical text (quantities, times), and plain fields that Go always writes are there, empty. `duplicates` finds what a
parsed object no longer shows.

Upstream: sigs.k8s.io/json (strict errors and their paths), k8s.io/apimachinery v0.36 pkg/apis/meta/v1 and pkg/api/resource.
"""

import base64
import functools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from pullscope.apiserver.schemas.types import Type, Value
from pullscope.kube import causes, gobase64, meta, quantity

Object = dict[str, Any]


class UndecodableError(ValueError):
    """A value is not of its field's type. The message is what upstream puts after `cannot be handled as a Pod: `."""


@dataclass(frozen=True)
class Decoded:
    """The object, and upstream's sentence for each field that it has no place for (`unknown field "spec.x"`)."""

    obj: Object
    unknown: list[str] = field(default_factory=list)


def decode(obj: Object, type_: Type) -> Decoded:
    """`obj` as `type_` reads it, a copy. Raises UndecodableError at the first value of a wrong type."""
    unknown: list[str] = []
    decoded = _Decoder(unknown).object(obj, type_, _Place("", ""))
    return Decoded(decoded, unknown)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the object: `path` with list indices and map keys, `fields` with the names of fields alone.

    `struct` is the type whose field it is, for Go's messages.
    """

    path: str
    fields: str
    struct: str = ""

    def field(self, name: str, struct: str) -> "_Place":
        return _Place(self._below(name), f"{self.fields}.{name}" if self.fields else name, struct)

    def key(self, name: str) -> "_Place":
        return _Place(self._below(name), self.fields, self.struct)

    def index(self, number: int) -> "_Place":
        return _Place(f"{self.path}[{number}]", self.fields, self.struct)

    def _below(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name


class _Decoder:
    def __init__(self, unknown: list[str]) -> None:
        self._unknown = unknown

    def object(self, obj: Object, type_: Type, place: _Place) -> Object:
        result: Object = {}
        for name, value in obj.items():
            below = place.field(name, type_.name)
            known = type_.fields.get(name)
            if known is None:
                self._unknown.append(f"unknown field {causes.quote(below.path)}")
            elif value is not None:
                result[name] = self.value(value, known, below)
        for name, zero in type_.zeros.items():
            result.setdefault(name, zero)
        return result

    def value(self, value: Any, known: Value, place: _Place) -> Any:
        match known.shape, value:
            case ("object", dict()):
                return self.object(value, known.type, place)
            case ("list", list()):
                items = enumerate(value)
                return [self._item(each, known.item, place.index(index)) for index, each in items]
            case ("map", dict()):
                return {key: self._item(each, known.item, place.key(key)) for key, each in value.items()}
            case ("object" | "list" | "map", _):
                raise _mismatch(value, known, place)
        return _scalar(value, known, place)

    def _item(self, value: Any, known: Value, place: _Place) -> Any:
        """An element of a list or map; null is the empty value of its type."""
        return self.value(_empty(known) if value is None else value, known, place)


def _empty(known: Value) -> Any:
    """Go's zero value, in JSON."""
    match known.shape:
        case "object" | "map" | "any":
            return {}
        case "list":
            return []
        case "int32" | "int64" | "number" | "int_or_string":
            return 0
        case "bool":
            return False
        case "quantity":
            return "0"
    return ""


def _scalar(value: Any, known: Value, place: _Place) -> Any:
    if known.shape in _SPECIAL:
        return _SPECIAL[known.shape](value)
    if known.shape in ("int32", "int64"):
        if not _fits(value, 32 if known.shape == "int32" else 64):
            raise _mismatch(value, known, place, shown=True)
    elif not _is(value, known.shape):
        raise _mismatch(value, known, place)
    return _base64(value) if known.shape == "bytes" else value


def _fits(value: Any, bits: int) -> bool:
    """Whether a value is an integer of that size (true is none)."""
    return isinstance(value, int) and not isinstance(value, bool) and -(1 << bits - 1) <= value < 1 << bits - 1


def _is(value: Any, shape: str) -> bool:
    match shape:
        case "string" | "bytes":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
    return shape == "any"


def _word(value: Any) -> str:
    """What Go's JSON library calls a value."""
    words = {dict: "object", list: "array", str: "string", bool: "bool", int: "number", float: "number"}
    return words[type(value)]


def _mismatch(value: Any, known: Value, place: _Place, *, shown: bool = False) -> UndecodableError:
    word = f"{_word(value)} {value}" if shown and _word(value) == "number" else _word(value)
    where = f"{place.struct}.{place.fields}"
    return UndecodableError(f"json: cannot unmarshal {word} into Go struct field {where} of type {known.go}")


def _quantity(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    try:
        return quantity.canonical(text)
    except quantity.InvalidQuantityError as error:
        raise UndecodableError(str(error)) from None


def _int_or_string(value: Any) -> int | str:
    if isinstance(value, str):
        return value
    if _fits(value, 32):
        return int(value)
    word = f"number {value}" if _word(value) == "number" else _word(value)
    raise UndecodableError(f"json: cannot unmarshal {word} into Go value of type int32")


_RFC_3339 = "2006-01-02T15:04:05Z07:00"
_RFC_3339_MICRO = "2006-01-02T15:04:05.000000Z07:00"


def _time(value: Any, *, micro: bool = False) -> str:
    if not isinstance(value, str):
        raise UndecodableError(f"json: cannot unmarshal {_word(value)} into Go value of type string")
    try:
        when = meta.parse_time(value).astimezone(UTC)
    except (ValueError, OverflowError):
        layout = causes.quote(_RFC_3339_MICRO if micro else _RFC_3339)
        text = causes.quote(value)
        raise UndecodableError(f'parsing time {text} as {layout}: cannot parse {text} as "2006"') from None
    return meta.micro_timestamp(when) if micro else meta.timestamp(when)


def _base64(value: str) -> str:
    try:
        return base64.b64encode(gobase64.decode(value)).decode()
    except gobase64.CorruptInputError as error:
        raise UndecodableError(str(error)) from None


_SPECIAL: dict[str, Callable[[Any], Any]] = {
    "time": _time,
    "micro_time": functools.partial(_time, micro=True),
    "quantity": _quantity,
    "int_or_string": _int_or_string,
}


# Duplicate fields


class _Doubled(dict[str, Any]):
    """An object of a JSON text, with the names that came more than once."""

    twice: tuple[str, ...] = ()


def _doubled(pairs: list[tuple[str, Any]]) -> _Doubled:
    result = _Doubled(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        result.twice = tuple(dict.fromkeys(name for index, name in enumerate(names) if name in names[:index]))
    return result


def duplicates(body: bytes) -> list[str]:
    """Upstream's sentence for each field that comes more than once in one object (`duplicate field "spec.x"`).

    `body` must be JSON. Raises UndecodableError when it is nested too deeply.
    """
    found: list[str] = []
    try:
        _find(json.loads(body, object_pairs_hook=_doubled), "", found)
    except RecursionError:
        raise UndecodableError("exceeded max depth") from None
    return found


def _find(value: Any, path: str, found: list[str]) -> None:
    if isinstance(value, _Doubled):
        for name, below in value.items():
            where = f"{path}.{name}" if path else name
            if name in value.twice:
                found.append(f"duplicate field {causes.quote(where)}")
            _find(below, where, found)
    elif isinstance(value, list):
        for index, below in enumerate(value):
            _find(below, f"{path}[{index}]", found)
