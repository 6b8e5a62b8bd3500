"""`…/finalize`: how the namespace controller says that a namespace is empty, by taking a finalizer off its spec.

Upstream: kubernetes v1.36 pkg/registry/core/namespace/storage/storage.go (FinalizeREST).
"""

from pullscope.apiserver import strategies
from pullscope.apiserver.handlers import Change, Context
from pullscope.apiserver.kinds import Kind, Strategy, Subresource
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.kube.api import Object

_STRATEGY = Strategy(update=strategies.keep_status)


class Finalize:
    """Writes `spec.finalizers`; without any, a namespace that is being deleted goes."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._storage = Storage(kind, services)

    async def update(self, context: Context, change: Change) -> Object:
        return await self._storage.write(context, change, _STRATEGY)


SUBRESOURCE = Subresource(Finalize, "Namespace")
