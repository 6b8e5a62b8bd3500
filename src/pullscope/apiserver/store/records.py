"""The values of the store: what a key is, what is kept under it, what a watch hands out.

Objects are kept as JSON bytes (10,000 pods: 15 MB as bytes, 151 MB as dicts). What selectors and indexes ask most often
(labels, node, owners) stands beside the bytes, so that a list or a watch need not decode.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import orjson

from pullscope.kube import status, values
from pullscope.kube.resources import Resource

Object = dict[str, Any]
Change = Literal["ADDED", "MODIFIED", "DELETED"]


class Key(NamedTuple):
    """Where an object is kept, and its place in the order of lists.

    `resource` is `Resource.qualified` (`pods`, `deployments.apps`): all versions of a kind share one object.
    `namespace` is empty for cluster-scoped resources.
    """

    resource: str
    namespace: str
    name: str


def key(resource: Resource, namespace: str | None, name: str) -> Key:
    """The key of an object of `resource`."""
    return Key(resource.qualified, namespace or "", name)


@dataclass(frozen=True, slots=True)
class Stored:
    """One object at one revision. `value` is its JSON, with `metadata.resourceVersion` set to `revision`.

    `labels` must not be changed: it is shared. `node` is `spec.nodeName`, empty where there is none; `owners` are the
    uids of the owner references; `born` is its first revision, which no other object has.
    """

    key: Key
    value: bytes
    revision: int
    labels: Mapping[str, str]
    node: str
    owners: tuple[str, ...]
    born: int

    def object(self) -> Object:
        """A fresh copy of the object, the caller's own."""
        decoded: Object = orjson.loads(self.value)
        return decoded


def stamped(at: Key, obj: Object, revision: int, *, born: int | None = None) -> Stored:
    """The record of `obj` at `revision`; `obj` itself stays as it is. Raises ApiError 400, as `encoded`."""
    return described(at, obj, encoded(obj, revision), revision, born=born)


def encoded(obj: Object, revision: int) -> bytes:
    """The JSON of `obj` at `revision`.

    Raises ApiError 400 for what JSON cannot hold: lone surrogates, integers beyond 64 bits, nesting beyond 254 levels.
    """
    try:
        return orjson.dumps({**obj, "metadata": {**obj["metadata"], "resourceVersion": str(revision)}})
    except orjson.JSONEncodeError as error:
        raise status.bad_request(f"the object cannot be written as JSON: {error}") from None


def described(at: Key, obj: Object, value: bytes, revision: int, *, born: int | None = None) -> Stored:
    """The record of an object whose bytes are known: `value` must be the JSON of `obj`, but for the revision in it.

    Without `born` this is its first revision.
    """
    metadata, spec = obj["metadata"], obj.get("spec")
    labels = {sys.intern(name): sys.intern(text) for name, text in (metadata.get("labels") or {}).items()}
    node = spec.get("nodeName") if isinstance(spec, dict) else None
    owners = tuple(reference["uid"] for reference in metadata.get("ownerReferences") or ())
    first = revision if born is None else born
    return Stored(at, values.compact(value), revision, labels, sys.intern(node or ""), owners, first)


@dataclass(frozen=True, slots=True)
class Event:
    """One change. `current` is the object after it (of a deletion: its last state, at the deletion's revision).

    `previous` is the object before it, None for ADDED: with it a watch with a selector tells whether a MODIFIED comes
    into its view (ADDED) or leaves it (DELETED).
    """

    type: Change
    current: Stored
    previous: Stored | None = None

    @property
    def revision(self) -> int:
        return self.current.revision

    @property
    def key(self) -> Key:
        return self.current.key


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A watch's word that all changes of its scope up to `revision` were handed out."""

    revision: int


@dataclass(frozen=True, slots=True)
class Listing:
    """Objects in the order of namespace and name, as they were at `revision`: a watch from there misses nothing.

    `token` gets the next piece, where this is not the last, and `remaining` is how many come after it, where that is known.
    """

    items: list[Stored]
    revision: int
    token: str = ""
    remaining: int | None = None
