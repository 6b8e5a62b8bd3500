"""The files of an image while its layers are applied: names, kinds and links, in memory. Pure.

Paths are followed here and nowhere else, so no link on a disk is ever followed while something is written.
"""

from dataclasses import dataclass, field
from typing import Literal

from pullscope.runtime.archive import LayerError
from pullscope.runtime.entries import Path

_LINKS = 40  # as Linux: more in one path is a loop


@dataclass
class Node:
    """Something in the tree. `layer` is the number of the layer that put it there (last)."""

    kind: Literal["directory", "file", "link"]
    layer: int
    target: str = ""
    children: "dict[str, Node]" = field(default_factory=dict)

    def get(self, path: Path) -> "Node | None":
        """What is at `path`, in which no link is followed."""
        node: Node | None = self
        for part in path:
            node = node.children.get(part) if node is not None else None
        return node

    def resolve(self, path: Path) -> Path:
        """`path`, a directory's, with its links followed inside this root; what is missing stays as it is written.

        Raises LayerError when a file is in the way, or for a loop of links.
        """
        real: Path = ()
        left, links = [*reversed(path)], 0
        while left:
            part = left.pop()
            if part == "..":
                real = real[:-1]
                continue
            node = self.get((*real, part))
            if node is None or node.kind == "directory":
                real = (*real, part)
                continue
            if node.kind == "file":
                raise LayerError(f"{'/'.join(path)} is not a directory: {'/'.join((*real, part))} is a file")
            links += 1
            if links > _LINKS:
                raise LayerError(f"too many links in {'/'.join(path)}")
            left += [part for part in reversed(node.target.split("/")) if part not in ("", ".")]
        return real

    def locate(self, path: Path) -> Path:
        """`path` with the links in its directories followed, but not itself."""
        return (*self.resolve(path[:-1]), *path[-1:])
