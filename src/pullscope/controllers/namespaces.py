"""The namespace controller: empties a namespace that is being deleted, then lets it go.

Upstream: pkg/controller/namespace (namespace_controller.go, deletion/namespaced_resources_deleter.go,
deletion/status_condition_utils.go), v1.36.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pullscope.controllers import queue
from pullscope.controllers.cache import Seen, nothing, see
from pullscope.controllers.context import Context
from pullscope.kube import meta, resources
from pullscope.kube.api import DeleteOptions, Object
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError

NAME = "namespace-controller"
FINALIZER = "kubernetes"

Content = Mapping[Resource, Sequence[Seen[Any]]]


@dataclass(frozen=True)
class Plan:
    """`delete` what is not going yet; write `status`; with `finalize` the namespace is empty and may go."""

    delete: tuple[Seen[Any], ...]
    status: Object
    finalize: bool


def plan(namespace: Object, content: Content, now: datetime) -> Plan | None:
    """The next step for a namespace with this content; None when it is not being deleted."""
    if namespace["metadata"].get("deletionTimestamp") is None:
        return None
    everything = [seen for each in content.values() for seen in each]
    conditions: Sequence[Object] = (namespace.get("status") or {}).get("conditions") or ()
    for condition in _conditions(content):
        old = meta.get_condition(conditions, condition["type"])
        if old is None or any(old.get(key) != value for key, value in condition.items()):
            conditions = meta.set_condition(conditions, condition, meta.timestamp(now))
    status = {**(namespace.get("status") or {}), "conditions": list(conditions)}
    return Plan(tuple(seen for seen in everything if not seen.deleting), status, finalize=not everything)


def _conditions(content: Content) -> list[Object]:
    remaining = sorted(
        f"{resource.plural}.{resource.group} has {len(items)} resource instances"
        for resource, items in content.items()
        if items
    )
    counts: dict[str, int] = {}
    for finalizer in (name for items in content.values() for seen in items for name in seen.finalizers):
        counts[finalizer] = counts.get(finalizer, 0) + 1
    held = sorted(f"{name} in {count} resource instances" for name, count in counts.items())
    return [
        _condition("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
        _condition(
            "NamespaceDeletionGroupVersionParsingFailure",
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
        ),
        _condition(
            "NamespaceDeletionContentFailure",
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization",
        ),
        _condition("NamespaceContentRemaining", "ContentRemoved", "All content successfully removed")
        if not remaining
        else _condition(
            "NamespaceContentRemaining",
            "SomeResourcesRemain",
            f"Some resources are remaining: {', '.join(remaining)}",
            status="True",
        ),
        _condition(
            "NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished"
        )
        if not held
        else _condition(
            "NamespaceFinalizersRemaining",
            "SomeFinalizersRemain",
            f"Some content in the namespace has finalizers remaining: {', '.join(held)}",
            status="True",
        ),
    ]


def _condition(type: str, reason: str, message: str, *, status: str = "False") -> Object:  # noqa: A002 (the field's own word)
    return {"type": type, "status": status, "reason": reason, "message": message}


async def run(context: Context) -> None:
    """Work until cancelled."""
    await _Controller(context).run()


class _Controller:
    def __init__(self, context: Context) -> None:
        self._cache = context.cache
        self._clock = context.clock
        self._api = context.acting_as(NAME)
        self._queue: queue.WorkQueue[str] = queue.WorkQueue(context.clock)
        self._namespaces = context.cache[resources.NAMESPACES]

    async def run(self) -> None:
        for informer in self._cache:
            informer.subscribe(self._on_content)
        self._namespaces.subscribe(self._on_namespace)
        for seen in self._namespaces.all():
            self._on_namespace(None, seen)
        await queue.work(self._queue, self._reconcile)

    def _on_namespace(self, _old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        if new is not None and new.deleting:
            self._queue.add(new.name)

    def _on_content(self, old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        """Something went (or came late) in a namespace that may be going."""
        seen = new or old
        if seen is None or not seen.namespace:
            return
        namespace = self._namespaces.get(("", seen.namespace))
        if namespace is not None and namespace.deleting:
            self._queue.add(seen.namespace)

    async def _reconcile(self, name: str) -> None:
        seen = self._namespaces.get(("", name))
        if seen is None or not seen.deleting:
            return
        # The cache says when to look; what is there at the end, and which events, only the API knows.
        content = self._cached(name) or await self._listed(name)
        planned = plan(seen.view, content, self._clock.now())
        assert planned is not None
        for each in planned.delete:
            await self._delete(each)
        namespace = await self._write_status(seen.view, planned.status)
        if planned.finalize:
            finalizers = [each for each in namespace["spec"].get("finalizers") or () if each != FINALIZER]
            freed = {**namespace, "spec": {**namespace["spec"], "finalizers": finalizers}}
            await self._api.update(resources.NAMESPACES, None, freed, subresource="finalize")

    def _cached(self, name: str) -> Content:
        found = {informer.resource: informer.in_namespace(name) for informer in self._cache}
        return {resource: items for resource, items in found.items() if items}

    async def _listed(self, name: str) -> Content:
        found = {}
        kept = [informer.resource for informer in self._cache if informer.resource.namespaced]
        for resource in [*kept, resources.EVENTS]:
            listed = await self._api.list(resource, name)
            found[resource] = [see(resource, obj, nothing) for obj in listed.items]
        return found

    async def _delete(self, seen: Seen[Any]) -> None:
        try:
            await self._api.delete(
                seen.resource, seen.namespace, seen.name, DeleteOptions(propagation_policy="Background", uid=seen.uid)
            )
        except ApiError as error:
            if error.code not in (404, 409):  # it went by itself, or another one has the name: the next look tells
                raise
        if seen.resource == resources.EVENTS:
            self._queue.add(seen.namespace)  # no cache of events would say that it is gone

    async def _write_status(self, namespace: Object, status: Object) -> Object:
        if status == namespace.get("status"):
            return namespace
        updated = {**namespace, "status": status}
        written = await self._api.update(resources.NAMESPACES, None, updated, subresource="status")
        self._namespaces.absorb(written)
        return written
