"""How images on nodes are shown: crictl's table, to the column.

Upstream: cri-tools v1.36 cmd/crictl/image.go and display.go; sizes are go-units' HumanSizeWithPrecision.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pullscope.base.errors import UsageError

Image = Mapping[str, Any]

_MIN_WIDTH, _PADDING = 20, 3
_SHORT = 13
_UNITS = ("B", "kB", "MB", "GB", "TB")
_NONE = "<none>"


@dataclass(frozen=True)
class Columns:
    """What is shown besides name, tag, id and size. `whole`: ids and digests in full length."""

    node: bool = False
    digest: bool = False
    whole: bool = False


def table(images: Iterable[Image], columns: Columns) -> str:
    """One line for each tag of each image."""
    titles = ["NODE", "IMAGE", "TAG", "DIGEST", "IMAGE ID", "SIZE"]
    rows = [row for image in images for row in _rows(image, columns)]
    shown = [columns.node, True, True, columns.digest, True, True]
    return aligned([[cell for cell, show in zip(row, shown, strict=True) if show] for row in [titles, *rows]])


def nodes(found: Iterable[Mapping[str, Any]]) -> str:
    """The nodes of a `status` document."""
    rows = [[each["name"], "Ready" if each["ready"] else "NotReady", str(each["images"])] for each in found]
    return aligned([["NODE", "STATUS", "IMAGES"], *rows])


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """The rows in columns, as Go's tabwriter makes them for crictl."""
    widths = [max(_MIN_WIDTH, *(len(cell) + _PADDING for cell in column)) for column in zip(*rows, strict=True)][:-1]
    return "\n".join(
        "".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)) + row[-1] for row in rows
    )


def human_size(size: float) -> str:
    """Decimal, three significant digits: 2161866 is 2.16MB."""
    unit = 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.3g}{_UNITS[unit]}"


def credentials(creds: str) -> dict[str, str]:
    """What `--creds` says, as `cri.api.AuthConfig` has it. Raises UsageError."""
    username, _, password = creds.partition(":")
    if not username:
        raise UsageError("username can't be empty")
    return {"username": username, "password": password}


def _rows(image: Image, columns: Columns) -> list[list[str]]:
    digests = image["repoDigests"]
    repository, _, digest = digests[0].partition("@") if digests else (_NONE, "", _NONE)
    names = [tag.rpartition(":")[::2] for tag in image["repoTags"]] or [(repository, _NONE)]
    image_id = image["id"]
    if not columns.whole:
        image_id, digest = image_id[:_SHORT], digest.removeprefix("sha256:")[:_SHORT]
    size = human_size(int(image["size"]))
    return [[image["node"], name, tag, digest, image_id, size] for name, tag in names]
