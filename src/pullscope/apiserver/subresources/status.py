"""`…/status`: what controllers and kubelets write, without touching what users want."""

from pullscope.apiserver import strategies
from pullscope.apiserver.handlers import Change, Context
from pullscope.apiserver.kinds import Kind, Subresource
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.kube.api import Object


class Status:
    """Reads the whole object, writes its status."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._storage = Storage(kind, services)

    async def get(self, context: Context) -> Object:
        return await self._storage.get(context)

    async def update(self, context: Context, change: Change) -> Object:
        return await self._storage.write(context, change, strategies.STATUS)


def of(kind: str) -> Subresource:
    """The status subresource of a kind, for its `subresources`."""
    return Subresource(Status, kind)
