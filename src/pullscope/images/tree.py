"""What is where in an image whose layers were not unpacked: asked from the top layer down, and only as far as needed.

Nothing is written, so names need not be safe. A layer that is not known yet is asked for by `UnreadError`: whoever wants
the answer lists it and asks again (`answered`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, TypeVar

from pullscope.base.errors import PullscopeError
from pullscope.runtime import archive
from pullscope.runtime.archive import Allowance

Path = tuple[str, ...]

_LINKS = 40  # as Linux: more in one path is a loop
_WHITEOUT, _OPAQUE = ".wh.", ".wh..wh..opq"
_DIRECTORY, _FILE = "", None  # any other text is a link's target

_T = TypeVar("_T")


class UnreadError(Exception):
    """The answer is in a layer that was not listed yet; `layer` is its number."""

    def __init__(self, layer: int) -> None:
        super().__init__(layer)
        self.layer = layer


@dataclass
class Listing:
    """What one layer has: directories, files and links, and what it takes away from those below."""

    places: dict[Path, str | None] = field(default_factory=dict)
    gone: set[Path] = field(default_factory=set)
    emptied: set[Path] = field(default_factory=set)

    def add(self, path: Path, what: str | None) -> None:
        """Something is there, and so are the directories above."""
        for length in range(1, len(path)):
            self.places.setdefault(path[:length], _DIRECTORY)
        self.places[path] = what

    def hides(self, path: Path) -> bool:
        """Whether layers below have no say in what is at `path`."""
        above = {path[:length] for length in range(len(path))}
        return not self.gone.isdisjoint({*above, path}) or not self.emptied.isdisjoint(above)


def listing(layer: BinaryIO, allowance: Allowance) -> Listing:
    """What is in a layer. Raises LayerError."""
    found = Listing()
    for member in archive.members(layer, allowance):
        header = member.header
        path = tuple(_parts(header.name))
        if not path or ".." in path:
            continue
        if path[-1] == _OPAQUE:
            found.emptied.add(path[:-1])
        elif path[-1].startswith(_WHITEOUT):
            found.gone.add((*path[:-1], path[-1].removeprefix(_WHITEOUT)))
        elif header.issym():
            found.add(path, header.linkname or "/")
        else:
            found.add(path, _DIRECTORY if header.isdir() else _FILE)
    return found


class Tree:
    """An image of so many layers, of which the lowest has the number 0."""

    def __init__(self, layers: int) -> None:
        self._layers = layers
        self._known: dict[int, Listing] = {}

    def learn(self, layer: int, found: Listing) -> None:
        """What the layer with that number has."""
        self._known[layer] = found

    def is_directory(self, path: str) -> bool:
        """Whether an absolute path leads to a directory. Raises UnreadError, PullscopeError (a loop of links)."""
        left, links = _parts(path)[::-1], 0
        real: Path = ()
        while left:
            part = left.pop()
            if part == "..":
                real = real[:-1]
                continue
            what = self._look((*real, part))
            if what is _FILE:
                return False
            if what == _DIRECTORY:
                real = (*real, part)
                continue
            links += 1
            if links > _LINKS:
                raise PullscopeError(f"too many levels of symbolic links in the base image: {path}")
            left += _parts(what)[::-1]
            real = () if what.startswith("/") else real
        return True

    def _look(self, path: Path) -> str | None:
        """What is at `path`; what is not there might as well be a file."""
        for number in reversed(range(self._layers)):
            layer = self._known.get(number)
            if layer is None:
                raise UnreadError(number)
            if path in layer.places:
                return layer.places[path]
            if layer.hides(path):
                break
        return _FILE


def answered(ask: Callable[[], _T], learn: Callable[[int], None]) -> _T:
    """What `ask` returns, once `learn` has listed every layer that it needs."""
    while True:
        try:
            return ask()
        except UnreadError as unread:
            learn(unread.layer)


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]
