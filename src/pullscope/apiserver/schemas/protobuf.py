"""The field tables of protobuf bodies, from `protobuf.json`.

A line a message: field number, JSON name, cardinality, type, and `keep` (an empty value is written to JSON) or `inline`
(the message's fields stand in the object itself). Numbers, names and types are those of the generated.proto files of
k8s.io/api and k8s.io/apimachinery v0.35; `keep` and `inline` are those fields of their Go types that are pointers or lack
`omitempty`, and embedded structs.
"""

import functools
import importlib.resources

import orjson

from pullscope.kube import wire


@functools.cache
def tables() -> wire.Tables:
    """The tables for `wire.decode_protobuf`, read at the first call (some 60 kB)."""
    file = importlib.resources.files(__package__).joinpath("protobuf.json")
    messages = orjson.loads(file.read_bytes())
    return wire.Tables({name: {entry[0]: _field(*entry[1:]) for entry in fields} for name, fields in messages.items()})


def _field(name: str, cardinality: str, type_: str, flag: str = "") -> wire.Field:
    return wire.Field(name, wire.CARDINALITIES[cardinality], type_, keep=flag == "keep", inline=flag == "inline")
