"""JSON values as such: a copy that shares nothing, of bounded depth."""

from typing import Any

import orjson

from pullscope.kube import status


def copied(value: Any) -> Any:
    """A deep copy of a JSON value, fast.

    Raises ApiError 400 for what JSON cannot hold (lone surrogates, integers beyond 64 bits) and for nesting beyond 254
    levels, so that whoever walks the copy need not fear for the stack.
    """
    try:
        return orjson.loads(orjson.dumps(value))
    except orjson.JSONEncodeError as error:
        raise status.bad_request(f"the value cannot be written as JSON: {error}") from None
