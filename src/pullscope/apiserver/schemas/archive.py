"""Reads `schemas.zip`: Kubernetes' definitions, package by package and only those that are asked for.

`extract` makes the file and says what is in it. The types of all packages together would take some 3 MB of memory, the
descriptions as much again: the former stay once read, the latter never do.
"""

import functools
import hashlib
import importlib.resources
import zipfile
from typing import Any

import orjson

Schema = dict[str, Any]

# How a schema names another one in an OpenAPI v3 document.
REFERENCE = "#/components/schemas/"
_FILE = importlib.resources.files(__package__).joinpath("schemas.zip")


def _read(name: str) -> Any:
    with _FILE.open("rb") as file, zipfile.ZipFile(file) as archive:
        return orjson.loads(archive.read(name))


@functools.cache
def kinds() -> dict[str, str]:
    """`v1/Pod`, `apps/v1/Deployment` -> the name of the kind's definition, like `io.k8s.api.core.v1.Pod`."""
    found: dict[str, str] = _read("kinds.json")
    return found


@functools.cache
def _types(package: str) -> dict[str, Schema]:
    found: dict[str, Schema] = _read(f"{package}.types.json")
    return found


def schema(name: str) -> Schema:
    """A definition as OpenAPI v3 schema, without descriptions. Not to be changed. Raises KeyError for an unknown name."""
    package, _, short = name.rpartition(".")
    return _types(package)[short]


def texts(package: str) -> dict[str, dict[str, str]]:
    """The descriptions of a package's definitions: name -> field -> text, the definition's own under the empty name."""
    found: dict[str, dict[str, str]] = _read(f"{package}.texts.json")
    return found


@functools.cache
def digest() -> str:
    """A text that changes whenever the file does."""
    return hashlib.sha256(_FILE.read_bytes()).hexdigest()
