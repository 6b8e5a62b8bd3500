"""Objects, lists and watch events as bytes, in the form that was asked for.

Objects are stored encoded; a list of them is joined, not decoded, and an event that a thousand clients watch in the same form
is encoded once (`Events`).
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import orjson

from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.negotiation import Form
from pullscope.apiserver.store.records import Bookmark, Event, Listing, Stored
from pullscope.kube import table
from pullscope.kube.api import Object

INITIAL_EVENTS_END = "k8s.io/initial-events-end"
_KEPT_EVENTS = 512
PIECE = 1024 * 1024


def encode(obj: Object) -> bytes:
    return orjson.dumps(obj)


class Renderer:
    """Renders objects of one kind in one form.

    `now` is when a table is read, `columns` whether it says its columns (a watch does so once), `include` what its rows
    carry beside their cells: Metadata, Object or None.
    """

    def __init__(self, kind: Kind, form: Form, now: datetime, *, include: str = "Metadata") -> None:
        self._kind = kind
        self._form = form
        self.now = now
        self._include = include
        self._prefix = encode(kind.head)[:-1] + b","
        self.columns = True

    def one(self, obj: Object) -> Object:
        """A single object, as asked."""
        match self._form.kind:
            case "object":
                return obj
            case "partial":
                return self._partial(obj)
            case "table":
                return self._table([obj], obj["metadata"].get("resourceVersion", ""))

    def listing(self, listing: Listing) -> Iterator[bytes]:
        """A whole list, in pieces: thousands of objects are neither decoded nor joined at once."""
        name, items = b"items", listing.items
        show: Callable[[Stored], bytes]
        match self._form.kind:
            case "table":
                name, head, show = b"rows", self._table([], ""), self._stored_row
                del head["rows"]
                if order := self._kind.table.order:
                    items = sorted(items, key=lambda stored: order(stored.object()))
            case "partial":
                head = {"kind": "PartialObjectMetadataList", "apiVersion": f"meta.k8s.io/{self._form.version}"}
                show = self._stored_partial
            case "object":
                resource, show = self._kind.resource, self._bare
                head = {"kind": f"{resource.kind}List", "apiVersion": resource.api_version}
        frame = encode({**head, "metadata": _list_meta(listing)})[:-1]
        return _pieces(b"".join((frame, b',"', name, b'":[')), map(show, items), b"]}")

    def _stored_row(self, stored: Stored) -> bytes:
        return encode(self._row(stored.object()))

    def _stored_partial(self, stored: Stored) -> bytes:
        return encode(self._partial(stored.object()))

    def _bare(self, stored: Stored) -> bytes:
        """The object without kind and apiVersion, which the list says for all."""
        if stored.value.startswith(self._prefix):
            return b"{" + stored.value[len(self._prefix) :]
        obj = stored.object()
        return encode({field: obj[field] for field in obj if field not in self._kind.head})

    def _partial(self, obj: Object) -> Object:
        head = {"kind": "PartialObjectMetadata", "apiVersion": f"meta.k8s.io/{self._form.version}"}
        return {**head, "metadata": obj["metadata"]}

    def _table(self, objects: list[Object], version: str) -> Object:
        columns = list(self._kind.table.columns) if self.columns else None
        rows = [self._row(obj) for obj in objects]
        return {
            **table.table(columns, rows, resource_version=version),
            "apiVersion": f"meta.k8s.io/{self._form.version}",
        }

    def _row(self, obj: Object) -> Object:
        row: Object = {"cells": self._kind.table.cells(obj, self.now)}
        if conditions := self._kind.table.conditions(obj):
            row["conditions"] = conditions
        if self._include == "Metadata":
            row["object"] = self._partial(obj)
        elif self._include == "Object":
            row["object"] = obj
        else:
            row["object"] = None
        return row

    def bookmark(self, bookmark: Bookmark, *, initial_end: bool) -> bytes:
        metadata: Object = {"resourceVersion": str(bookmark.revision)}
        if initial_end:
            metadata["annotations"] = {INITIAL_EVENTS_END: "true"}
        obj: Object = {**self._kind.head, "metadata": metadata}
        if self._form.kind == "table":
            obj = self._table([], metadata["resourceVersion"])
            obj["metadata"] = metadata
        elif self._form.kind == "partial":
            obj = self._partial(obj)
        return encode({"type": "BOOKMARK", "object": obj}) + b"\n"


def _pieces(head: bytes, items: Iterable[bytes], tail: bytes) -> Iterator[bytes]:
    """The items between head and tail, in pieces of at least `PIECE` bytes but for the last."""
    parts, size, separator = [head], 0, b""
    for item in items:
        parts += separator, item
        separator = b","
        size += len(item)
        if size >= PIECE:
            yield b"".join(parts)
            parts, size = [], 0
    yield b"".join((*parts, tail))


def _list_meta(listing: Listing) -> Object:
    result: Object = {"resourceVersion": str(listing.revision)}
    if listing.token:
        result["continue"] = listing.token
    if listing.remaining is not None:
        result["remainingItemCount"] = listing.remaining
    return result


class Events:
    """The lines of watch events that were encoded last, shared by all watches."""

    def __init__(self) -> None:
        self._lines: OrderedDict[tuple[object, ...], bytes] = OrderedDict()

    def line(self, event: Event, form: tuple[object, ...], render: Callable[[Object], Object]) -> bytes:
        """The event as one line. `form` names how `render` shows an object."""
        place = (event.key, event.revision, event.type, *form)
        line = self._lines.get(place)
        if line is None:
            line = self._lines[place] = _line(event, render, plain=form == ("object",))
            if len(self._lines) > _KEPT_EVENTS:
                self._lines.popitem(last=False)
        return line


def _line(event: Event, render: Callable[[Object], Object], *, plain: bool) -> bytes:
    value = event.current.value if plain else encode(render(event.current.object()))
    return b"".join((b'{"type":"', event.type.encode(), b'","object":', value, b"}\n"))
