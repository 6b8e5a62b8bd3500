"""Objects as `-o yaml`, `-o json` and `-o name` print them.

Upstream: k8s.io/cli-runtime v0.36 pkg/printers (json.go, yaml.go, name.go): sorted keys, without managed fields.
"""

import json
from collections.abc import Sequence
from typing import Any

import yaml

from pullscope.kube.api import Object

FORMATS = ("json", "name", "wide", "yaml")


class _Dumper(yaml.SafeDumper):
    """Writes strings as Go's YAML does: in double quotes what would be read as something else, text of lines as a block."""


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    if "\n" in text:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
    # types-PyYAML does not know this method
    plain = dumper.resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str"  # type: ignore[no-untyped-call]
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain and text else '"')


_Dumper.add_representer(str, _string)


def as_yaml(value: Any) -> str:
    """YAML with a newline at its end."""
    return yaml.dump(value, Dumper=_Dumper, default_flow_style=False, allow_unicode=True, width=2**31)


def as_json(value: Any) -> str:
    """JSON with a newline at its end."""
    return json.dumps(value, indent=4, sort_keys=True, ensure_ascii=False) + "\n"


def shown(items: Sequence[Object], output: str, *, single: bool) -> str:
    """`items` as a document: `single` alone, else as a List."""
    cleaned = [_without_managed_fields(item) for item in items]
    whole = (
        cleaned[0]
        if single
        else {"apiVersion": "v1", "items": cleaned, "kind": "List", "metadata": {"resourceVersion": ""}}
    )
    return as_yaml(whole) if output == "yaml" else as_json(whole)


def _without_managed_fields(item: Object) -> Object:
    metadata = {name: value for name, value in item.get("metadata", {}).items() if name != "managedFields"}
    return {**item, "metadata": metadata}
