"""Base64 as Go's encoding/base64 reads it: line breaks are passed over, and an error says where it is.

Upstream: Go 1.26, src/encoding/base64/base64.go (StdEncoding, RawStdEncoding, CorruptInputError).
"""

import base64
import binascii
import string

_LETTERS = frozenset(string.ascii_letters + string.digits + "+/")


class CorruptInputError(ValueError):
    """The text is not base64; the message is Go's."""


def decode(text: str, *, padded: bool = True) -> bytes:
    """What `text` stands for; `padded` says whether it has to be filled up with `=`, or must not. Raises CorruptInputError."""
    text = text.replace("\r", "").replace("\n", "")
    filled = text if padded else text.replace("=", "-") + "=" * (-len(text) % 4)  # "-" is foreign, as "=" is to Go here
    try:
        return base64.b64decode(filled, validate=True)
    except (binascii.Error, ValueError):
        raise CorruptInputError(f"illegal base64 data at input byte {_corrupt(text, padded)}") from None


def _corrupt(text: str, padded: bool) -> int:
    """Where Go's decoder stops: at a foreign letter, at padding that is misplaced or not whole, at what comes after it."""
    for index, letter in enumerate(text):
        if letter == "=" and padded:
            end = index + 4 - index % 4
            if index % 4 < 2 or text[index:end] == "=" * (end - index):
                return index if index % 4 < 2 else end
            return min(index + 1, len(text)) if len(text) >= end else len(text)
        if letter not in _LETTERS:
            return index
    return len(text) // 4 * 4
