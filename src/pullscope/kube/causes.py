"""The words of a field's error: one function for each kind of complaint that validation can have.

They return a `status.Cause`; `status.invalid` makes the 422 out of a list of them. Upstream: k8s.io/apimachinery v0.36
pkg/util/validation/field/errors.go. `quote` prints a text as Go's %q does, which is how upstream shows the bad value.
"""

import json
from collections.abc import Iterable
from typing import Any

from pullscope.kube.status import Cause

_ESCAPES = {"\a": r"\a", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v"}
_ESCAPES |= {'"': r"\"", "\\": r"\\"}


def quote(text: str) -> str:
    """`text` in double quotes, escaped as Go's strconv.Quote does."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _shown(value: Any) -> str:
    if value is None:
        return '"null"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):  # as JSON, like objects, since Kubernetes 1.34
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value) if isinstance(value, int | float) else quote(str(value))


def _cause(reason: str, field: str, words: str, detail: str) -> Cause:
    return Cause(reason, field, f"{words}: {detail}" if detail else words)


def required(field: str, detail: str = "") -> Cause:
    """A value that must be given is missing or empty."""
    return _cause("FieldValueRequired", field, "Required value", detail)


def invalid(field: str, value: Any, detail: str) -> Cause:
    """The value is malformed or out of bounds; `detail` says what it must be."""
    return _cause("FieldValueInvalid", field, f"Invalid value: {_shown(value)}", detail)


def not_supported(field: str, value: Any, supported: Iterable[str]) -> Cause:
    """The value is not one of `supported`; they are listed in the order given."""
    listed = ", ".join(quote(text) for text in supported)
    detail = f"supported values: {listed}" if listed else ""
    return _cause("FieldValueNotSupported", field, f"Unsupported value: {_shown(value)}", detail)


def duplicate(field: str, value: Any) -> Cause:
    """The value must be unique in its list and is not."""
    return _cause("FieldValueDuplicate", field, f"Duplicate value: {_shown(value)}", "")


def not_found(field: str, value: Any) -> Cause:
    """The value names something that is not there."""
    return _cause("FieldValueNotFound", field, f"Not found: {_shown(value)}", "")


def forbidden(field: str, detail: str) -> Cause:
    """The value would do elsewhere, but not here."""
    return _cause("FieldValueForbidden", field, "Forbidden", detail)


def too_long(field: str, limit: int) -> Cause:
    """The value has more than `limit` bytes; it is not repeated in the message."""
    return _cause("FieldValueTooLong", field, "Too long", f"must have at most {limit} bytes")


def too_many(field: str, number: int, limit: int) -> Cause:
    """The list has more than `limit` elements."""
    return _cause("FieldValueTooMany", field, f"Too many: {number}", f"must have at most {limit} items")
