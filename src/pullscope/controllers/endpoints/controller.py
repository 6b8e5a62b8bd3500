"""The loop of both endpoints controllers: a service, or a pod behind it, changed.

Upstream: pkg/controller/endpoint/endpoints_controller.go and pkg/controller/endpointslice/endpointslice_controller.go, v1.36.
"""

from typing import Any

from pullscope.controllers import queue
from pullscope.controllers.cache import Key, Seen
from pullscope.controllers.context import Context, is_namespace_terminating
from pullscope.controllers.endpoints import backends, slices, subsets
from pullscope.controllers.pods import PodView
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError

WORKERS = 5
_REST = 0.5
"""A service with thousands of pods is looked at twice a second at most while they start."""

S, E, L = resources.SERVICES, resources.ENDPOINTS, resources.ENDPOINT_SLICES


async def run(context: Context) -> None:
    """Work until cancelled."""
    await _Controller(context).run()


class _Controller:
    def __init__(self, context: Context) -> None:
        self._api = context.acting_as("endpoint-controller")
        self._slices_api = context.acting_as("endpointslice-controller")
        self._queue: queue.WorkQueue[Key] = queue.WorkQueue(context.clock, rest=queue.briefly)
        self._services = context.cache[S]
        self._endpoints = context.cache[E]
        self._slices = context.cache[L]
        self._pods = context.cache[resources.PODS]

    async def run(self) -> None:
        self._services.subscribe(self._on_service)
        self._endpoints.subscribe(self._on_endpoints)
        self._slices.subscribe(self._on_slice)
        self._pods.subscribe(self._on_pod)
        for seen in self._services.all():
            self._queue.add(seen.key)
        await queue.work(self._queue, self._reconcile, workers=WORKERS)

    def _on_service(self, old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        for seen in (old, new):
            if seen is not None:
                self._queue.add(seen.key)

    def _on_endpoints(self, old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        self._on_service(old, new)  # they have one name

    def _on_slice(self, old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        for seen in (old, new):
            if seen is not None and _service_of(seen):
                self._queue.add((seen.namespace, _service_of(seen)))

    def _on_pod(self, old: Seen[PodView] | None, new: Seen[PodView] | None) -> None:
        if _matter(old) == _matter(new):
            return
        for pod in (old, new):
            for service in self._services.in_namespace(pod.namespace) if pod is not None else ():
                if pod is not None and backends.selects(service.view, pod.view):
                    self._queue.add(service.key)

    async def _reconcile(self, key: Key) -> None:
        service = self._services.get(key)
        try:
            if service is None:
                await self._remove(key)
            elif backends.is_managed(service.view) and not service.deleting:
                await self._write(service)
        except ApiError as error:
            if not is_namespace_terminating(error):
                raise

    async def _remove(self, key: Key) -> None:
        """The Endpoints of a service that is gone, unless somebody else made them; its slices are its own and go with it."""
        existing = self._endpoints.get(key)
        if existing is None or not subsets.MANAGED_BY.items() <= _labels(existing).items():
            return
        try:
            await self._api.delete(E, *key)
        except ApiError as error:
            if error.code != 404:
                raise

    async def _write(self, service: Seen[Any]) -> None:
        found = backends.of(service.view, self._pods.in_namespace(service.namespace))
        existing = self._endpoints.get(service.key)
        wanted = subsets.plan(service.view, found, existing.view if existing is not None else None)
        if wanted is not None:
            write = self._api.create if existing is None else self._api.update
            self._endpoints.absorb(await write(E, service.namespace, wanted))
        own = [each.view for each in self._slices.owned_by(service.uid) if not each.deleting and _is_ours(each)]
        await self._write_slices(service.namespace, slices.plan(service.view, found, own))

    async def _write_slices(self, namespace: str, planned: slices.Plan) -> None:
        for new in planned.create:
            self._slices.absorb(await self._slices_api.create(L, namespace, new))
        for changed in planned.update:
            self._slices.absorb(await self._slices_api.update(L, namespace, changed))
        for name in planned.delete:
            await self._slices_api.delete(L, namespace, name)


def _labels(seen: Seen[Any]) -> Object:
    return seen.view["metadata"].get("labels") or {}


def _service_of(seen: Seen[Any]) -> str:
    return str(_labels(seen).get(slices.SERVICE, ""))


def _is_ours(seen: Seen[Any]) -> bool:
    return bool(_labels(seen).get(slices.MANAGED_BY) == slices.MANAGER)


def _matter(pod: Seen[PodView] | None) -> tuple[Any, ...] | None:
    """What of a pod its services' endpoints show."""
    if pod is None:
        return None
    view = pod.view
    return (pod.uid, pod.deleting, view.ip, view.ready, view.finished, view.node, view.labels, view.ports)
