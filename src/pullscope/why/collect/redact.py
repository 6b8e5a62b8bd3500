"""Texts of runtimes and registries without what may be a secret in them. [pure]

Registries send clients to signed addresses (`…?X-Amz-Signature=…`), and runtimes quote these in what they say.
"""

import re

_QUERY = re.compile(r"(https?://[^\s\"'?]+)\?[^\s\"']+")
_LOGIN = re.compile(r"(https?://)[^\s\"'/@]+@")
_TOKEN = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}")


def text(message: str) -> str:
    """The message with queries, logins and tokens left out."""
    if "://" in message:
        message = _LOGIN.sub(r"\1", _QUERY.sub(r"\1?…", message))
    return _TOKEN.sub(r"\1 …", message)
