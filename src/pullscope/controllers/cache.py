"""What the controllers know of the cluster: one shared cache, filled by one watch per resource.

An object is kept as `Seen`: the few facts that every controller needs (who owns it, is it going) and a view, made once by
the informer's `project`, of what the resource's own controllers read. So ten thousand pods cost a few megabytes.

A controller that has just written an object gives the answer to `Informer.absorb`; the next plan then sees it, however
late the watch is. This takes the place of upstream's "expectations" (pkg/controller/controller_utils.go v1.36) and is
sound because resource versions of one store only grow: what is older than the watch's position was seen already.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pullscope.base.clock import Clock
from pullscope.kube import meta
from pullscope.kube.api import Api, Object, WatchEvent
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError

logger = logging.getLogger(__name__)

V = TypeVar("V")
Key = tuple[str, str]
"""An object's namespace (empty for cluster-scoped ones) and name."""

RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Owner:
    """One of an object's ownerReferences."""

    api_version: str
    kind: str
    name: str
    uid: str
    controller: bool
    blocks: bool

    @classmethod
    def of(cls, reference: Object) -> "Owner":
        return cls(
            reference["apiVersion"],
            reference["kind"],
            reference["name"],
            reference["uid"],
            bool(reference.get("controller")),
            bool(reference.get("blockOwnerDeletion")),
        )


@dataclass(frozen=True, slots=True)
class Seen(Generic[V]):
    """One object as the controllers remember it. `view` is what the informer's projection made of it."""

    resource: Resource
    namespace: str
    name: str
    uid: str
    revision: int
    owners: tuple[Owner, ...]
    finalizers: tuple[str, ...]
    deleting: bool
    view: V

    @property
    def key(self) -> Key:
        return (self.namespace, self.name)

    @property
    def controller(self) -> Owner | None:
        """The owner that controls it; at most one does."""
        for owner in self.owners:  # not next(): this is asked of every pod of a replica set
            if owner.controller:
                return owner
        return None


def see(resource: Resource, obj: Object, project: Callable[[Object], V]) -> Seen[V]:
    """What is remembered of `obj`."""
    metadata = obj["metadata"]
    return Seen(
        resource,
        metadata.get("namespace", ""),
        metadata["name"],
        metadata["uid"],
        int(metadata["resourceVersion"]),
        tuple(Owner.of(reference) for reference in meta.owners(obj)),
        tuple(metadata.get("finalizers") or ()),
        metadata.get("deletionTimestamp") is not None,
        project(obj),
    )


Handler = Callable[[Seen[V] | None, Seen[V] | None], None]
"""Called with an object before and after a change; None before it existed or after it is gone."""


class Informer(Generic[V]):
    """All objects of one resource, kept current by list and watch."""

    def __init__(self, resource: Resource, project: Callable[[Object], V]) -> None:
        self.resource = resource
        self.synced = asyncio.Event()
        self._project = project
        self._items: dict[Key, Seen[V]] = {}
        self._index: defaultdict[tuple[str, str], dict[Key, Seen[V]]] = defaultdict(dict)
        self._handlers: list[Handler[V]] = []
        self._position = 0

    def subscribe(self, handler: Handler[V]) -> None:
        """Have `handler` called for every change from now on."""
        self._handlers.append(handler)

    def get(self, key: Key) -> Seen[V] | None:
        return self._items.get(key)

    def all(self) -> Iterable[Seen[V]]:
        return self._items.values()

    def owned_by(self, uid: str) -> list[Seen[V]]:
        """The objects with an owner reference to that uid."""
        return self._indexed("owner", uid)

    def by_uid(self, uid: str) -> Seen[V] | None:
        """The object of that uid."""
        return next(iter(self._indexed("uid", uid)), None)

    def in_namespace(self, namespace: str) -> list[Seen[V]]:
        return self._indexed("namespace", namespace)

    def orphans(self, namespace: str) -> list[Seen[V]]:
        """The namespace's objects that no controller has."""
        return self._indexed("orphan", namespace)

    def _indexed(self, index: str, value: str) -> list[Seen[V]]:
        return list(self._index.get((index, value), {}).values())

    def absorb(self, obj: Object) -> None:
        """Take over an object that was just written, unless the watch has passed that revision already."""
        if int(obj["metadata"]["resourceVersion"]) > self._position:
            self._read(obj)

    async def rewrite(self, api: Api, seen: Seen[V], change: Callable[[Object], None]) -> None:
        """Let `change` alter the object's metadata as it is now. Raises ApiError when it changed meanwhile: plan again."""
        namespace = seen.namespace or None
        obj = await api.get(self.resource, namespace, seen.name)
        if obj["metadata"]["uid"] == seen.uid:  # else another object has the name by now; its own event comes
            change(obj["metadata"])
            self.absorb(await api.update(self.resource, namespace, obj))

    async def run(self, api: Api, clock: Clock) -> None:
        """List, then follow the watch until cancelled; a watch that expired or broke starts anew."""
        while True:
            try:
                listed = await api.list(self.resource)
                self._replace(listed.items, int(listed.resource_version))
                self.synced.set()
                await self._follow(api)
            except ApiError as error:
                if error.code != 410:
                    logger.warning("watching %s failed: %s", self.resource.plural, error)
                    await clock.sleep(RETRY_SECONDS)

    async def _follow(self, api: Api) -> None:
        while True:
            async for event in api.watch(self.resource, resource_version=str(self._position)):
                self._take(event)

    def _take(self, event: WatchEvent) -> None:
        revision = int(event.object["metadata"]["resourceVersion"])
        self._position = max(self._position, revision)
        if event.type == "BOOKMARK":
            return
        if event.type == "DELETED":
            self._drop(_key(event.object), event.object["metadata"]["uid"])
        else:
            self._read(event.object)

    def _replace(self, items: list[Object], revision: int) -> None:
        self._position = revision
        present = {_key(item) for item in items}
        for old in list(self._items.values()):
            if old.key not in present and old.revision <= revision:  # newer ones were absorbed after the list was made
                self._drop(old.key, old.uid)
        for item in items:
            self._read(item)

    def _read(self, obj: Object) -> None:
        """An object that cannot be read is left as it was known: one such must not end the watch of all others."""
        known = self._items.get(_key(obj))
        if known is not None and known.revision >= int(obj["metadata"]["resourceVersion"]):
            return  # absorbed already
        try:
            seen = see(self.resource, obj, self._project)
        except (AttributeError, LookupError, TypeError, ValueError):
            logger.exception("cannot read %s %s", self.resource.plural, "/".join(filter(None, _key(obj))))
        else:
            self._store(seen)

    def _store(self, seen: Seen[V]) -> None:
        old = self._items.get(seen.key)
        if old is not None and old.revision >= seen.revision:
            return
        if old is not None and old.uid != seen.uid:  # the name was given to a new object: the old one is gone
            self._drop(old.key, old.uid)
            old = None
        if old is not None:
            self._unindex(old)
        self._items[seen.key] = seen
        for entry in _entries(seen):
            self._index[entry][seen.key] = seen
        self._notify(old, seen)

    def _drop(self, key: Key, uid: str) -> None:
        old = self._items.get(key)
        if old is None or old.uid != uid:  # another object took the name meanwhile
            return
        del self._items[key]
        self._unindex(old)
        self._notify(old, None)

    def _unindex(self, seen: Seen[V]) -> None:
        for entry in _entries(seen):
            self._index[entry].pop(seen.key, None)
            if not self._index[entry]:
                del self._index[entry]

    def _notify(self, old: Seen[V] | None, new: Seen[V] | None) -> None:
        for handler in self._handlers:
            handler(old, new)


def _key(obj: Object) -> Key:
    return (obj["metadata"].get("namespace", ""), obj["metadata"]["name"])


def _entries(seen: Seen[Any]) -> list[tuple[str, str]]:
    """Where an object stands in the indexes."""
    entries = [("uid", seen.uid), ("namespace", seen.namespace), *(("owner", owner.uid) for owner in seen.owners)]
    return entries if seen.controller else [*entries, ("orphan", seen.namespace)]


def whole(obj: Object) -> Object:
    """The projection that keeps everything: for resources of which there are few."""
    return obj


def nothing(_obj: Object) -> None:
    """The projection that keeps nothing but what `Seen` has."""


class Cache:
    """The informers of all resources that controllers deal with."""

    def __init__(self, projections: dict[Resource, Callable[[Object], Any]]) -> None:
        self._informers = {resource: Informer(resource, project) for resource, project in projections.items()}

    def __getitem__(self, resource: Resource) -> Informer[Any]:
        return self._informers[resource]

    def __iter__(self) -> Iterator[Informer[Any]]:
        return iter(self._informers.values())

    def by_uid(self, uid: str) -> Seen[Any] | None:
        """The object of that uid, of whatever resource."""
        return next((seen for informer in self if (seen := informer.by_uid(uid)) is not None), None)

    def resource_of(self, api_version: str, kind: str) -> Resource | None:
        """The resource whose objects have this head, None when it is not kept here."""
        wanted = (api_version, kind)
        return next((each for each in self._informers if (each.api_version, each.kind) == wanted), None)

    def dependents(self, uid: str) -> list[Seen[Any]]:
        """Everything, of whatever resource, with an owner reference to that uid."""
        return [seen for informer in self for seen in informer.owned_by(uid)]

    async def synced(self) -> None:
        """Return when every resource was listed once."""
        for informer in self:
            await informer.synced.wait()
