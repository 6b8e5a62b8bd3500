"""Exchanges of a real API server, as data, and how an answer of ours differs from one of them."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pullscope.kube.api import Object

DATA = Path(__file__).parents[1] / "data" / "http"
_VOLATILE = {"uid": "<uid>", "resourceVersion": "<version>"}
_SUFFIX = re.compile(r"kube-api-access-\w{5}")


@dataclass(frozen=True)
class Exchange:
    """One request and what came back. Of an answer without `answer` and `lines` only the head is known."""

    method: str
    path: str
    headers: dict[str, str]
    at: datetime
    status: int
    answered: dict[str, str]
    body: bytes | None = None
    answer: Any = None
    lines: list[Object] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.method} {self.path.partition('?')[0]}"


@dataclass(frozen=True)
class Command:
    """What one command asked, and the objects that there were before."""

    id: str
    given: list[Object]
    exchanges: list[Exchange]


def commands() -> list[Command]:
    return [_command(file) for file in sorted(DATA.glob("*.jsonl"))]


def _command(file: Path) -> Command:
    head, *lines = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())
    return Command(file.stem, head["given"], [_exchange(line) for line in lines])


def _exchange(line: Object) -> Exchange:
    body = line.pop("body", None)
    if "protobuf" in line:
        body = base64.b64decode(line.pop("protobuf"))
    elif body is not None:
        body = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Exchange(**{**line, "at": datetime.fromisoformat(line["at"]), "body": body})


def of_answers(theirs: Any, ours: Any) -> Iterator[str]:
    """How one whole answer differs from another. Of discovery, what both serve must be described alike."""
    if isinstance(theirs, dict) and theirs.get("kind") == "APIGroupDiscoveryList":
        theirs, ours = _served(theirs), _served(ours)
        both = theirs.keys() & ours.keys()
        yield from differences({each: theirs[each] for each in both}, {each: ours[each] for each in both})
    else:
        yield from differences(theirs, ours)


def _served(document: Object) -> Object:
    """Each resource and subresource of a discovery document, by group, version and name."""
    found: Object = {}
    for group in document["items"]:
        for version in group["versions"]:
            for resource in version["resources"]:
                name = f"{group['metadata'].get('name', '')}/{version['version']}/{resource['resource']}"
                parts = resource.get("subresources", ())
                found |= {f"{name}/{part['subresource']}": part for part in parts}
                found[name] = {key: value for key, value in resource.items() if key != "subresources"}
    return found


def differences(theirs: Any, ours: Any, path: str = "$") -> Iterator[str]:
    """The places where two JSON values differ, identities apart."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in {**theirs, **ours}:
            where = f"{path}.{key}"
            if key not in ours or key not in theirs:
                yield f"{where} {'is missing' if key in theirs else 'is more'}"
            elif not (key in _VOLATILE and theirs[key] and ours[key]):
                yield from differences(theirs[key], ours[key], where)
    elif isinstance(theirs, list) and isinstance(ours, list):
        yield from _of_lists(theirs, ours, path)
    elif _plain(theirs) != _plain(ours):
        yield f"{path}: {ours!r} instead of {theirs!r}"


def _of_lists(theirs: list[Any], ours: list[Any], path: str) -> Iterator[str]:
    if len(theirs) != len(ours):
        yield f"{path} has {len(ours)} entries instead of {len(theirs)}"
    for place, (one, other) in enumerate(zip(theirs, ours, strict=False)):
        yield from differences(one, other, f"{path}[{place}]")


def _plain(value: Any) -> Any:
    return _SUFFIX.sub("kube-api-access-<suffix>", value) if isinstance(value, str) else value
