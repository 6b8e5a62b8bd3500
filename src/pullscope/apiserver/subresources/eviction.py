"""`pods/eviction`: a deletion that disruption budgets may refuse; there are none here, so it never is.

Upstream: kubernetes v1.36 pkg/registry/core/pod/storage/eviction.go.
"""

from dataclasses import replace

from pullscope.apiserver import deletion, options, strategies
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind, Subresource
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.subresources.binding import CREATED
from pullscope.kube import meta
from pullscope.kube.api import DeleteOptions, Object

_CONDITION: Object = {
    "type": "DisruptionTarget",
    "status": "True",
    "reason": "EvictionByEvictionAPI",
    "message": "Eviction API: evicting",
    "lastProbeTime": None,
}


class Eviction:
    """Deletes the pod with the options that the eviction carries, and says in its conditions why it goes."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._resource = kind.resource
        self._storage = Storage(kind, services)
        self._clock = services.clock

    async def create(self, context: Context, obj: Object) -> Object:
        given = obj.get("deleteOptions") or {}
        context = replace(context, dry_run=options.dry_run(context.parameters, "DeleteOptions", given))
        asked = options.delete_options(given)
        if not context.dry_run:
            asked = await self._mark(context, asked)
        await self._storage.delete(context, asked)
        return dict(CREATED)

    async def _mark(self, context: Context, asked: DeleteOptions) -> DeleteOptions:
        """Write the condition; a version that is asked for is the pod's new one then."""

        def marked(pod: Object) -> Object:
            deletion.check_preconditions(self._resource, pod, asked)
            status = pod.get("status") or {}
            now = meta.timestamp(self._clock.now())
            return {
                **pod,
                "status": {**status, "conditions": meta.set_condition(status.get("conditions"), _CONDITION, now)},
            }

        pod = await self._storage.write(replace(context, manager=""), marked, strategies.STATUS)
        return replace(asked, resource_version=asked.resource_version and pod["metadata"]["resourceVersion"])


SUBRESOURCE = Subresource(Eviction, "Eviction", "policy", "v1")
