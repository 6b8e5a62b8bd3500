"""The web archives in an image's layers, for images that are not unpacked because their platform is another one.

Nothing is written, so names need not be safe: what no path of an archive can be is passed over.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import RawIOBase
from typing import BinaryIO

from pullscope.oci.digest import Digest
from pullscope.runtime import archive
from pullscope.runtime.archive import Allowance, Member

_DIRECTORY = "deployments"
_SUFFIX = ".war"
_CHUNK = 2**20


@dataclass
class _Changes:
    """What one layer does to /deployments: names added, names hidden, or all of the layers below hidden."""

    added: dict[str, Digest] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    opaque: bool = False

    def take(self, member: Member) -> None:
        directory, _, name = member.header.name.removeprefix("./").strip("/").rpartition("/")
        if (directory, name) in ((_DIRECTORY, ".wh..wh..opq"), ("", f".wh.{_DIRECTORY}")):
            self.opaque = True
        elif directory != _DIRECTORY:
            return
        elif name.startswith(".wh."):
            self.hidden.add(name.removeprefix(".wh."))
        elif name.endswith(_SUFFIX) and member.content is not None:
            self.added[name] = _digest(member.content)


def archives(layers: Iterable[tuple[BinaryIO, Digest]], allowance: Allowance) -> dict[str, Digest]:
    """The files /deployments/*.war with their digests, by path. `layers`: a reader and its diff_id each, lowest first.

    Raises LayerError.
    """
    found: dict[str, Digest] = {}
    for number, (layer, diff_id) in enumerate(layers):
        changes = _Changes()
        with archive.in_layer(number):
            for member in archive.members(layer, allowance, diff_id):
                changes.take(member)
        kept = {} if changes.opaque else {name: found[name] for name in found.keys() - changes.hidden}
        found = kept | changes.added
    return {f"/{_DIRECTORY}/{name}": found[name] for name in sorted(found)}


def _digest(content: RawIOBase) -> Digest:
    running = hashlib.sha256()
    while data := content.read(_CHUNK):
        running.update(data)
    return Digest("sha256", running.hexdigest())
