"""Events: made, correlated and written in order, as client-go does.

`Correlator` is the state machine between "something happened" and what goes to the API: the same event again is a count on
the first one, many that differ only in their message become one "(combined from similar events)", and an object that
causes too many is heard only now and then. `Recorder` makes the events of one component and writes them. `announce`
is the shape of the newer events API, which the scheduler uses: no count, a moment instead of two timestamps.

Upstream: k8s.io/client-go v0.36 tools/record/events_cache.go, event.go and tools/events. Events are evidence, not state: one
that the API refuses (its namespace is being deleted) is dropped, as upstream does.
"""

import zlib
from collections import OrderedDict, deque
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, Literal, Protocol, TypeVar

from pullscope.kube import meta, resources
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError

EventType = Literal["Normal", "Warning"]


@dataclass(frozen=True)
class Note:
    """What an event says."""

    type: EventType
    reason: str
    message: str


_REMEMBERED = 4096  # maxLruCacheEntries
_SIMILAR = 10  # defaultAggregateMaxEvents
_SIMILAR_WITHIN = timedelta(minutes=10)
_BURST = 25  # defaultSpamBurst
_WRITERS = 32
_REFILL = timedelta(minutes=5)  # one event more each, defaultSpamQPS


# ------------------------------------------------------------------------- making


def reference(obj: Object, field_path: str = "") -> Object:
    """The object as an event's `involvedObject` names it; `field_path` points at a part: `spec.containers{app}`."""
    metadata = obj["metadata"]
    names = {"kind": obj["kind"], "apiVersion": obj["apiVersion"], "name": metadata["name"]}
    optional = {key: metadata.get(key) for key in ("namespace", "uid", "resourceVersion")}
    involved = {**names, **{key: value for key, value in optional.items() if value}}
    return {**involved, "fieldPath": field_path} if field_path else involved


def namespace_of(involved: Object) -> str:
    """Where the event lives: beside its object, in `default` for objects without a namespace."""
    return str(involved.get("namespace") or "default")


def _event(involved: Object, name: str, type: EventType, reason: str, message: str) -> Object:  # noqa: A002 (the field's own word)
    return {
        "kind": "Event",
        "apiVersion": "v1",
        "metadata": {"name": name, "namespace": namespace_of(involved)},
        "involvedObject": involved,
        "reason": reason,
        "message": message,
        "type": type,
    }


# ------------------------------------------------------------------------- correlating


@dataclass(frozen=True)
class Create:
    """Write this event."""

    event: Object

    @property
    def name(self) -> str:
        return str(self.event["metadata"]["name"])


@dataclass(frozen=True)
class Update:
    """It happened before: patch the event of that name. `event` is the whole of it, should the old one be gone."""

    name: str
    patch: Object
    event: Object


@dataclass(frozen=True)
class Skip:
    """Too many from this source about this object."""


Action = Create | Update | Skip

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


class _Recent(Generic[_K, _V]):
    """A dict of the keys used last."""

    def __init__(self) -> None:
        self._items: OrderedDict[_K, _V] = OrderedDict()

    def get(self, key: _K) -> _V | None:
        if key in self._items:
            self._items.move_to_end(key)
        return self._items.get(key)

    def put(self, key: _K, value: _V) -> None:
        self._items[key] = value
        self._items.move_to_end(key)
        if len(self._items) > _REMEMBERED:
            self._items.popitem(last=False)


@dataclass(frozen=True)
class _Similar:
    messages: frozenset[str]
    last: datetime


@dataclass(frozen=True)
class _Bucket:
    tokens: float
    filled: datetime


@dataclass(frozen=True)
class _Seen:
    name: str
    first: str
    count: int


class Correlator:
    """What becomes of each event, given those before it. Pure but for its memory; `now` is the caller's."""

    def __init__(self) -> None:
        self._similar: _Recent[tuple[str, ...], _Similar] = _Recent()
        self._seen: _Recent[tuple[str, ...], _Seen] = _Recent()
        self._buckets: _Recent[tuple[str, ...], _Bucket] = _Recent()

    def correlate(self, event: Object, now: datetime) -> Action:
        """Decide about a new event (`count` 1, both timestamps now). Its count grows even when it is skipped."""
        about = _about(event)
        event, key = self._aggregate(event, (*about, event["type"], event["reason"]), now)
        seen = self._seen.get(key)
        name, first, count = (
            (seen.name, seen.first, seen.count + 1)
            if seen
            else (
                event["metadata"]["name"],
                event["firstTimestamp"],
                1,
            )
        )
        self._seen.put(key, _Seen(name, first, count))
        event = {**event, "metadata": {**event["metadata"], "name": name}, "firstTimestamp": first, "count": count}
        if not self._allowed((*about, event["type"]), now):  # as recorded: upstream's getSpamKey has the type
            return Skip()
        if count == 1:
            return Create(event)
        patch = {key: event[key] for key in ("count", "lastTimestamp", "message")}
        return Update(name, patch, event)

    def _aggregate(self, event: Object, about: tuple[str, ...], now: datetime) -> tuple[Object, tuple[str, ...]]:
        """The event itself, or the combined one when it is at least the tenth that differs only in its message."""
        message, record = event["message"], self._similar.get(about)
        messages = record.messages if record and now - record.last <= _SIMILAR_WITHIN else frozenset()
        messages |= {message}
        combined = len(messages) >= _SIMILAR
        if combined:  # the set stays below the limit by one, so that the next message combines too
            messages -= {min(messages)}
        self._similar.put(about, _Similar(messages, now))
        if combined:
            return {**event, "message": f"(combined from similar events): {message}"}, about
        return event, (*about, event["involvedObject"].get("fieldPath", ""), message)

    def _allowed(self, key: tuple[str, ...], now: datetime) -> bool:
        bucket = self._buckets.get(key) or _Bucket(_BURST, now)
        passed = max(now - bucket.filled, timedelta())  # the clock may have been set back
        tokens = min(float(_BURST), bucket.tokens + passed / _REFILL)
        allowed = tokens >= 1
        self._buckets.put(key, _Bucket(tokens - allowed, now))
        return allowed


def _about(event: Object) -> tuple[str, ...]:
    """Source and object: what the spam filter counts by, Normal and Warning apart."""
    source, involved = event["source"], event["involvedObject"]
    keys = ("kind", "namespace", "name", "uid", "apiVersion")
    return (source["component"], source.get("host", ""), *(str(involved.get(key, "")) for key in keys))


# ------------------------------------------------------------------------- writing


class _Clock(Protocol):
    def now(self) -> datetime: ...


class Sink(Protocol):
    """What a recorder asks of `kube.api.Api` (upstream: record.EventSink)."""

    async def create(self, resource: Resource, namespace: str | None, obj: Object) -> Object: ...

    async def patch(self, resource: Resource, namespace: str | None, name: str, patch: Any) -> Object: ...


class Recorder:
    """Makes and writes the events of one component, in the order of the calls, some at the same time.

    A call that finds so many others writing returns at once; its event is written by one of those, in its turn.
    """

    def __init__(self, api: Sink, component: str, clock: _Clock, *, host: str = "") -> None:
        self._api = api
        self._component = component
        self._host = host
        self._clock = clock
        self._correlator = Correlator()
        self._queue: deque[Create | Update] = deque()
        self._writers = 0
        self._names: set[str] = set()  # of the events that are being written: each has one writer at a time
        self._last_name = 0
        self._below_clock = zlib.crc32(f"{component}/{host}".encode()) % 1000

    async def event(self, obj: Object, type: EventType, reason: str, message: str, *, field_path: str = "") -> None:  # noqa: A002 (the field's own word)
        """Something happened to `obj` (a whole object), or to the part of it at `field_path`."""
        now = self._clock.now()
        involved, moment = reference(obj, field_path), meta.timestamp(now)
        event = {
            **_event(involved, self._name(involved, now), type, reason, message),
            "source": {"component": self._component, **({"host": self._host} if self._host else {})},
            "firstTimestamp": moment,
            "lastTimestamp": moment,
            "count": 1,
            "eventTime": None,
            "reportingComponent": self._component,
            "reportingInstance": self._host,
        }
        await self._submit(self._correlator.correlate(event, now))

    async def announce(self, obj: Object, type: EventType, reason: str, message: str, *, action: str) -> None:  # noqa: A002 (the field's own word)
        """The same in the shape of the newer events API, never counted: `action` is what was done (`Binding`)."""
        now, involved = self._clock.now(), reference(obj)
        event = {
            **_event(involved, self._name(involved, now), type, reason, message),
            "source": {},
            "firstTimestamp": None,
            "lastTimestamp": None,
            "eventTime": meta.micro_timestamp(now),
            "action": action,
            "reportingComponent": self._component,
            "reportingInstance": f"{self._component}-{self._host}",
        }
        await self._submit(Create(event))

    def _name(self, involved: Object, now: datetime) -> str:
        """Upstream's name: the object's and the moment in nanoseconds.

        Never the same twice, on a coarse clock either; what stands below our clock's microseconds keeps components apart
        that tell of one object in the same moment.
        """
        microseconds = (now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        self._last_name = max(microseconds * 1000 + self._below_clock, self._last_name + 1000)
        return f"{involved['name']}.{self._last_name:x}"

    async def _submit(self, action: Action) -> None:
        if isinstance(action, Skip):
            return
        self._queue.append(action)
        if self._writers < _WRITERS:
            self._writers += 1
            try:
                await self._work()
            finally:
                self._writers -= 1

    async def _work(self) -> None:
        """Write one event; the last writer goes on until none is left."""
        while (action := self._next()) is not None:
            self._names.add(action.name)
            try:
                await self._write(action)
            except Exception:
                raise
            except BaseException:  # a cancelled writer leaves its event to the next one, which writes it again maybe
                self._queue.appendleft(action)
                raise
            finally:
                self._names.discard(action.name)
            if self._writers > 1:
                return

    def _next(self) -> Create | Update | None:
        for position, action in enumerate(self._queue):
            if action.name not in self._names:
                del self._queue[position]
                return action
        return None

    async def _write(self, action: Create | Update) -> None:
        match action:
            case Create(event):
                await self._create(event)
            case Update(name, patch, event):
                await self._update(name, patch, event)

    async def _update(self, name: str, patch: Any, event: Object) -> None:
        try:
            await self._api.patch(resources.EVENTS, event["metadata"]["namespace"], name, patch)
        except ApiError as error:
            if error.reason == "NotFound":
                await self._create(event)

    async def _create(self, event: Object) -> None:
        try:
            await self._api.create(resources.EVENTS, event["metadata"]["namespace"], event)
        except ApiError:
            # The namespace is gone or going, or the event expired: it told of something that nobody can look at now.
            return
