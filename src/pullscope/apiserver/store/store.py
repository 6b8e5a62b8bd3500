"""`Store`: the face of the store. Reads are plain calls, writes are awaited, watches are iterated.

Use it from one event loop. A write returns when it is durable; from that moment on its change is visible to `get`,
`list` and watches, in the order of revisions. Revisions only grow, over all resources together, also over restarts; a
write that failed may leave a gap.
"""

import operator
from collections.abc import Callable, Sequence
from pathlib import Path

import orjson

from pullscope.apiserver.store.cache import Cache
from pullscope.apiserver.store.commits import Committer
from pullscope.apiserver.store.database import Database, Row, open_database
from pullscope.apiserver.store.history import History, Watch
from pullscope.apiserver.store.records import Change, Event, Key, Listing, Object, Stored, described, encoded, stamped
from pullscope.apiserver.store.views import Views
from pullscope.kube import status
from pullscope.kube.resources import Resource

HISTORY = 4096
_KEY = operator.attrgetter("key")


class Store:
    """All objects of one lab. Make it with `Store.open`, end it with `close`."""

    def __init__(self, database: Database | None, *, history: int) -> None:
        revision, rows = database.load() if database else (0, [])
        self._cache = Cache()
        for row in rows:
            self._cache.put(_loaded(row))
        self._history = History(revision, history)
        self._observers: list[Callable[[Event], None]] = []
        self._commits = Committer(database, revision, self._publish)
        self.views = Views()

    @classmethod
    def open(cls, file: Path | None, *, history: int = HISTORY) -> "Store":
        """Open the state `file`, made when it is missing; None keeps everything in memory, for a throw-away lab.

        `history` is how many changes a watch may lag behind. Raises StateFileError in one line when the file is in use,
        damaged, not ours, or of another schema version.
        """
        return cls(open_database(file) if file else None, history=history)

    @property
    def revision(self) -> int:
        """The last committed revision: what a list made now is as of."""
        return self._history.revision

    async def close(self) -> None:
        """Finish the writes under way, end all watches, close the file. Later writes are refused."""
        await self._commits.close()
        self._history.close()

    def get(self, key: Key) -> Stored:
        """The object under `key`. Raises ApiError 404."""
        if (stored := self._cache.get(key)) is None:
            raise status.not_found(_resource(key), key.name)
        return stored

    def find(self, key: Key) -> Stored | None:
        """The object under `key`, or None."""
        return self._cache.get(key)

    def list(
        self, resource: Resource, namespace: str | None = None, *, node: str | None = None, revision: int | None = None
    ) -> Listing:
        """The resource's objects in a namespace (None: in all), on a node where given, by namespace and name.

        They are as they were at `revision` (None: as they are). Raises ApiError 410 Expired for a revision before the kept
        history, 504 for one that is ahead of the store.
        """
        items = self._cache.select(resource, namespace, node)
        if revision is None or revision == self._history.revision:
            return Listing(items, self._history.revision)
        before = self._history.before(resource.qualified, namespace, revision)
        then = (stored for stored in before.values() if stored is not None and node in (None, stored.node))
        items = [stored for stored in items if stored.key not in before]
        return Listing(sorted([*items, *then], key=_KEY), revision)

    def count(self, resource: Resource) -> int:
        """How many objects the resource has."""
        return self._cache.count(resource)

    def owned(self, uid: str) -> Sequence[Stored]:
        """Every object of any resource that has an owner reference to `uid`."""
        return self._cache.owned(uid)

    async def create(self, key: Key, obj: Object) -> Stored:
        """Store a new object. Raises ApiError 409 AlreadyExists.

        `obj` stays as it is; what is stored carries the new resourceVersion. Name, uid and the rest are the caller's.
        """
        await self._commits.free(key)
        if self._cache.get(key) is not None:
            raise status.already_exists(_resource(key), key.name)
        return await self._write("ADDED", stamped(key, obj, self._commits.number()), None)

    async def update(self, key: Key, obj: Object, expected: int | None = None) -> Stored:
        """Replace an object. `expected` is the revision it must have, None any.

        Writing what is there already changes nothing: the object keeps its revision, no watch hears of it. Raises ApiError
        404, or 409 Conflict when it has another revision.
        """
        await self._commits.free(key)
        old = self.get(key)
        if expected is not None and expected != old.revision:
            raise status.conflict(_resource(key), key.name, status.MODIFIED)
        value = encoded(obj, self._commits.next_number)
        if _may_be_same(value, self._commits.next_number, old) and _same(encoded(obj, old.revision), old.value):
            return old
        new = described(key, obj, value, self._commits.number(), born=old.born)
        return await self._write("MODIFIED", new, old)

    async def delete(self, key: Key, *, uid: str | None = None, expected: int | None = None) -> Stored:
        """Delete an object, if its uid and revision are as given. Returns its last state, at the deletion's revision.

        Raises ApiError 404, or 409 Conflict when a precondition does not hold.
        """
        await self._commits.free(key)
        old = self.get(key)
        last = old.object()
        _check(old, last["metadata"].get("uid", ""), uid, expected)
        return await self._write("DELETED", stamped(key, last, self._commits.number(), born=old.born), old)

    def watch(
        self, resource: Resource, namespace: str | None = None, *, revision: int, bookmarks: bool = False
    ) -> Watch:
        """Every change in the scope after `revision`, in order: an async iterator of `Event`s.

        Take `revision` from a Listing to miss nothing. Raises ApiError 410 Expired when it lies before the kept history,
        504 when it is ahead of the store. The iterator itself raises 410 when its reader falls behind the history; it ends
        when it (`close`, or leaving its `with`) or the store is closed.
        """
        return self._history.watch(resource, namespace, revision, bookmarks=bookmarks)

    def observe(self, observer: Callable[[Event], None]) -> Callable[[], None]:
        """Call `observer` with every change as it is published; it must be quick. Returns what ends that."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def send_bookmarks(self) -> None:
        """Have every watch opened with `bookmarks` hand out a BOOKMARK: call it once a minute, as upstream does."""
        self._history.bookmark()

    async def _write(self, change: Change, current: Stored, previous: Stored | None) -> Stored:
        await self._commits.commit(Event(change, current, previous))
        return current

    def _publish(self, event: Event) -> None:
        if event.type == "DELETED":
            self._cache.drop(event.key)
        else:
            self._cache.put(event.current)
        for observer in tuple(self._observers):
            observer(event)
        self._history.publish(event)


def _loaded(row: Row) -> Stored:
    assert row.value is not None, "the file keeps no deleted objects"
    at = Key(row.resource, row.namespace, row.name)
    return described(at, orjson.loads(row.value), row.value, row.revision, born=row.id)


def _may_be_same(value: bytes, revision: int, old: Stored) -> bool:
    """Whether the JSON of an object at another revision is as long as `old`, but for the revisions in them."""
    return len(value) - len(str(revision)) == len(old.value) - len(str(old.revision))


def _same(new: bytes, old: bytes) -> bool:
    """Whether two JSON objects differ in the order of keys at most."""
    return new == old or (len(new) == len(old) and _sorted(new) == _sorted(old))


def _sorted(value: bytes) -> bytes:
    return orjson.dumps(orjson.loads(value), option=orjson.OPT_SORT_KEYS)


def _resource(key: Key) -> Resource:
    """As much of the resource as an error's details name."""
    plural, _, group = key.resource.partition(".")
    return Resource(group, "", plural, "")


def _check(old: Stored, actual: str, uid: str | None, expected: int | None) -> None:
    """The preconditions of a deletion; the sentences are k8s.io/apiserver v0.36's (pkg/registry/rest/delete.go)."""
    if uid is not None and uid != actual:
        why = f"the UID in the precondition ({uid}) does not match the UID in record ({actual})"
        why = f"{why}. The object might have been deleted and then recreated"
        raise status.conflict(_resource(old.key), old.key.name, why)
    if expected is not None and expected != old.revision:
        why = f"the ResourceVersion in the precondition ({expected}) does not match the ResourceVersion in record"
        why = f"{why} ({old.revision}). The object might have been modified"
        raise status.conflict(_resource(old.key), old.key.name, why)
