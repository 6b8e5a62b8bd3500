"""A small type that has every form of field, and sets of paths as Python knows them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pullscope.kube.ownership import sets
from pullscope.kube.ownership.sets import Fields, Path


@dataclass(frozen=True)
class Type:
    fields: Mapping[str, "Value"]
    zeros: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Value:
    shape: str
    atomic: bool = False
    always: bool = False
    keys: tuple[str, ...] = ()
    key_defaults: Mapping[str, Any] = field(default_factory=dict)
    items: "Value | None" = None
    struct: Type | None = None

    @property
    def item(self) -> "Value":
        assert self.items is not None
        return self.items

    @property
    def type(self) -> Type:
        assert self.struct is not None
        return self.struct


STRING, NUMBER = Value("string"), Value("int32")
_PORT = Type({"number": NUMBER, "protocol": STRING, "name": STRING})
PORTS = Value(
    "list",
    keys=("number", "protocol"),
    key_defaults={"protocol": "TCP"},
    items=Value("object", struct=_PORT),
)
_PART = Type({"name": STRING, "image": STRING, "ports": PORTS, "limits": Value("map", items=STRING)})
SPEC = Type(
    {
        "replicas": NUMBER,
        "selector": Value("object", atomic=True, struct=Type({"app": STRING})),
        "strategy": Value("object", always=True, struct=Type({"type": STRING, "surge": NUMBER})),
        "rolling": Value("object", struct=Type({"surge": NUMBER, "count": NUMBER})),
        "parts": Value("list", always=True, keys=("name",), items=Value("object", struct=_PART)),
        "labels": Value("map", items=STRING),
        "marks": Value("list", items=STRING),
        "args": Value("list", atomic=True, items=STRING),
        "raw": Value("any"),
        "ready": NUMBER,
    },
    zeros={"ready": 0},
)
_METADATA = Type({"name": STRING, "labels": Value("map", items=STRING), "annotations": Value("map", items=STRING)})
THING = Type(
    {
        "kind": STRING,
        "apiVersion": STRING,
        "metadata": Value("object", always=True, struct=_METADATA),
        "spec": Value("object", always=True, struct=SPEC),
    }
)


def of_paths(paths: Iterable[Path]) -> Fields:
    """The set of these paths."""
    result: Fields = {}
    for path in paths:
        single: Fields = {}
        for step in reversed(path):
            single = {step: single}
        result = sets.union(result, single)
    return result


def texts(fields: Fields) -> list[str]:
    """The set for people."""
    return [sets.text(path) for path in sets.paths(fields)]


def thing(**spec: Any) -> dict[str, Any]:
    return {"kind": "Thing", "apiVersion": "demo/v1", "spec": spec}
