"""Types of objects: which fields there are, what they hold, how strategic merge and server-side apply treat them.

    types.of("apps/v1", "Deployment")      the type of a kind, None for kinds that the archive does not have
    type_.fields["spec"]                   a `Value`
    type_.lookup("spec")                   the same for `kube.strategic`: a type is a `strategic.Schema`

A type is an `ownership.schema.Struct` and a value an `ownership.schema.Node`. Types are made from the archive at first use and
kept; those that contain themselves are no trouble.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from pullscope.apiserver.schemas import archive, structs
from pullscope.apiserver.schemas.archive import Schema
from pullscope.kube import strategic

Scalar = Literal["string", "int32", "int64", "number", "bool", "bytes", "any"]
Special = Literal["time", "micro_time", "quantity", "int_or_string"]
Shape = Literal["object", "list", "map", Scalar, Special]
"""What a value is in JSON. `any` is whatever it is (RawExtension); `Special` are types with a JSON form of their own."""

_META, _API = "io.k8s.apimachinery.pkg.apis.meta.v1", "io.k8s.apimachinery.pkg"
_NAMED: dict[str, tuple[Shape, str]] = {
    f"{_META}.Time": ("time", "v1.Time"),
    f"{_META}.MicroTime": ("micro_time", "v1.MicroTime"),
    f"{_META}.FieldsV1": ("any", "v1.FieldsV1"),
    f"{_API}.runtime.RawExtension": ("any", "runtime.RawExtension"),
    f"{_API}.api.resource.Quantity": ("quantity", "resource.Quantity"),
    f"{_API}.util.intstr.IntOrString": ("int_or_string", "intstr.IntOrString"),
}
_SCALARS: dict[tuple[str, str], tuple[Shape, str]] = {
    ("string", "byte"): ("bytes", "[]uint8"),
    ("string", ""): ("string", "string"),
    ("integer", "int32"): ("int32", "int32"),
    ("integer", "int64"): ("int64", "int64"),
    ("integer", ""): ("int64", "int64"),
    ("number", "double"): ("number", "float64"),
    ("boolean", ""): ("bool", "bool"),
}
_ZEROS: dict[str, str | int | bool] = {"string": "", "bool": False, "int32": 0, "int64": 0, "number": 0}


@dataclass(frozen=True, slots=True)
class Value:
    """What a field, an element of a list or a value of a map holds. `go` is its type's name in Go, for messages.

    `strategy` and `key` are strategic merge's; the rest is explained in `kube.ownership.schema.Node`.
    """

    shape: Shape
    go: str
    definition: str = ""
    items: "Value | None" = None
    strategy: Literal["", "merge", "replace"] = ""
    key: str = ""
    atomic: bool = False
    always: bool = False
    keys: tuple[str, ...] = ()

    @property
    def key_defaults(self) -> Mapping[str, Any]:
        return structs.key_defaults(self.item.definition.rpartition(".")[2])

    @property
    def type(self) -> "Type":
        """The type of an object."""
        return named(self.definition)

    @property
    def item(self) -> "Value":
        """What a list or a map is made of."""
        assert self.items is not None, f"{self.shape} has no items"
        return self.items


@dataclass(frozen=True)
class Type:
    """The type of an object. `name` is its name in Go without the package: `PodSpec`.

    `zeros` are the fields that Go always writes (plain values that are required), with the empty values they have then.
    """

    name: str
    fields: Mapping[str, Value]
    zeros: Mapping[str, str | int | bool]

    def lookup(self, field: str) -> strategic.Field:
        value = self.fields.get(field)
        if value is None:
            return strategic.Field(strategic.Untyped())
        holder = value.item if value.shape == "list" else value
        schema = holder.type if holder.shape == "object" else strategic.Untyped()
        return strategic.Field(schema, value.strategy, value.key)


def of(api_version: str, kind: str) -> Type | None:
    """The type of a kind, or None when the archive does not have it."""
    name = archive.kinds().get(f"{api_version}/{kind}")
    return None if name is None else named(name)


@functools.cache
def named(definition: str) -> Type:
    """The type of a definition, by its full name."""
    schema, name = archive.schema(definition), definition.rpartition(".")[2]
    required = schema.get("required", ())
    fields = {
        field: replace(_value(each), always=structs.always(name, field, required=field in required))
        for field, each in schema.get("properties", {}).items()
    }
    shapes = {field: fields[field].shape for field in required}
    zeros = {field: _ZEROS[shape] for field, shape in shapes.items() if shape in _ZEROS}
    return Type(name, fields, zeros)


def _value(schema: Schema) -> Value:
    strategy, key = _strategy(schema), schema.get("x-kubernetes-patch-merge-key", "")
    atomic = schema.get("x-kubernetes-map-type") == "atomic"
    if "$ref" in schema:
        return _reference(schema["$ref"].rpartition("/")[2], strategy, atomic=atomic)
    if schema["type"] == "array":
        items, keys = _value(schema["items"]), _keys(schema)
        return Value("list", f"[]{items.go}", "", items, strategy, key, atomic=keys is None, keys=keys or ())
    if schema["type"] == "object":
        items = _value(schema["additionalProperties"])
        return Value("map", f"map[string]{items.go}", "", items, strategy, atomic=atomic)
    return Value(*_SCALARS[schema["type"], schema.get("format", "")])


def _strategy(schema: Schema) -> Literal["", "merge", "replace"]:
    strategies = schema.get("x-kubernetes-patch-strategy", "").split(",")
    return "merge" if "merge" in strategies else "replace" if "replace" in strategies else ""


def _keys(schema: Schema) -> tuple[str, ...] | None:
    """What tells the elements of a list apart (nothing: their value); None for an atomic list, as those without a word are.

    Upstream: k8s.io/kube-openapi pkg/schemaconv (getListElementRelationship).
    """
    match schema.get("x-kubernetes-list-type"):
        case "map":
            return tuple(sorted(schema["x-kubernetes-list-map-keys"]))
        case "set":
            return ()
        case None if _strategy(schema) == "merge":
            key = schema.get("x-kubernetes-patch-merge-key")
            return (key,) if key else ()
    return None


def _reference(name: str, strategy: Literal["", "merge", "replace"], *, atomic: bool) -> Value:
    if name in _NAMED:
        return Value(*_NAMED[name])
    package, _, short = name.rpartition(".")
    atomic = atomic or archive.schema(name).get("x-kubernetes-map-type") == "atomic"
    return Value("object", f"{package.rpartition('.')[2]}.{short}", name, strategy=strategy, atomic=atomic)
