"""The handler of kinds that are kept in the store and that clients may read, and no more."""

from pullscope.apiserver import paging
from pullscope.apiserver.changes import Changes
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.paging import Page
from pullscope.apiserver.selection import Selection
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.store.records import Listing
from pullscope.kube.api import Object


class Readable:
    """Get, list and watch."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._storage = Storage(kind, services)

    async def get(self, context: Context) -> Object:
        return await self._storage.get(context)

    async def list(self, context: Context, selection: Selection, page: Page = paging.ALL) -> Listing:
        return await self._storage.list(context, selection, page)

    async def watch(self, context: Context, selection: Selection, *, since: int | None, initial: bool) -> Changes:
        return await self._storage.watch(context, selection, since=since, initial=initial)
