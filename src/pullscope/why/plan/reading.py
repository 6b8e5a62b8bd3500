"""Files of manifests as places: YAML and JSON in which every value knows its line.

Nothing is built from the YAML but its nodes, and aliases stay shared, so that no input becomes larger than it was sent.
A key that is given twice counts as it was given last, and a merge key (`<<`) as what it merges, as kubectl reads them
(sigs.k8s.io/yaml 1.6).
"""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import yaml

from pullscope.base.errors import UsageError

LARGEST = 4 << 20
"""Bytes of one file."""
_DEEPEST = 200  # maps and lists within each other
_SUFFIXES = (".json", ".yaml", ".yml")
_STDIN = "-"
Type = Literal["string", "number", "bool", "null", "object", "array"]
"""What JSON, and Go's decoder, call a value."""
_TYPES: dict[str, Type] = {
    "tag:yaml.org,2002:int": "number",
    "tag:yaml.org,2002:float": "number",
    "tag:yaml.org,2002:bool": "bool",
    "tag:yaml.org,2002:null": "null",
}
_NULL, _MERGE = "tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"
_ESCAPED = re.compile(
    r"\\\\|\\u(?P<high>d[89ab][0-9a-f]{2})\\u(?P<low>d[c-f][0-9a-f]{2})|\\u(?P<half>d[89a-f][0-9a-f]{2})", re.IGNORECASE
)
_Loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class Place:
    """A value of a manifest, and where it is. Two places are the same when they are the same value."""

    def __init__(self, node: yaml.Node) -> None:
        self._node = node

    @property
    def line(self) -> int:
        """Counted from 1."""
        return int(self._node.start_mark.line) + 1

    @property
    def identity(self) -> int:
        """The same for all aliases of one value."""
        return id(self._node)

    @property
    def text(self) -> str | None:
        """A scalar's text, whatever type it has; None for maps, lists and null."""
        if not isinstance(self._node, yaml.ScalarNode) or self._node.tag == _NULL:
            return None
        return str(self._node.value)

    @property
    def type(self) -> Type:
        """As what the API server gets it: what is plain in YAML may be no text, `on` and `1.0` for instance."""
        if isinstance(self._node, yaml.MappingNode):
            return "object"
        if isinstance(self._node, yaml.SequenceNode):
            return "array"
        named = _TYPES.get(self._node.tag, "string")
        return "string" if named == "number" and ":" in self._node.value else named  # `1:30` is one in PyYAML alone

    @cached_property
    def entries(self) -> tuple[tuple["Place", "Place"], ...]:
        """A map's keys and values as they are written; nothing for what is no map."""
        if not isinstance(self._node, yaml.MappingNode):
            return ()
        return tuple((Place(key), Place(value)) for key, value in self._node.value)

    @property
    def items(self) -> tuple["Place", ...]:
        """A list's items; nothing for what is no list."""
        return tuple(map(Place, self._node.value)) if isinstance(self._node, yaml.SequenceNode) else ()

    def get(self, *path: str) -> "Place | None":
        """The value below these keys, None when there is none."""
        if not path:
            return self
        first, *rest = path
        found = next((value for key, value in reversed(self.entries) if key.text == first), None) or self._merged(first)
        return found.get(*rest) if found else None

    def said(self, *path: str) -> str:
        """The text below these keys, empty where there is none."""
        found = self.get(*path)
        return (found.text if found else None) or ""

    def _merged(self, name: str) -> "Place | None":
        for key, value in self.entries:
            if key._node.tag != _MERGE:  # noqa: SLF001 (its own class)
                continue
            for source in value.items or (value,):
                found = next((value for key, value in reversed(source.entries) if key.text == name), None)
                if found:
                    return found
        return None


@dataclass(frozen=True)
class Document:
    """One document, and the name of the file that it is in."""

    source: str
    root: Place


def read(names: Sequence[str]) -> list[Document]:
    """All documents of files, of the manifests in directories, and of standard input (`-`). Raises UsageError."""
    return [document for name in names for source, data in _files(name) for document in parse(source, data)]


def parse(source: str, data: bytes) -> list[Document]:
    """The documents in the text. Raises UsageError with the line of what is wrong."""
    if len(data) > LARGEST:
        raise UsageError(f"{source} is larger than {LARGEST >> 20} MiB", hint="give the manifests alone")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UsageError(f"{source}:{line}: this is not UTF-8 text") from None
    if text.lstrip().startswith(("{", "[")):
        text = _as_yaml(text)
    try:
        _check_depth(source, text)
        roots = list(yaml.compose_all(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        raise UsageError(f"{source}:{_line(error)}: this is not YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{source}: this is not YAML: {' '.join(str(error).split())}") from None
    return [Document(source, Place(root)) for root in roots if root is not None and root.tag != _NULL]


def _files(name: str) -> Iterator[tuple[str, bytes]]:
    path = Path(name)
    if name == _STDIN:
        yield "stdin", sys.stdin.buffer.read(LARGEST + 1)
    elif path.is_dir():
        found = sorted(each for each in path.rglob("*") if each.suffix in _SUFFIXES and each.is_file())
        if not found:
            raise UsageError(f"there is no manifest in {name}", hint=f"its files end in {', '.join(_SUFFIXES)}")
        yield from ((str(each), _bytes(each)) for each in found)
    elif path.exists():
        yield name, _bytes(path)
    else:
        raise UsageError(f"there is no file {name}")


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None


def _check_depth(source: str, text: str) -> None:
    """Refuse depths at which the parser's own stack ends."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            mark = event.start_mark
            line = mark.line + 1 if mark else 1
            raise UsageError(f"{source}:{line}: more than {_DEEPEST} maps and lists within each other")


def _line(error: yaml.MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.line + 1 if mark else 1


def _as_yaml(text: str) -> str:
    """JSON as YAML takes it: indented without tabs, which its strings never hold, and no character written as two."""
    return _ESCAPED.sub(_unescaped, text.replace("\t", " "))


def _unescaped(found: re.Match[str]) -> str:
    if found["high"]:
        return bytes.fromhex(found["high"] + found["low"]).decode("utf-16-be")
    return "\ufffd" if found["half"] else found[0]
