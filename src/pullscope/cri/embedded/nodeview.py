"""The blob store as one node sees it: what the node has not pulled is not there, though another node may have it.

So a node downloads what a real one would, and the registry's log says so; the bytes are still stored once.
"""

from collections.abc import Container, Iterator
from typing import BinaryIO

from pullscope.content.api import BlobStore, Writer
from pullscope.oci.digest import Digest


class NodeView:
    """A `content.api.BlobStore` for one pull. `tried` holds the digests that were committed, or should have been.

    The node has what its images need (`have`) and what its pulls under way have `brought`, where this one's are added too.
    """

    def __init__(self, store: BlobStore, have: Container[Digest], brought: set[Digest]) -> None:
        self.tried: set[Digest] = set()
        self._store = store
        self._have = have
        self._brought = brought

    def size(self, digest: Digest) -> int | None:
        return self._store.size(digest) if digest in self._have or digest in self._brought else None

    def open(self, digest: Digest) -> BinaryIO:
        return self._store.open(digest)

    def writer(self) -> Writer:
        return _Noted(self._store.writer(), self)

    def resume(self, id: str) -> Writer | None:  # noqa: A002 (the protocol's word)
        return self._store.resume(id)

    def delete(self, digest: Digest) -> bool:
        return self._store.delete(digest)

    def digests(self) -> Iterator[Digest]:
        return (digest for digest in self._store.digests() if digest in self._have or digest in self._brought)

    def committed(self, digest: Digest) -> None:
        """The blob is there now: neither a second try of this pull nor another one need download it."""
        self._brought.add(digest)


class _Noted:
    """A writer that tells the view what it commits."""

    def __init__(self, writer: Writer, view: NodeView) -> None:
        self._writer = writer
        self._view = view

    @property
    def id(self) -> str:
        return self._writer.id

    @property
    def size(self) -> int:
        return self._writer.size

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._writer.write(data)

    def commit(self, digest: Digest) -> None:
        self._view.tried.add(digest)
        self._writer.commit(digest)
        self._view.committed(digest)

    def abort(self) -> None:
        self._writer.abort()

    def close(self) -> None:
        self._writer.close()
