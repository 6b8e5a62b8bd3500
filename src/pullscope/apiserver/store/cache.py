"""All current objects in memory, with indexes by resource, namespace, node and owner.

Only committed changes come in (`put`, `drop`); the store applies them in the order of their revisions.
"""

from collections.abc import Iterator

from pullscope.apiserver.store.records import Key, Stored
from pullscope.kube.resources import Resource

# What an index entry is about: its kind, then the resource and namespace or node, or the owner's uid.
_Topic = tuple[str, ...]


class _Keys:
    """A set of keys that remembers its order between changes: lists are asked more often than members change."""

    def __init__(self) -> None:
        self._members: set[Key] = set()
        self._ordered: list[Key] | None = None

    def add(self, key: Key) -> None:
        self._members.add(key)
        self._ordered = None

    def remove(self, key: Key) -> bool:
        """Take a key out; true when none is left."""
        self._members.remove(key)
        self._ordered = None
        return not self._members

    def __len__(self) -> int:
        return len(self._members)

    def ordered(self) -> list[Key]:
        if self._ordered is None:
            self._ordered = sorted(self._members)
        return self._ordered


class Cache:
    """Current objects. A lookup costs what it returns, not what there is."""

    def __init__(self) -> None:
        self._objects: dict[Key, Stored] = {}
        self._index: dict[_Topic, _Keys] = {}

    def get(self, key: Key) -> Stored | None:
        return self._objects.get(key)

    def put(self, stored: Stored) -> None:
        """Make `stored` the current object under its key."""
        old = self._objects.get(stored.key)
        if old is None or (old.node, old.owners) != (stored.node, stored.owners):
            self.drop(stored.key)
            for topic in _topics(stored):
                self._index.setdefault(topic, _Keys()).add(stored.key)
        self._objects[stored.key] = stored

    def drop(self, key: Key) -> None:
        """Forget the object under `key`, if there is one."""
        old = self._objects.pop(key, None)
        if old is None:
            return
        for topic in _topics(old):
            if self._index[topic].remove(key):
                del self._index[topic]

    def select(self, resource: Resource, namespace: str | None, node: str | None) -> list[Stored]:
        """The resource's objects, in a namespace and on a node where given, by namespace and name."""
        plural = resource.qualified
        if node is not None:
            found = self._about("node", plural, node)
            return found if namespace is None else [item for item in found if item.key.namespace == namespace]
        return self._about("resource", plural) if namespace is None else self._about("namespace", plural, namespace)

    def count(self, resource: Resource) -> int:
        """How many objects the resource has."""
        keys = self._index.get(("resource", resource.qualified))
        return 0 if keys is None else len(keys)

    def owned(self, uid: str) -> list[Stored]:
        """Every object, of any resource, that names `uid` as one of its owners."""
        return self._about("owner", uid)

    def _about(self, *topic: str) -> list[Stored]:
        keys = self._index.get(topic)
        return [] if keys is None else [self._objects[key] for key in keys.ordered()]


def _topics(stored: Stored) -> Iterator[_Topic]:
    resource, namespace, _ = stored.key
    yield "resource", resource
    yield "namespace", resource, namespace
    if stored.node:
        yield "node", resource, stored.node
    for owner in set(stored.owners):
        yield "owner", owner
