"""Which form of an answer the client wants: the Accept header.

Upstream: k8s.io/apiserver v0.36 pkg/endpoints/handlers/negotiation. Answers are JSON; a client that lists protobuf first and
JSON after it gets JSON, as clients of an older server do.
"""

from dataclasses import dataclass
from typing import Literal

from pullscope.kube import status

_JSON = ("application/json", "application/*", "*/*")
_META = "meta.k8s.io"


@dataclass(frozen=True)
class Form:
    """`object`: as it is. `table`: a Table. `partial`: its metadata alone. `version` is that of meta.k8s.io."""

    kind: Literal["object", "table", "partial"] = "object"
    version: str = "v1"


_TRANSFORMS: dict[str, Literal["table", "partial"]] = {
    "Table": "table",
    "PartialObjectMetadata": "partial",
    "PartialObjectMetadataList": "partial",
}


def accepted(header: str | None) -> list[tuple[str, dict[str, str]]]:
    """The media types of an Accept header with their parameters, the most wanted first."""
    parsed = [_clause(text) for text in (header or "*/*").split(",") if text.strip()]
    ranked = sorted(parsed, key=lambda clause: -_quality(clause[1].get("q", "1")))
    return [clause for clause in ranked if _quality(clause[1].get("q", "1")) > 0]


def _clause(text: str) -> tuple[str, dict[str, str]]:
    media, *rest = (part.strip() for part in text.split(";"))
    pairs = (part.partition("=") for part in rest)
    return media.lower(), {key.strip(): value.strip() for key, _, value in pairs}


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def form(header: str | None) -> Form:
    """The first form of the header that can be given. Raises ApiError 406 when there is none."""
    for media, parameters in accepted(header):
        if media not in _JSON:
            continue
        wanted = parameters.get("as")
        if wanted is None:
            return Form()
        kind, version = _TRANSFORMS.get(wanted), parameters.get("v", "")
        if kind is not None and parameters.get("g") == _META and version in ("v1", "v1beta1"):
            return Form(kind, version)
    raise not_acceptable()


def not_acceptable() -> status.ApiError:
    message = "only the following media types are accepted: application/json"
    return status.ApiError(406, "NotAcceptable", message)
