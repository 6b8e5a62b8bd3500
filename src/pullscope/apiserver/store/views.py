"""Decoded objects for those who only look: one that several look at in the same moment is decoded once.

A change of a pod is seen by the controllers and by its node, and is what the next change is compared with.
"""

from pullscope.apiserver.store.records import Object, Stored

_KEPT = 128


class Views:
    """The objects looked at last."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Stored, Object]] = {}

    def of(self, stored: Stored) -> Object:
        """The object, which nobody may alter."""
        found = self._kept.get(stored.revision)
        if found is not None and found[0] is stored:  # what is made out of an object may have its revision
            return found[1]
        obj = stored.object()
        self._kept[stored.revision] = stored, obj
        if len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return obj

    def take(self, stored: Stored) -> Object:
        """The same for who replaces the object: nobody gets this one any more. Some may have it; it must not be altered."""
        found = self._kept.pop(stored.revision, None)
        return found[1] if found is not None and found[0] is stored else stored.object()
