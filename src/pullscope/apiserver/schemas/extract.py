"""Make `schemas.zip` out of the PyPI package kubernetes-validate, a development dependency.

    python -m pullscope.apiserver.schemas.extract            writes the file
    python -m pullscope.apiserver.schemas.extract --check    says whether it would change (a test does the same)

kubernetes-validate has Kubernetes' published OpenAPI definitions as JSON schemas. Taken over are the definitions that kinds
of the stable groups in `GROUPS` lead to, in the form of an OpenAPI v3 document: references to
`#/components/schemas/`, no null types. Descriptions stand in files of their own, since only `explain` reads them.
"""

import argparse
import importlib.resources
import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from pullscope.apiserver.schemas.archive import REFERENCE, Schema

VERSION = "v1.36.0"
ARCHIVE = Path(__file__).with_name("schemas.zip")
GROUPS = frozenset(
    {
        *("/v1", "apps/v1", "autoscaling/v1", "autoscaling/v2", "batch/v1", "policy/v1"),
        *("authentication.k8s.io/v1", "authorization.k8s.io/v1", "rbac.authorization.k8s.io/v1"),
        *("coordination.k8s.io/v1", "discovery.k8s.io/v1", "events.k8s.io/v1", "networking.k8s.io/v1"),
        *("scheduling.k8s.io/v1", "storage.k8s.io/v1"),
    }
)
_KIND = "x-kubernetes-group-version-kind"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def files() -> dict[str, bytes]:
    """The archive's content by file name: `kinds.json`, and for each package `NAME.types.json` and `NAME.texts.json`."""
    definitions = _definitions()
    wanted = _reachable(definitions)
    content: dict[str, Any] = {"kinds.json": _kinds(definitions, wanted)}
    for name in wanted:
        package, _, short = name.rpartition(".")
        types, texts = _split(name, definitions[name])
        content.setdefault(f"{package}.types.json", {})[short] = types
        content.setdefault(f"{package}.texts.json", {})[short] = texts
    return {name: orjson.dumps(content[name]) for name in sorted(content)}


def _definitions() -> dict[str, Schema]:
    root = importlib.resources.files("kubernetes_validate").joinpath("kubernetes-json-schema")
    file = root.joinpath(f"{VERSION}-local", "_definitions.json")
    definitions: dict[str, Schema] = orjson.loads(file.read_bytes())["$defs"]
    return definitions


def _stable(schema: Schema) -> Iterator[Schema]:
    """The kinds of the wanted groups that a definition is for. Kinds of all groups (DeleteOptions) count for core."""
    kinds = schema.get(_KIND, [])
    for kind in kinds:
        if f"{kind['group']}/{kind['version']}" in GROUPS and (len(kinds) == 1 or not kind["group"]):
            yield kind


def _reachable(definitions: dict[str, Schema]) -> list[str]:
    """The names of the definitions that the wanted kinds lead to, sorted."""
    found: set[str] = set()
    waiting = [name for name, schema in definitions.items() if any(_stable(schema))]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _references(definitions[name])
    return sorted(found)


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if "$ref" in schema and isinstance(schema["$ref"], str):
            yield schema["$ref"].rpartition("/")[2]
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _kinds(definitions: dict[str, Schema], wanted: list[str]) -> dict[str, str]:
    """`apps/v1/Deployment` -> the name of its definition; the core group's begin with the version."""
    return {
        f"{kind['group']}/{kind['version']}/{kind['kind']}".lstrip("/"): name
        for name in wanted
        for kind in _stable(definitions[name])
    }


def _split(name: str, schema: Schema) -> tuple[Schema, dict[str, str]]:
    """A definition without its descriptions, and the descriptions by field (the definition's own under the empty name)."""
    types, texts = _converted(schema), {"": schema.get("description", "")}
    if _KIND in schema:
        types[_KIND] = list(_stable(schema))
    for field, value in schema.get("properties", {}).items():
        texts[field] = value.get("description", "")
    if name.endswith(".IntOrString"):
        types |= {"oneOf": [{"type": "integer"}, {"type": "string"}], "format": "int-or-string"}
    return types, {field: text for field, text in texts.items() if text}


def _converted(schema: Schema) -> Schema:
    """A schema in OpenAPI v3's form, without description, enumeration (they are only of apiVersion and kind) and null."""
    result = {key: value for key, value in schema.items() if key not in ("description", "enum")}
    if isinstance(result.get("type"), list):
        (result["type"],) = [name for name in result["type"] if name != "null"]
    if "$ref" in result:
        result["$ref"] = REFERENCE + result["$ref"].rpartition("/")[2]
    for key in ("items", "additionalProperties"):
        if isinstance(result.get(key), dict):
            result[key] = _converted(result[key])
    if "oneOf" in result:
        result["oneOf"] = [_converted(each) for each in result["oneOf"]]
    if "properties" in result:
        result["properties"] = {field: _converted(value) for field, value in result["properties"].items()}
    return result


def packed(content: dict[str, bytes]) -> bytes:
    """The archive, with the same bytes for the same content on the same zlib."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def unpacked(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def main() -> int:
    """Write the archive, or with `--check` compare it: 0 when it is as it should be, else 1."""
    parser = argparse.ArgumentParser(prog="python -m pullscope.apiserver.schemas.extract")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    content = files()
    if parser.parse_args().check:
        return 0 if content == unpacked(ARCHIVE) else 1
    ARCHIVE.write_bytes(packed(content))
    return 0


if __name__ == "__main__":
    sys.exit(main())
