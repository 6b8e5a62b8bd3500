"""Apply an image's layers to a directory: one tree, whole or not there.

What the layers say is followed in memory (`tree`) and then done on disk, where every directory on the way is a real one.
That also finds names which this file system takes for the same: on a case-insensitive one, `a` and `A` are refused.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, assert_never

from pullscope.oci.digest import Digest
from pullscope.runtime import archive, entries
from pullscope.runtime.archive import Allowance, LayerError
from pullscope.runtime.tree import Node

_CHUNK = 2**20

_Made = entries.Directory | entries.File | entries.Symlink | entries.Hardlink


def unpack(layers: Sequence[tuple[BinaryIO, Digest]], target: Path, allowance: Allowance) -> None:
    """Apply `layers` (a reader and its diff_id each, lowest first) and put the tree at `target`, which must not exist.

    Raises LayerError, or OSError (no space, no permission); then nothing is left.
    """
    make(target, _entries(layers, allowance))


def make(target: Path, found: Iterable[tuple[int, entries.Entry]]) -> None:
    """Do what these entries say, each with the number of its layer. Raises as `unpack` does, and what `found` raises."""
    building = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, building, ignore_errors=True)
        tree = _Unpacking(building)
        for number, entry in found:
            with archive.in_layer(number):
                tree.apply(entry, number)
        building.chmod(0o755)
        building.rename(target)
        undo.pop_all()


def _entries(layers: Sequence[tuple[BinaryIO, Digest]], allowance: Allowance) -> Iterator[tuple[int, entries.Entry]]:
    for number, (layer, diff_id) in enumerate(layers):
        with archive.in_layer(number):
            for member in archive.members(layer, allowance, diff_id):
                yield number, entries.of(member)


class _Unpacking:
    """The tree in memory and on disk, always the same."""

    def __init__(self, directory: Path) -> None:
        self._on_disk = directory
        self._root = Node("directory", layer=-1)

    def apply(self, entry: entries.Entry, layer: int) -> None:
        """Do what one entry of the layer with that number says."""
        match entry:
            case entries.Nothing() | entries.Directory(path=()):
                pass
            case entries.Whiteout(path):
                self._hide(self._root.locate(path), layer)
            case entries.Opaque(path):
                directory = self._root.resolve(path)
                node = self._root.get(directory)
                for name in [*node.children] if node else []:
                    self._hide((*directory, name), layer)
            case entries.Directory() | entries.File() | entries.Symlink() | entries.Hardlink():
                try:
                    self._make(entry, self._root.locate(entry.path), layer)
                except FileExistsError as error:
                    raise LayerError(
                        f"{'/'.join(entry.path)} has the name of another file on this file system"
                    ) from error
            case _:
                assert_never(entry)

    def _make(self, entry: _Made, path: entries.Path, layer: int) -> None:
        self._make_directories(path[:-1], layer)
        old = self._root.get(path)
        place = self._place(path)
        if isinstance(entry, entries.Directory):
            if old is not None and old.kind == "directory":
                old.layer = layer
            else:
                self._replace(path, Node("directory", layer))
                place.mkdir()
            place.chmod(entry.mode | 0o700)
        elif isinstance(entry, entries.File):
            self._replace(path, Node("file", layer))
            _write(place, entry)
        elif isinstance(entry, entries.Symlink):
            self._replace(path, Node("link", layer, entry.target))
            os.symlink(entry.target, place)  # noqa: PTH211 (the text as it is, not a path of this system)
        else:
            source = self._file(entry, path)
            self._replace(path, Node("file", layer))
            os.link(source, place)

    def _file(self, link: entries.Hardlink, path: entries.Path) -> Path:
        """Where the file is that a hard link at `path` names."""
        target = self._root.locate(link.target)
        node = self._root.get(target)
        if node is None or node.kind != "file" or target[: len(path)] == path:
            text = f"the hard link {'/'.join(link.path)} leads to {'/'.join(link.target)}"
            raise LayerError(f"{text}, which is no other file of the image")
        return self._place(target)

    def _make_directories(self, path: entries.Path, layer: int) -> None:
        """The directories that a layer takes for granted."""
        for depth in range(1, len(path) + 1):
            if self._root.get(path[:depth]) is None:
                self._add(path[:depth], Node("directory", layer))
                self._place(path[:depth]).mkdir(mode=0o755)

    def _hide(self, path: entries.Path, layer: int) -> None:
        """Remove what layers below `layer` put at `path` or beneath it."""
        node = self._root.get(path)
        if node is None:
            return
        for name in [*node.children]:
            self._hide((*path, name), layer)
        if node.layer < layer and not node.children:
            self._remove(path)

    def _replace(self, path: entries.Path, node: Node) -> None:
        if self._root.get(path) is not None:
            self._remove(path)
        self._add(path, node)

    def _add(self, path: entries.Path, node: Node) -> None:
        parent = self._root.get(path[:-1])
        assert parent is not None  # made before
        parent.children[path[-1]] = node

    def _remove(self, path: entries.Path) -> None:
        parent = self._root.get(path[:-1])
        assert parent is not None  # somebody found `path` in it
        place = self._place(path)
        if parent.children.pop(path[-1]).kind == "directory":
            shutil.rmtree(place)
        else:
            place.unlink()

    def _place(self, path: entries.Path) -> Path:
        return self._on_disk.joinpath(*path)


def _write(place: Path, entry: entries.File) -> None:
    with place.open("xb") as file:
        shutil.copyfileobj(entry.content, file, _CHUNK)
    place.chmod(entry.mode | 0o600)
