"""The web archives in an image's layers, for images that are not unpacked because their platform is another one.

Nothing is written, so names need not be safe: what no path of an archive can be is passed over.
"""

import hashlib
from collections.abc import Iterable
from io import RawIOBase
from typing import BinaryIO

from pullscope.oci.digest import Digest
from pullscope.runtime import archive
from pullscope.runtime.archive import Allowance

_DIRECTORY = "deployments"
_SUFFIX = ".war"
_CHUNK = 2**20


def archives(layers: Iterable[BinaryIO], allowance: Allowance) -> dict[str, Digest]:
    """The files /deployments/*.war of the layers (lowest first) with their digests, by path. Raises LayerError."""
    found: dict[str, Digest] = {}
    for layer in layers:
        hidden: set[str] = set()
        added: dict[str, Digest] = {}
        for member in archive.members(layer, allowance):
            directory, _, name = member.header.name.removeprefix("./").strip("/").rpartition("/")
            if not directory and name == f".wh.{_DIRECTORY}" or directory == _DIRECTORY and name == ".wh..wh..opq":
                hidden.update(found)
            elif directory == _DIRECTORY and name.startswith(".wh."):
                hidden.add(f"/{_DIRECTORY}/{name.removeprefix('.wh.')}")
            elif directory == _DIRECTORY and name.endswith(_SUFFIX) and member.content is not None:
                added[f"/{_DIRECTORY}/{name}"] = _digest(member.content)
        found = {path: digest for path, digest in found.items() if path not in hidden} | added
    return dict(sorted(found.items()))


def _digest(content: RawIOBase) -> Digest:
    running = hashlib.sha256()
    while data := content.read(_CHUNK):
        running.update(data)
    return Digest("sha256", running.hexdigest())
