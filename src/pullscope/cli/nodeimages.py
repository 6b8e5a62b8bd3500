"""How images on nodes are shown: crictl's table, with the node before it where there are several."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pullscope.base.errors import UsageError
from pullscope.cri import api
from pullscope.cri.crictl import tables

Image = Mapping[str, Any]


@dataclass(frozen=True)
class Columns:
    """What is shown besides name, tag and size. `whole`: ids and digests in full length."""

    node: bool = False
    digest: bool = False
    id: bool = True
    whole: bool = False


def table(images: Iterable[Image], columns: Columns) -> str:
    """One line for each tag of each image."""
    titles = ["NODE", "IMAGE", "TAG", "DIGEST", "IMAGE ID", "SIZE"]
    rows = [(image["node"], *row) for image in images for row in tables.image_rows(read(image), whole=columns.whole)]
    shown = [columns.node, True, True, columns.digest, columns.id, True]
    return tables.aligned([[cell for cell, show in zip(row, shown, strict=True) if show] for row in [titles, *rows]])


def nodes(found: Iterable[Mapping[str, Any]]) -> str:
    """The nodes of a `status` document."""
    rows = [[each["name"], "Ready" if each["ready"] else "NotReady", str(each["images"])] for each in found]
    return tables.aligned([["NODE", "STATUS", "IMAGES"], *rows])


def credentials(creds: str) -> dict[str, str]:
    """What `--creds` says, as `cri.api.AuthConfig` has it. Raises UsageError."""
    username, _, password = creds.partition(":")
    if not username:
        raise UsageError("username can't be empty")
    return {"username": username, "password": password}


def read(image: Image) -> api.Image:
    """What `documents.image` made of it."""
    names = (tuple(image["repoTags"]), tuple(image["repoDigests"]))
    return api.Image(image["id"], *names, int(image["size"]), image["username"], image["pinned"])
