"""The garbage collector: objects go when their owners are gone.

`plan` decides about one object, from its owners and dependents. Upstream: pkg/controller/garbagecollector
(garbagecollector.go attemptToDeleteItem, graph_builder.go), v1.36. The finalizers `orphan` and `foregroundDeletion` are
put on by the API server according to the DELETE's propagation policy and taken off here.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pullscope.controllers import queue
from pullscope.controllers.cache import Owner, Seen
from pullscope.controllers.context import Context
from pullscope.kube.api import DeleteOptions, Object
from pullscope.kube.status import ApiError

NAME = "generic-garbage-collector"
ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"


class OwnerState(enum.Enum):
    """What became of an owner."""

    SOLID = enum.auto()
    GONE = enum.auto()
    WAITING = enum.auto()
    """It is being deleted in the foreground: it waits for those of its dependents that block it."""


@dataclass(frozen=True)
class Keep:
    """Nothing to do."""


@dataclass(frozen=True)
class Delete:
    """Delete the object."""

    policy: Literal["Background", "Foreground", "Orphan"]


@dataclass(frozen=True)
class Disown:
    """Take the references to these owners off the object."""

    uids: frozenset[str]


@dataclass(frozen=True)
class Release:
    """Take its owner reference off each dependent, then the finalizer `orphan` off the object."""

    dependents: tuple[Seen[Any], ...]


@dataclass(frozen=True)
class Finish:
    """All that blocked it is gone: take the finalizer `foregroundDeletion` off."""


@dataclass(frozen=True)
class DeleteDependents:
    """Look at those dependents that are not going yet."""

    dependents: tuple[Seen[Any], ...]


Action = Keep | Delete | Disown | Release | Finish | DeleteDependents


def plan(item: Seen[Any], owners: Sequence[tuple[Owner, OwnerState]], dependents: Sequence[Seen[Any]]) -> Action:
    """What becomes of `item`, given the state of each of its owners and the objects that it owns."""
    if item.deleting and ORPHAN in item.finalizers:
        return Release(tuple(dependents))
    if is_waiting(item):
        blocking = [each for each in dependents if _blocks(each, item)]
        return DeleteDependents(tuple(each for each in blocking if not each.deleting)) if blocking else Finish()
    if item.deleting or not owners:
        return Keep()
    going = frozenset(owner.uid for owner, state in owners if state is not OwnerState.SOLID)
    if not going:
        return Keep()
    if len(going) < len(owners):
        return Disown(going)
    waiting = any(state is OwnerState.WAITING for _, state in owners)
    return Delete("Foreground" if waiting and dependents else _policy(item))


def is_waiting(item: Seen[Any]) -> bool:
    """Whether it is being deleted in the foreground."""
    return item.deleting and FOREGROUND in item.finalizers


def _blocks(dependent: Seen[Any], owner: Seen[Any]) -> bool:
    return any(each.uid == owner.uid and each.blocks for each in dependent.owners)


def _policy(item: Seen[Any]) -> Literal["Background", "Foreground", "Orphan"]:
    if ORPHAN in item.finalizers:
        return "Orphan"
    return "Foreground" if FOREGROUND in item.finalizers else "Background"


async def run(context: Context) -> None:
    """Work until cancelled."""
    await _Collector(context).run()


class _Collector:
    def __init__(self, context: Context) -> None:
        self._cache = context.cache
        self._api = context.acting_as(NAME)
        self._queue: queue.WorkQueue[str] = queue.WorkQueue(context.clock)

    async def run(self) -> None:
        for informer in self._cache:
            informer.subscribe(self._on_change)
            for seen in informer.all():
                if seen.deleting or seen.owners:  # all others are kept
                    self._queue.add(seen.uid)
        await queue.work(self._queue, self._reconcile)

    def _on_change(self, old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        if new is None:
            assert old is not None
            self._queue_all(old)
        elif new.deleting or (new.owners and (old is None or old.owners != new.owners)):
            self._queue.add(new.uid)

    def _queue_all(self, gone: Seen[Any]) -> None:
        """Look at what the object owned, and at owners that waited for it."""
        for dependent in self._cache.dependents(gone.uid):
            self._queue.add(dependent.uid)
        for owner in gone.owners:
            self._queue.add(owner.uid)

    async def _reconcile(self, uid: str) -> None:
        item = self._cache.by_uid(uid)
        if item is None:
            return
        owners = [(owner, await self._state(item, owner)) for owner in item.owners]
        try:
            await self._carry_out(item, plan(item, owners, self._cache.dependents(uid)))
        except ApiError as error:
            if error.code != 404:  # gone meanwhile: what was wanted
                raise

    async def _state(self, item: Seen[Any], owner: Owner) -> OwnerState:
        seen = self._cache.by_uid(owner.uid)
        if seen is not None and seen.namespace in ("", item.namespace):
            return OwnerState.WAITING if is_waiting(seen) and owner.blocks else OwnerState.SOLID
        resource = self._cache.resource_of(owner.api_version, owner.kind)
        if resource is None:  # a kind that is not known here: nothing may be deleted for it
            return OwnerState.SOLID
        try:
            found = await self._api.get(resource, item.namespace if resource.namespaced else None, owner.name)
        except ApiError as error:
            if error.code != 404:
                raise
            return OwnerState.GONE
        return OwnerState.SOLID if found["metadata"]["uid"] == owner.uid else OwnerState.GONE

    async def _carry_out(self, item: Seen[Any], action: Action) -> None:
        match action:
            case Keep():
                pass
            case Delete(policy):
                options = DeleteOptions(propagation_policy=policy, uid=item.uid)
                await self._api.delete(item.resource, item.namespace or None, item.name, options)
            case Disown(uids):
                await self._disown(item, uids)
            case Release(dependents):
                for each in dependents:
                    await self._disown(each, frozenset([item.uid]))
                await self._drop_finalizer(item, ORPHAN)
            case Finish():
                await self._drop_finalizer(item, FOREGROUND)
            case DeleteDependents(dependents):
                for each in dependents:
                    self._queue.add(each.uid)

    async def _disown(self, item: Seen[Any], uids: frozenset[str]) -> None:
        def change(metadata: Object) -> None:
            kept = [each for each in metadata.get("ownerReferences") or () if each["uid"] not in uids]
            metadata["ownerReferences"] = kept

        await self._cache[item.resource].rewrite(self._api, item, change)

    async def _drop_finalizer(self, item: Seen[Any], finalizer: str) -> None:
        def change(metadata: Object) -> None:
            metadata["finalizers"] = [each for each in metadata.get("finalizers") or () if each != finalizer]

        await self._cache[item.resource].rewrite(self._api, item, change)
