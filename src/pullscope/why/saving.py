"""Facts as a file, so that somebody else can judge them elsewhere: a support ticket instead of access to the cluster.

The file is JSON: `schema`, the version that wrote it, and the facts. There is no secret in it, since there is none in facts.
A file of a newer schema is refused; fields that are not known are not taken for granted.
"""

from pathlib import Path

import msgspec

import pullscope
from pullscope.base import files
from pullscope.base.errors import UsageError, told
from pullscope.why.facts import Facts

SCHEMA = "pullscope.facts/v1"

_LARGEST = 1 << 30  # bytes; facts of 10,000 pods take 20 MB
_HINT = "such a file is written by `pullscope why --save FILE`"


class _Head(msgspec.Struct):
    """What every version of the file begins with."""

    schema: str


class _File(msgspec.Struct):
    schema: str
    pullscope: str
    facts: Facts


def text(facts: Facts) -> bytes:
    """The content of a facts file."""
    body = msgspec.json.encode(_File(SCHEMA, pullscope.__version__, facts))
    return msgspec.json.format(body, indent=1) + b"\n"


def save(facts: Facts, path: Path) -> None:
    """Write the file. Raises UsageError when that is not possible."""
    try:
        files.write_atomic(path, text(facts), mode=0o600)
    except OSError as error:
        raise UsageError(
            f"cannot write the facts: {told(error)}", hint="name a file in a directory that is there"
        ) from error


def load(path: Path) -> Facts:
    """The facts in a file. Raises UsageError when it cannot be read, or is not such a file."""
    try:
        size, raw = path.stat().st_size, b""
        if size <= _LARGEST:
            raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read the facts: {told(error)}", hint=_HINT) from error
    if size > _LARGEST:
        raise UsageError(f"{path} is too large for a facts file: {size} bytes", hint=_HINT)
    return parse(raw, str(path))


def parse(raw: bytes, name: str) -> Facts:
    """The facts in the content of a file that is called `name`. Raises UsageError."""
    try:
        schema = msgspec.json.decode(raw, type=_Head).schema
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UsageError(f"{name} is no facts file: {error}", hint=_HINT) from error
    if schema != SCHEMA:
        raise UsageError(f"{name} has the schema {schema!r}, this version reads {SCHEMA!r}", hint=_HINT)
    try:
        return msgspec.json.decode(raw, type=_File).facts
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UsageError(f"{name} is damaged: {error}", hint="save the facts again") from error
