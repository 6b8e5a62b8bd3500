"""`pods/eviction`: a deletion that disruption budgets may refuse; there are none here, so it never is.

Upstream: kubernetes v1.36 pkg/registry/core/pod/storage/eviction.go.
"""

from dataclasses import replace

from pullscope.apiserver import options
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind, Subresource
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.subresources.binding import CREATED
from pullscope.kube.api import Object


class Eviction:
    """Deletes the pod with the options that the eviction carries."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._storage = Storage(kind, services)

    async def create(self, context: Context, obj: Object) -> Object:
        given = obj.get("deleteOptions") or {}
        context = replace(context, dry_run=options.dry_run(context.parameters, given))
        await self._storage.delete(context, options.delete_options(given))
        return dict(CREATED)


SUBRESOURCE = Subresource(Eviction, "Eviction", "policy", "v1")
