"""Reads definitions, package by package and only those that are asked for: Kubernetes' out of `schemas.zip`, OpenShift's out of
the files in `openshift`.

`extract` makes the archive and says what is in it. The types of all packages together would take some 3 MB of memory, the
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
_HAND_WRITTEN = importlib.resources.files(f"{__package__}.openshift")
_OPENSHIFT = "com.github.openshift."
_KIND = "x-kubernetes-group-version-kind"


def _read(name: str) -> Any:
    with _FILE.open("rb") as file, zipfile.ZipFile(file) as archive:
        return orjson.loads(archive.read(name))


def _hand_written(package: str) -> dict[str, Schema]:
    """The definitions of a package of OpenShift's, with their descriptions."""
    found: dict[str, Schema] = orjson.loads(_HAND_WRITTEN.joinpath(f"{package}.json").read_bytes())
    return found


def _hand_written_packages() -> list[str]:
    return sorted(file.name.removesuffix(".json") for file in _HAND_WRITTEN.iterdir() if file.name.endswith(".json"))


@functools.cache
def kinds() -> dict[str, str]:
    """`v1/Pod`, `apps/v1/Deployment` -> the name of the kind's definition, like `io.k8s.api.core.v1.Pod`."""
    found: dict[str, str] = _read("kinds.json")
    for package in _hand_written_packages():
        for name, schema in _hand_written(package).items():
            for kind in schema.get(_KIND, ()):
                found[f"{kind['group']}/{kind['version']}/{kind['kind']}"] = f"{package}.{name}"
    return found


@functools.cache
def _types(package: str) -> dict[str, Schema]:
    if package.startswith(_OPENSHIFT):
        return {name: _undescribed(schema) for name, schema in _hand_written(package).items()}
    found: dict[str, Schema] = _read(f"{package}.types.json")
    return found


def _undescribed(schema: Schema) -> Schema:
    properties = {field: _plain(value) for field, value in schema.get("properties", {}).items()}
    return {**_plain(schema), "properties": properties}


def _plain(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key != "description"}


def schema(name: str) -> Schema:
    """A definition as OpenAPI v3 schema, without descriptions. Not to be changed. Raises KeyError for an unknown name."""
    package, _, short = name.rpartition(".")
    return _types(package)[short]


def texts(package: str) -> dict[str, dict[str, str]]:
    """The descriptions of a package's definitions: name -> field -> text, the definition's own under the empty name."""
    if package.startswith(_OPENSHIFT):
        return {name: _descriptions(schema) for name, schema in _hand_written(package).items()}
    found: dict[str, dict[str, str]] = _read(f"{package}.texts.json")
    return found


def _descriptions(schema: Schema) -> dict[str, str]:
    fields = {"": schema, **schema.get("properties", {})}
    return {field: value["description"] for field, value in fields.items() if "description" in value}


@functools.cache
def digest() -> str:
    """A text that changes whenever a file does."""
    texts = [orjson.dumps(_hand_written(package)) for package in _hand_written_packages()]
    return hashlib.sha256(b"".join([_FILE.read_bytes(), *texts])).hexdigest()
