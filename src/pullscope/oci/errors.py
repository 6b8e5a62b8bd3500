"""The errors that a registry says, as values: code, HTTP status and text of the distribution spec v1.1.

The spec leaves texts and statuses of some codes open; there docker's registry 2.8 (`registry/api/v2/errors.go`,
`registry/api/errcode`) decides, since its words are what clients and users know. The server raises them
(`MANIFEST_UNKNOWN.error(...)`), the client reads them back (`decode`).
"""

from dataclasses import dataclass
from typing import Any

import orjson

_MAX_TEXT = 512  # characters of a foreign registry's message that are kept


class RegistryError(Exception):
    """One error of a registry. `status` is HTTP's, `code` the spec's, `detail` any JSON value or None."""

    def __init__(self, status: int, code: str, message: str, detail: Any = None) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail

    def body(self) -> bytes:
        """The answer's body, as the spec shapes it."""
        fields = {"code": self.code, "message": self.message, "detail": self.detail}
        return orjson.dumps({"errors": [{key: value for key, value in fields.items() if value is not None}]})


@dataclass(frozen=True)
class ErrorCode:
    """A code of the spec with the status and text that go with it."""

    status: int
    code: str
    message: str

    def error(self, detail: Any = None, *, message: str = "") -> RegistryError:
        """The error to raise; `message` replaces the usual text."""
        return RegistryError(self.status, self.code, message or self.message, detail)


BLOB_UNKNOWN = ErrorCode(404, "BLOB_UNKNOWN", "blob unknown to registry")
BLOB_UPLOAD_INVALID = ErrorCode(400, "BLOB_UPLOAD_INVALID", "blob upload invalid")
BLOB_UPLOAD_UNKNOWN = ErrorCode(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
DIGEST_INVALID = ErrorCode(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
MANIFEST_BLOB_UNKNOWN = ErrorCode(
    400, "MANIFEST_BLOB_UNKNOWN", "manifest references a manifest or blob unknown to registry"
)
MANIFEST_INVALID = ErrorCode(400, "MANIFEST_INVALID", "manifest invalid")
MANIFEST_TOO_LARGE = ErrorCode(413, "MANIFEST_INVALID", "manifest invalid")
MANIFEST_UNKNOWN = ErrorCode(404, "MANIFEST_UNKNOWN", "manifest unknown")
NAME_INVALID = ErrorCode(400, "NAME_INVALID", "invalid repository name")
NAME_UNKNOWN = ErrorCode(404, "NAME_UNKNOWN", "repository name not known to registry")
SIZE_INVALID = ErrorCode(400, "SIZE_INVALID", "provided length did not match content length")
UNAUTHORIZED = ErrorCode(401, "UNAUTHORIZED", "authentication required")
DENIED = ErrorCode(403, "DENIED", "requested access to the resource is denied")
UNSUPPORTED = ErrorCode(405, "UNSUPPORTED", "The operation is unsupported.")
TOOMANYREQUESTS = ErrorCode(429, "TOOMANYREQUESTS", "too many requests")

# Not in the spec's table, said by docker's registry.
TAG_INVALID = ErrorCode(400, "TAG_INVALID", "manifest tag did not match URI")
RANGE_INVALID = ErrorCode(416, "RANGE_INVALID", "invalid content range")
PAGINATION_NUMBER_INVALID = ErrorCode(400, "PAGINATION_NUMBER_INVALID", "invalid number of results requested")
UNAVAILABLE = ErrorCode(503, "UNAVAILABLE", "service unavailable")


def decode(status: int, body: bytes) -> RegistryError | None:
    """The first error of an answer's body, kept to a readable length; None when it is not of the spec's shape."""
    try:
        first = orjson.loads(body)["errors"][0]
        code, message = first["code"], first.get("message", "")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return None
    if not isinstance(code, str) or not isinstance(message, str):
        return None
    return RegistryError(status, code[:_MAX_TEXT], message[:_MAX_TEXT], first.get("detail"))
