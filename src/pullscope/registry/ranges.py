"""Byte ranges: `Range` of downloads (RFC 9110) and `Content-Range` of chunked uploads (distribution-spec v1.1)."""

import re

_RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)")
_CONTENT_RANGE = re.compile(r"(?:bytes[ =])?([0-9]+)-([0-9]+)")  # the spec's form has no unit; some clients write one
_MAX_DIGITS = 19  # any file's size; longer numbers are nonsense


class UnsatisfiableError(ValueError):
    """The range lies outside of what there is."""


def requested(header: str, size: int) -> range | None:
    """The bytes that a `Range` header asks of `size`; None means all.

    What is malformed, or asks for several ranges, is ignored (RFC 9110, 14.2 allows both). Raises UnsatisfiableError.
    """
    found = _RANGE.fullmatch(header.strip())
    if not found or found[1] == found[2] == "" or len(header) > 2 * _MAX_DIGITS + len("bytes=-"):
        return None
    if found[1] == "":
        wanted = range(max(0, size - int(found[2])), size)
    else:
        end = min(int(found[2]), size - 1) if found[2] else size - 1
        if found[2] and int(found[2]) < int(found[1]):
            return None
        wanted = range(int(found[1]), end + 1)
    if not wanted:
        raise UnsatisfiableError(f"{header} of {size} bytes")
    return wanted


def chunk(header: str) -> range | None:
    """The bytes that a chunk's `Content-Range` says it holds; None when it is malformed."""
    found = _CONTENT_RANGE.fullmatch(header.strip())
    if not found or len(header) > 2 * _MAX_DIGITS + len("bytes -") or int(found[2]) < int(found[1]):
        return None
    return range(int(found[1]), int(found[2]) + 1)


def stored(size: int) -> str:
    """The `Range` header of an upload that holds `size` bytes. Of an empty one docker's registry says `0-0`."""
    return f"0-{max(0, size - 1)}"
