"""The downloads of one pull: how far they are, for whoever wants to show it, and whose turn it is to fetch a blob.

Counted where bytes arrive, so that looking costs a pull nothing.
"""

import contextlib
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor
from pullscope.remote import wire

Turn = Callable[[Digest], AbstractAsyncContextManager[object]]
"""Entered before a blob is fetched; of several pulls that want it, one at a time is inside."""


class Downloads:
    """What `transfer.pull` tells while it works, and asks.

    `layers` is how many the image has, None until its manifest is there; `layers_done` of them are, from before or by now.
    `total` and `done` are bytes: of the blobs that were lacking at the beginning, and those of them that have come.
    `resuming` makes, for each blob, who decides what happens when its connection breaks.
    """

    def __init__(self, turn: Turn = lambda _: contextlib.nullcontext()) -> None:
        self.turn = turn
        self.resuming: Callable[[], wire.Resume] = lambda: wire.give_up
        self.layers: int | None = None
        self.layers_done = 0
        self.total = 0
        self._come: dict[Digest, int] = {}
        self._layers: frozenset[Digest] = frozenset()

    @property
    def done(self) -> int:
        return sum(self._come.values())

    def begin(self, layers: Sequence[Descriptor], lacking: Sequence[Descriptor]) -> None:
        """The manifest is there: of these `layers`, and a config, these blobs are `lacking`. A second try begins anew."""
        self._layers = frozenset(layer.digest for layer in layers)
        self.layers = len(self._layers)
        self.layers_done = len(self._layers - {blob.digest for blob in lacking})
        self.total = sum(blob.size for blob in lacking)
        self._come = {}

    def arrived(self, digest: Digest, size: int) -> None:
        """So many more bytes of a blob."""
        self._come[digest] = self._come.get(digest, 0) + size

    def finished(self, blob: Descriptor) -> None:
        """The blob is there, whoever fetched it."""
        self._come[blob.digest] = blob.size
        self.layers_done += blob.digest in self._layers
