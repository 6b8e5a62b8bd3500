"""Which endpoint a path means (distribution-spec v1.1, "Endpoints"), decided without acting on it.

A repository's name may contain any word, even `manifests`, so a path is read from its end. Names are checked by
whoever answers, since each endpoint has its own error for a bad one.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["base", "catalog", "tags", "manifest", "blob", "uploads", "upload", "referrers", "other"]

PREFIX = "/v2/"

_FAMILIES: dict[str, Kind] = {"manifests": "manifest", "blobs": "blob", "referrers": "referrers"}


@dataclass(frozen=True)
class Route:
    """An endpoint, `other` for none. `reference` is the tag, digest or upload id that ends the path; empty where there is none."""

    kind: Kind
    repository: str = ""
    reference: str = ""

    @property
    def is_by_digest(self) -> bool:
        """Whether it is a manifest that its digest names."""
        return self.kind == "manifest" and ":" in self.reference


def parse(path: str) -> Route:
    """The endpoint of a decoded path; `other` when it is no part of the API."""
    if not path.startswith(PREFIX):
        return Route("other")
    match path.removeprefix(PREFIX).split("/"):
        case [""]:
            found = Route("base")
        case ["_catalog"]:
            found = Route("catalog")
        case [_, *_, "blobs", "uploads"] | [_, *_, "blobs", "uploads", ""]:
            found = Route("uploads", path.removeprefix(PREFIX).rpartition("/blobs/uploads")[0])
        case [*name, "blobs", "uploads", id_] if name:
            found = Route("upload", "/".join(name), id_)
        case [*name, "tags", "list"] if name:
            found = Route("tags", "/".join(name))
        case [*name, ("manifests" | "blobs" | "referrers") as family, reference] if name and reference:
            found = Route(_FAMILIES[family], "/".join(name), reference)
        case _:
            found = Route("other")
    return found
