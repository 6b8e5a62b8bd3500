"""Kubernetes' protobuf bodies, decoded into the JSON objects that they stand for.

Clients from 0.32 on (kubectl 1.32) send protobuf for built-in kinds and never retry as JSON, so a server must read it;
answers may always be JSON. The decoder is driven by `Tables`: the field numbers of k8s.io/api's generated.proto files and
which fields its Go types leave out of JSON when they are empty. `apiserver.schemas` has the tables as data.

The envelope is `k8s\\0`, then a runtime.Unknown: typeMeta, the object's bytes, encoding and type of the content
(k8s.io/apimachinery v0.36 pkg/runtime/serializer/protobuf). Whatever the bytes are, the answer is an object or an
ApiError 400.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import orjson

from pullscope.kube import meta, status

Object = dict[str, Any]

PREFIX = b"k8s\x00"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Cardinality = Literal["one", "list", "map"]
CARDINALITIES: Mapping[str, Cardinality] = {"one": "one", "list": "list", "map": "map"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message. `type` is a scalar (`string`, `bytes`, `bool`, `int32`, `int64`) or a message's name.

    An empty value (zero, false, the empty text) of a field with `keep` is in the JSON; of others it is left out, as Go's
    `omitempty` does. An `inline` message's fields stand in the object itself.
    """

    name: str
    cardinality: Cardinality
    type: str
    keep: bool = False
    inline: bool = False


@dataclass(frozen=True)
class Tables:
    """All messages: name -> field number -> field. Names are like `apps.v1.Deployment` and `meta/ObjectMeta`."""

    messages: Mapping[str, Mapping[int, Field]] = field(repr=False)

    def message(self, api_version: str, kind: str) -> str | None:
        """The message of a kind, or None when there is none."""
        group, _, version = api_version.rpartition("/")
        names = (f"{group.split('.')[0] or 'core'}.{version}.{kind}", f"meta/{kind}")
        return next((name for name in names if name in self.messages), None)


class _MalformedError(Exception):
    """The bytes are not what they should be; the message is upstream's where it has one."""


def decode_protobuf(body: bytes, tables: Tables) -> Object:
    """The JSON object that a protobuf body stands for. Raises ApiError 400, and nothing else."""
    try:
        return _object(body, tables)
    except _MalformedError as error:
        raise status.bad_request(f"the object provided is unrecognized: {error}") from None


def _object(body: bytes, tables: Tables) -> Object:
    if not body.startswith(PREFIX):
        raise _MalformedError("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
    envelope = dict(_fields(memoryview(body)[len(PREFIX) :]))
    about = dict(_fields(_expect_bytes(envelope.get(1, b""))))
    api_version, kind = _string(about.get(1, b"")), _string(about.get(2, b""))
    if _expect_bytes(envelope.get(3, b"")):
        raise _MalformedError("content encodings are not supported")
    name = tables.message(api_version, kind)
    if name is None:
        raise _MalformedError(f'no kind "{kind}" is registered for version "{api_version}"')
    decoded = _message(_expect_bytes(envelope.get(2, b"")), name, tables)
    return {"apiVersion": api_version, "kind": kind, **decoded}


# The wire format

_Raw = int | memoryview | bytes


def _fields(data: memoryview | bytes) -> Iterator[tuple[int, _Raw]]:
    """The (number, value) pairs of a message: numbers as int, the rest as bytes."""
    view, position = memoryview(data), 0
    while position < len(view):
        key, position = _varint(view, position)
        number, kind = key >> 3, key & 7
        if not number:
            raise _MalformedError("proto: illegal tag 0")
        if kind == _VARINT:
            value, position = _varint(view, position)
            yield number, value
            continue
        if kind == _BYTES:
            size, position = _varint(view, position)
        elif kind in (_FIXED64, _FIXED32):
            size = 8 if kind == _FIXED64 else 4
        else:
            raise _MalformedError(f"proto: illegal wireType {kind}")
        if position + size > len(view):
            raise _MalformedError("unexpected EOF")
        yield number, view[position : position + size]
        position += size


def _varint(view: memoryview, position: int) -> tuple[int, int]:
    result = 0
    for shift in range(0, 64, 7):
        if position >= len(view):
            raise _MalformedError("unexpected EOF")
        byte = view[position]
        position += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result & 0xFFFFFFFFFFFFFFFF, position
    raise _MalformedError("proto: integer overflow")


def _expect_bytes(raw: _Raw) -> bytes:
    if isinstance(raw, int):
        raise _MalformedError("proto: wrong wireType = 0")
    return bytes(raw)


def _string(raw: _Raw) -> str:
    try:
        return _expect_bytes(raw).decode()
    except UnicodeDecodeError as error:
        raise _MalformedError(f"string field contains invalid UTF-8: {error.reason}") from None


def _integer(raw: _Raw, bits: int = 64) -> int:
    if not isinstance(raw, int):
        raise _MalformedError("proto: wrong wireType = 2")
    low = raw & ((1 << bits) - 1)
    return low - (1 << bits) if low >> (bits - 1) else low


# Messages


def _message(data: bytes, name: str, tables: Tables) -> Object:
    known = tables.messages[name]
    result: Object = {}
    for number, raw in _fields(data):
        entry = known.get(number)
        # Newer clients know more fields: upstream skips what it does not know.
        if entry is not None:
            _set(result, entry, raw, tables)
    return result


def _set(result: Object, entry: Field, raw: _Raw, tables: Tables) -> None:
    if entry.cardinality == "map":
        key, value = _pair(_expect_bytes(raw), entry.type, tables)
        result.setdefault(entry.name, {})[key] = value
    elif entry.cardinality == "list":
        result.setdefault(entry.name, []).extend(_items(raw, entry.type, tables))
    else:
        value = _value(raw, entry.type, tables)
        if entry.inline:
            result.update(value)
        elif value is not None and (entry.keep or entry.type not in _SCALARS or value):
            result[entry.name] = value


def _pair(data: bytes, type_: str, tables: Tables) -> tuple[str, Any]:
    """A map's entry: key is field 1, value field 2; a missing one is empty. Empty values count: `selector: {a: ""}`."""
    parts = dict(_fields(data))
    return _string(parts.get(1, b"")), _value(parts.get(2, b""), type_, tables)


def _items(raw: _Raw, type_: str, tables: Tables) -> list[Any]:
    if type_ not in _SCALARS or isinstance(raw, int) or type_ in ("string", "bytes"):
        return [_value(raw, type_, tables)]
    # Numbers may come packed: one after the other in one value.
    view, position, items = memoryview(raw), 0, []
    while position < len(view):
        number, position = _varint(view, position)
        items.append(_SCALARS[type_](number))
    return items


def _value(raw: _Raw, type_: str, tables: Tables) -> Any:
    if type_ in _SCALARS:
        return _SCALARS[type_](raw)
    if type_ in _SPECIAL:
        return _SPECIAL[type_](dict(_fields(_expect_bytes(raw))))
    if type_.endswith(".ExtraValue"):
        return [_string(item) for number, item in _fields(_expect_bytes(raw)) if number == 1]
    return _message(_expect_bytes(raw), type_, tables)


_SCALARS: dict[str, Callable[[_Raw], Any]] = {
    "string": _string,
    "bytes": lambda raw: base64.b64encode(_expect_bytes(raw)).decode(),
    "bool": lambda raw: _integer(raw) != 0,
    "int32": lambda raw: _integer(raw, 32),
    "int64": _integer,
}


# Messages that JSON writes in another way


def _time(parts: Mapping[int, _Raw]) -> str | None:
    """metav1.Time; one without a value is null."""
    return meta.timestamp(_moment(parts)) if parts else None


def _micro_time(parts: Mapping[int, _Raw]) -> str | None:
    return meta.micro_timestamp(_moment(parts)) if parts else None


def _moment(parts: Mapping[int, _Raw]) -> datetime:
    try:
        return _EPOCH + timedelta(seconds=_integer(parts.get(1, 0)), microseconds=_integer(parts.get(2, 0)) // 1000)
    except OverflowError:
        raise _MalformedError("Time.MarshalJSON: year outside of range [0,9999]") from None


def _quantity(parts: Mapping[int, _Raw]) -> str:
    return _string(parts.get(1, b"")) or "0"


def _int_or_string(parts: Mapping[int, _Raw]) -> int | str:
    return _string(parts.get(3, b"")) if _integer(parts.get(1, 0)) else _integer(parts.get(2, 0), 32)


def _json(parts: Mapping[int, _Raw]) -> Any:
    """JSON in bytes; none at all is null."""
    raw = _expect_bytes(parts.get(1, b""))
    try:
        return orjson.loads(raw) if raw else None
    except orjson.JSONDecodeError as error:
        raise _MalformedError(f"invalid JSON in the message: {error}") from None


_SPECIAL: dict[str, Callable[[Mapping[int, _Raw]], Any]] = {
    "meta/Time": _time,
    "meta/MicroTime": _micro_time,
    "meta/FieldsV1": _json,
    "runtime/RawExtension": _json,
    "resource/Quantity": _quantity,
    "intstr/IntOrString": _int_or_string,
}
