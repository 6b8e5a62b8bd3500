"""JSON values as such: their text and a copy that shares nothing, of bounded depth."""

from typing import Any

import orjson

from pullscope.kube import status


def encoded(value: Any) -> bytes:
    """The value as JSON text.

    Raises ApiError 400 for what JSON cannot hold (lone surrogates, integers beyond 64 bits) and for nesting beyond 254
    levels, so that whoever walks a value that went through here need not fear for the stack.
    """
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        raise status.bad_request(f"the value cannot be written as JSON: {error}") from None


def copied(value: Any) -> Any:
    """A deep copy, fast. Raises what `encoded` does."""
    return orjson.loads(encoded(value))


def compact(text: bytes) -> bytes:
    """A copy of what orjson wrote, to be kept: its own stays in a buffer of up to sixteen times that size."""
    return bytes(memoryview(text))
