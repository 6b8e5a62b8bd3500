"""Checked reading of JSON documents: every accessor says which field is wrong, and of what kind it should be."""

from collections.abc import Mapping
from typing import Any

import orjson

from pullscope.oci.digest import Digest, DigestError


class InvalidDocumentError(ValueError):
    """The bytes are not the document they claim to be; the message names the field."""


def load(raw: bytes) -> dict[str, Any]:
    """The JSON object that `raw` is."""
    try:
        return mapping(orjson.loads(raw), "the document")
    except orjson.JSONDecodeError as error:
        raise InvalidDocumentError(f"not JSON: {error}") from error


def mapping(value: Any, where: str) -> dict[str, Any]:
    """`value`, which must be an object."""
    if not isinstance(value, dict):
        raise InvalidDocumentError(f"{where} is not an object")
    return value


def text(fields: Mapping[str, Any], key: str, where: str) -> str:
    """The string under `key`; empty when it is absent or null."""
    value = fields.get(key)
    if value is not None and not isinstance(value, str):
        raise InvalidDocumentError(f"{key} of {where} is not a string")
    return value or ""


def texts(value: Any, where: str) -> dict[str, str]:
    """An object of strings; empty when it is absent or null."""
    found = mapping(value if value is not None else {}, where)
    if not all(isinstance(item, str) for item in found.values()):
        raise InvalidDocumentError(f"{where} has a value that is not a string")
    return found


def sequence(value: Any, where: str, kind: type) -> tuple[Any, ...]:
    """A list of `kind`; empty when it is absent or null."""
    items = value if value is not None else []
    if not isinstance(items, list) or not all(isinstance(item, kind) for item in items):
        raise InvalidDocumentError(f"{where} is not a list of {'strings' if kind is str else 'objects'}")
    return tuple(items)


def digest(value: Any, where: str) -> Digest:
    """The digest that `value` is."""
    try:
        return Digest.parse(value if isinstance(value, str) else "")
    except DigestError as error:
        raise InvalidDocumentError(f"{where}: {error}") from error
