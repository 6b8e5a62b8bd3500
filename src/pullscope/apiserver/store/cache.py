"""All current objects in memory, by resource, with indexes by namespace, node and owner.

Only committed changes come in (`put`, `drop`); the store applies them in the order of their revisions.
"""

from collections import defaultdict
from collections.abc import Iterable

from pullscope.apiserver.store.records import Key, Stored
from pullscope.kube.resources import Resource


class Cache:
    """Current objects. Every lookup costs what it returns, not what there is."""

    def __init__(self) -> None:
        self._objects: dict[Key, Stored] = {}
        self._namespaces: defaultdict[tuple[str, str], set[Key]] = defaultdict(set)
        self._resources: defaultdict[str, set[Key]] = defaultdict(set)
        self._nodes: defaultdict[tuple[str, str], set[Key]] = defaultdict(set)
        self._owners: defaultdict[str, set[Key]] = defaultdict(set)

    def get(self, key: Key) -> Stored | None:
        return self._objects.get(key)

    def put(self, stored: Stored) -> None:
        """Make `stored` the current object under its key."""
        self.drop(stored.key)
        self._objects[stored.key] = stored
        for members in self._memberships(stored):
            members.add(stored.key)

    def drop(self, key: Key) -> None:
        """Forget the object under `key`, if there is one."""
        old = self._objects.pop(key, None)
        if old is None:
            return
        for members in self._memberships(old):
            members.discard(key)

    def _memberships(self, stored: Stored) -> Iterable[set[Key]]:
        resource, namespace, _ = stored.key
        yield self._resources[resource]
        yield self._namespaces[resource, namespace]
        if stored.node:
            yield self._nodes[resource, stored.node]
        for owner in stored.owners:
            yield self._owners[owner]

    def select(self, resource: Resource, namespace: str | None, node: str | None) -> list[Stored]:
        """The resource's objects, in a namespace and on a node where given, by namespace and name."""
        if node is not None:
            found = self._nodes.get((resource.qualified, node), set())
            return self._sorted(key for key in found if namespace in (None, key.namespace))
        if namespace is not None:
            return self._sorted(self._namespaces.get((resource.qualified, namespace), ()))
        return self._sorted(self._resources.get(resource.qualified, ()))

    def owned(self, uid: str) -> list[Stored]:
        """Every object, of any resource, that names `uid` as one of its owners."""
        return self._sorted(self._owners.get(uid, ()))

    def _sorted(self, found: Iterable[Key]) -> list[Stored]:
        return [self._objects[key] for key in sorted(found)]
