"""The entries of a kubeconfig: what is read of them here and by `plugins`, and what can be wrong with them.

An entry remembers the directory of its file, as `directory`: its relative paths are relative to that.
"""

import base64
import binascii
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class BrokenError(Exception):
    """A part of a kubeconfig that cannot be used; the message says which."""


@dataclass(frozen=True)
class Identity:
    """Who we are: what a user entry gives. `authorization` is the header's value, certificate and key are PEM."""

    authorization: str | None = field(default=None, repr=False)
    certificate: bytes | None = None
    key: bytes | None = field(default=None, repr=False)


def material(entry: Entry, name: str) -> bytes | None:
    """A certificate or key. Inline data is preferred to a file of the same name (client-go). Raises BrokenError."""
    if entry.get(f"{name}-data"):
        try:
            return base64.b64decode(entry[f"{name}-data"], validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise BrokenError(f"{name}-data is not base64: {error}") from error
    return file(entry, name) if entry.get(name) else None


def file(entry: Entry, name: str) -> bytes:
    """What is in the file that the entry names. Raises BrokenError."""
    path = Path(entry["directory"], str(entry[name])).expanduser()
    try:
        return path.read_bytes()
    except OSError as error:
        raise BrokenError(f"{name} {path}: {error.strerror}") from error
