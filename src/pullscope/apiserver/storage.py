"""The handler of kinds that are kept in the store.

Upstream: k8s.io/apiserver v0.36 pkg/registry/generic/registry/store.go. Writers do not lock: a change is computed from the
object as it is and written only if it still is that; else it is computed anew.
"""

from dataclasses import replace

from pullscope.apiserver import deletion, managing, metadata, paging
from pullscope.apiserver.changes import Changes
from pullscope.apiserver.handlers import Change, Context
from pullscope.apiserver.kinds import Kind, Strategy
from pullscope.apiserver.paging import Page
from pullscope.apiserver.selection import Selection
from pullscope.apiserver.services import Services
from pullscope.apiserver.store import records
from pullscope.apiserver.store.records import Bookmark, Event, Key, Listing, Stored
from pullscope.kube import status, validation
from pullscope.kube.api import DeleteOptions, Object
from pullscope.kube.ownership.entries import UPDATE, Manager

_NAME_ATTEMPTS = 8  # upstream's maxNameGenerationCreateAttempts


class Storage:
    """Every verb, over the store."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._kind = kind
        self._resource = kind.resource
        self._store = services.store
        self._clock = services.clock

    def _key(self, context: Context) -> Key:
        return records.key(self._resource, context.namespace, context.name)

    async def get(self, context: Context) -> Object:
        minimum = paging.revision_of(context.parameters.get("resourceVersion", ""))
        paging.check_minimum(minimum, self._store.revision)
        return self._store.get(self._key(context)).object()

    async def list(self, context: Context, selection: Selection, page: Page = paging.ALL) -> Listing:
        paging.check_minimum(page.minimum, self._store.revision)
        everywhere = self._resource.namespaced and context.namespace is None
        try:
            listing = self._store.list(self._resource, context.namespace, node=selection.node, revision=page.revision)
        except status.ApiError as error:
            raise paging.too_old(page) if page.start and error.code == 410 else error from None
        return paging.cut(listing, page, selection, everywhere=everywhere)

    async def watch(self, context: Context, selection: Selection, *, since: int | None, initial: bool) -> Changes:
        if initial:
            minimum = paging.revision_of(context.parameters.get("resourceVersion", ""))
            paging.check_minimum(minimum, self._store.revision)
        listing = self._store.list(self._resource, context.namespace, node=selection.node)
        start = listing.revision if since is None or initial else since
        watch = self._store.watch(self._resource, context.namespace, revision=start, bookmarks=True)
        found = [Event("ADDED", stored) for stored in listing.items if initial and selection.matches(stored)]
        return Changes(watch, selection, [*found, Bookmark(listing.revision)] if initial else ())

    async def create(self, context: Context, obj: Object) -> Object:
        attempts = 1 if obj["metadata"].get("name") else _NAME_ATTEMPTS
        while True:
            attempts -= 1
            self._prepare(context, obj)
            try:
                return await self._insert(context, obj)
            except status.ApiError as error:
                if error.reason != "AlreadyExists" or not attempts:
                    raise
            del obj["metadata"]["name"]

    async def _insert(self, context: Context, obj: Object) -> Object:
        key = records.key(self._resource, context.namespace, obj["metadata"]["name"])
        if not context.dry_run:
            return _written(obj, await self._store.create(key, obj))
        if self._store.find(key) is not None:
            raise status.already_exists(self._resource, key.name)
        return obj

    def _prepare(self, context: Context, new: Object) -> None:
        metadata.at_creation(new, context.namespace, self._clock.now())
        self._kind.strategy.create(new)
        rule, namespaced = self._kind.name_rule, self._resource.namespaced
        found = [*validation.object_meta(new["metadata"], namespaced=namespaced, rule=rule)]
        found += self._kind.strategy.validate(new)
        if found:
            raise status.invalid(self._resource, new["metadata"].get("name", ""), found)

    async def update(self, context: Context, change: Change) -> Object:
        return await self.write(context, change, self._kind.strategy)

    async def write(self, context: Context, change: Change, strategy: Strategy) -> Object:
        """Write what `change` makes of the object, within what `strategy` lets this way of writing do."""
        while True:
            stored = self._store.get(self._key(context))
            new = self._changed(context, stored, change, strategy)
            if context.dry_run:
                return new
            try:
                return await self._put(stored, new)
            except status.ApiError as error:
                if error.reason != "Conflict":
                    raise
            # Another writer was faster: compute the change anew. What was asked for a certain version fails there.

    def _changed(self, context: Context, stored: Stored, change: Change, strategy: Strategy) -> Object:
        old = self._store.views.take(stored)
        # What a status write takes from the object as it was is not altered any more, so it may be shared with it.
        shared = context.builds and context.subresource == "status"
        new = self._kind.complete(change(old if shared else stored.object()))
        new["metadata"] = {**new["metadata"]}
        self._check_versions(new["metadata"], old["metadata"])
        metadata.at_update(new, old)
        strategy.update(new, old)
        if context.manager:
            writer = Manager(context.manager, UPDATE, context.subresource)
            managing.updated(new, old, self._kind, writer, self._clock.now())
        self._allocate(context, new, old)
        found = [*validation.object_meta_update(new["metadata"], old["metadata"])]
        found += strategy.validate_update(new, old)
        if found:
            raise status.invalid(self._resource, stored.key.name, found)
        return new

    def _allocate(self, context: Context, new: Object, old: Object) -> None:
        """Add to `new` what the server gives out and no writer manages: nothing here."""

    def _check_versions(self, new: Object, old: Object) -> None:
        given, uid = new.get("resourceVersion"), new.get("uid")
        if uid and uid != old["uid"]:
            why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {old['uid']}"
            raise status.conflict(self._resource, old["name"], why)
        if given and given != old["resourceVersion"]:
            raise status.conflict(self._resource, old["name"], status.MODIFIED)
        new["resourceVersion"] = old["resourceVersion"]

    async def _put(self, stored: Stored, new: Object) -> Object:
        if deletion.is_over(new):
            return (await self._store.delete(stored.key, expected=stored.revision)).object()
        return _written(new, await self._store.update(stored.key, new, expected=stored.revision))

    async def delete(self, context: Context, options: DeleteOptions) -> Object:
        while True:
            stored = self._store.get(self._key(context))
            obj = stored.object()
            deletion.check_preconditions(self._resource, obj, options)
            asked = deletion.defaulted(options, obj, orphans=self._kind.orphans)
            decision = deletion.decide(obj, asked, self._clock.now(), self._kind.grace)
            if context.dry_run:
                return self._foreseen(decision, stored)
            try:
                return await self._carry_out(decision, stored)
            except status.ApiError as error:
                if error.reason != "Conflict":
                    raise

    def _foreseen(self, decision: deletion.Decision, stored: Stored) -> Object:
        """What would be answered if the decision were carried out."""
        match decision:
            case deletion.Wait():
                return stored.object()
            case deletion.Mark(obj, then_remove):
                self._kind.mark(obj)
                return self._answer(obj) if then_remove else obj
        return self._answer(stored.object())

    async def _carry_out(self, decision: deletion.Decision, stored: Stored) -> Object:
        match decision:
            case deletion.Wait():
                return stored.object()
            case deletion.Mark(obj, then_remove):
                self._kind.mark(obj)
                marked = await self._store.update(stored.key, obj, expected=stored.revision)
                return await self._remove_marked(marked) if then_remove else marked.object()
        return self._answer((await self._store.delete(stored.key, expected=stored.revision)).object())

    async def _remove_marked(self, marked: Stored) -> Object:
        """Remove what is marked as over, whoever writes it meanwhile; such a writer may have removed it already."""
        last = marked.object()
        try:
            last = (await self._store.delete(marked.key, uid=last["metadata"]["uid"])).object()
        except status.ApiError as error:
            if error.reason not in ("NotFound", "Conflict"):
                raise
        return self._answer(last)

    def _answer(self, last: Object) -> Object:
        return last if self._kind.answers_with_object else deletion.gone(self._resource, last)

    async def delete_collection(
        self, context: Context, selection: Selection, page: Page, options: DeleteOptions
    ) -> Listing:
        listing = await self.list(context, selection, page)
        for stored in listing.items:
            each = replace(context, namespace=stored.key.namespace or None, name=stored.key.name)
            try:
                await self.delete(each, options)
            except status.ApiError as error:
                if error.reason != "NotFound":
                    raise
        return listing


def _written(obj: Object, stored: Stored) -> Object:
    """What was written, as it is now: nothing but its version is another."""
    obj["metadata"]["resourceVersion"] = str(stored.revision)
    return obj
