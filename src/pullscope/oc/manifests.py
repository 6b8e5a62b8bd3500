"""The objects of `-f FILE`: YAML or JSON, several documents, Lists, standard input, all such files of a directory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml

from pullscope.kube.api import Object
from pullscope.oc.console import Console
from pullscope.oc.errors import OcError

_SUFFIXES = (".json", ".yaml", ".yml")


class _Loader(yaml.SafeLoader):
    """Go's YAML has no timestamps: what looks like one is a string."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class Manifest:
    """One object, and the name of the file that it is from."""

    source: str
    object: Object


def read(names: Sequence[str], console: Console) -> list[Manifest]:
    """The objects of all files, in order. Raises OcError in kubectl's words."""
    if not names:
        raise OcError("must specify one of -f and -k")
    found = [
        Manifest(source, each)
        for name in names
        for source, data in _files(name, console)
        for each in _objects(source, data)
    ]
    if not found:
        raise OcError("no objects passed to apply")
    return found


def _files(name: str, console: Console) -> Iterator[tuple[str, bytes]]:
    path = Path(name)
    if name == "-":
        yield "STDIN", console.input.read()
    elif path.is_dir():
        yield from ((str(each), each.read_bytes()) for each in sorted(path.iterdir()) if each.suffix in _SUFFIXES)
    elif path.is_file():
        yield name, path.read_bytes()
    else:
        raise OcError(f'the path "{name}" does not exist')


def _objects(source: str, data: bytes) -> Iterator[Object]:
    try:
        documents = [_plain(each) for each in yaml.load_all(data, Loader=_Loader) if each is not None]
    except (yaml.YAMLError, UnicodeError, orjson.JSONEncodeError) as error:
        raise OcError(f"error parsing {source}: error converting YAML to JSON: {error}") from error
    for each in documents:
        yield from _flat(source, each)


def _plain(document: Any) -> Any:
    return orjson.loads(orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS))


def _flat(source: str, obj: Any) -> Iterator[Object]:
    if not isinstance(obj, dict):
        raise OcError(
            f'unable to decode "{source}": json: cannot unmarshal into Go value of type unstructured.detector'
        )
    for name in ("kind", "apiVersion"):
        if not isinstance(obj.get(name), str) or not obj[name]:
            what = f"Object '{'Kind' if name == 'kind' else 'apiVersion'}' is missing in '{orjson.dumps(obj).decode()}'"
            raise OcError(f'unable to decode "{source}": {what}')
    if obj["kind"].endswith("List") and isinstance(obj.get("items"), list):
        for item in obj["items"]:
            yield from _flat(source, item)
    else:
        yield obj
