"""What must be known of a type to say who manages which of its fields. `apiserver.schemas.types` has it for real kinds."""

from collections.abc import Mapping
from typing import Any, Protocol

Object = dict[str, Any]


class Struct(Protocol):
    """The type of an object with declared fields."""

    @property
    def fields(self) -> Mapping[str, "Node"]: ...

    @property
    def zeros(self) -> Mapping[str, Any]:
        """The plain fields that Go always writes, with the empty values they have when nobody set them."""


class Node(Protocol):
    """What a field, an element of a list or a value of a map holds."""

    @property
    def shape(self) -> str:
        """`object`, `list` or `map`; `any` is whatever it is; else a plain value."""

    @property
    def atomic(self) -> bool:
        """Whether it has one manager as a whole, though it is an object, list or map."""

    @property
    def always(self) -> bool:
        """Whether Go's type has it even when it is empty: a struct by value, or a list or map that is never omitted."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The fields, sorted, that tell the elements of a list apart; none when the elements are plain values."""

    @property
    def key_defaults(self) -> Mapping[str, Any]:
        """The values that missing keys have."""

    @property
    def item(self) -> "Node":
        """What a list or a map is made of."""

    @property
    def type(self) -> Struct:
        """The type of an object."""
