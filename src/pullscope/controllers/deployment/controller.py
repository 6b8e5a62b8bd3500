"""The deployment controller's loop: from changes to plans, from plans to writes and events.

Upstream: pkg/controller/deployment/deployment_controller.go v1.36.
"""

from typing import Any

from pullscope.controllers import claims, queue
from pullscope.controllers.cache import Key, Seen
from pullscope.controllers.context import Context, is_namespace_terminating
from pullscope.controllers.deployment import facts, status
from pullscope.controllers.deployment import plan as planning
from pullscope.kube import events, meta, resources
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError

NAME = "deployment-controller"
WORKERS = 5

D, R = resources.DEPLOYMENTS, resources.REPLICA_SETS


async def run(context: Context) -> None:
    """Work until cancelled."""
    await _Controller(context).run()


class _Controller:
    def __init__(self, context: Context) -> None:
        self._clock = context.clock
        self._api = context.acting_as(NAME)
        self._recorder = events.Recorder(self._api, NAME, context.clock)
        self._queue: queue.WorkQueue[Key] = queue.WorkQueue(context.clock)
        self._deployments = context.cache[D]
        self._replica_sets = context.cache[R]
        self._pods = context.cache[resources.PODS]

    async def run(self) -> None:
        self._deployments.subscribe(self._on_deployment)
        self._replica_sets.subscribe(self._on_replica_set)
        self._pods.subscribe(self._on_pod)
        for seen in self._deployments.all():
            self._queue.add(seen.key)
        await queue.work(self._queue, self._reconcile, workers=WORKERS)

    def _on_deployment(self, old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        for seen in filter(None, (new or old,)):
            self._queue.add(seen.key)

    def _on_replica_set(self, old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        for key in claims.owner_keys(D.kind, old, new):
            self._queue.add(key)
        if new is not None and new.controller is None:
            for key in claims.adopters(self._deployments, new.namespace, new.view["metadata"].get("labels")):
                self._queue.add(key)

    def _on_pod(self, old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        """A pod that is gone may be the last one that a Recreate waits for."""
        if new is not None and not new.view.finished:
            return
        for key in claims.owner_keys(R.kind, old):
            self._queue_recreating(self._replica_sets.get(key))

    def _queue_recreating(self, replica_set: Seen[Any] | None) -> None:
        for key in claims.owner_keys(D.kind, replica_set):
            deployment = self._deployments.get(key)
            if deployment is not None and _recreates(deployment):
                self._queue.add(key)

    async def _reconcile(self, key: Key) -> float | None:
        seen = self._deployments.get(key)
        if seen is None:
            return None
        owned = await self._claim(seen)
        unfinished = {each.name: self._unfinished_pods(each) for each in owned} if _recreates(seen) else {}
        planned = planning.plan(seen.view, [each.view for each in owned], unfinished, self._clock.now())
        for action in planned.actions:
            await self._carry_out(seen.view, action)
        return planned.again

    async def _claim(self, seen: Seen[Any]) -> list[Seen[Any]]:
        """The deployment's replica sets, after adopting and releasing."""
        sets = self._replica_sets.in_namespace(seen.namespace)
        candidates = [(each, each.view["metadata"].get("labels") or {}) for each in sets]
        return await claims.claim(seen, candidates, self._api, self._replica_sets)

    def _unfinished_pods(self, replica_set: Seen[Any]) -> int:
        return sum(not pod.view.finished for pod in self._pods.owned_by(replica_set.uid))

    async def _carry_out(self, deployment: Object, action: planning.Action) -> None:
        namespace = deployment["metadata"]["namespace"]
        match action:
            case planning.Create(obj):
                await self._create(deployment, obj)
            case planning.Resize(name, before, after, annotations):
                patch = {"metadata": {"annotations": annotations}, "spec": {"replicas": after}}
                self._replica_sets.absorb(await self._api.patch(R, namespace, name, patch))
                await self._tell_scaled(deployment, name, before, after)
            case planning.Annotate(name, annotations, min_ready_seconds):
                patch = {"metadata": {"annotations": annotations}, "spec": {"minReadySeconds": min_ready_seconds}}
                self._replica_sets.absorb(await self._api.patch(R, namespace, name, patch))
            case planning.Delete(name):
                await self._api.delete(R, namespace, name)
            case planning.UpdateStatus(after, revision):
                await self._update_status(deployment, after, revision)

    async def _create(self, deployment: Object, obj: Object) -> None:
        name, size = obj["metadata"]["name"], obj["spec"]["replicas"]
        try:
            created = await self._api.create(R, obj["metadata"]["namespace"], obj)
        except ApiError as error:
            if error.reason == "AlreadyExists":
                await self._collide(deployment, obj)
            elif not is_namespace_terminating(error):
                await self._tell_create_failed(deployment, name, error)
            raise
        self._replica_sets.absorb(created)
        await self._tell_scaled(deployment, name, 0, size)

    async def _collide(self, deployment: Object, obj: Object) -> None:
        """The name is taken: by our own (the cache was late), or by another template with the same hash."""
        existing = await self._api.get(R, obj["metadata"]["namespace"], obj["metadata"]["name"])
        self._replica_sets.absorb(existing)
        theirs, ours = (facts.template_without_hash(each["spec"]["template"]) for each in (existing, obj))
        if theirs == ours and meta.is_controlled_by(existing, deployment):
            return
        before = deployment.get("status") or {}
        await self._update_status(deployment, {**before, "collisionCount": before.get("collisionCount", 0) + 1}, None)

    async def _tell_create_failed(self, deployment: Object, name: str, error: ApiError) -> None:
        message = f'Failed to create new replica set "{name}": {error.message}'
        before = deployment.get("status") or {}
        if facts.deployment(deployment).deadline is not None:
            failed = status.Condition("Progressing", "False", status.FAILED_CREATE_REASON, message)
            conditions = status.put(before.get("conditions") or [], failed, self._clock.now())
            await self._update_status(deployment, {**before, "conditions": conditions}, None)
        await self._recorder.event(deployment, "Warning", status.FAILED_CREATE_REASON, message)

    async def _tell_scaled(self, deployment: Object, name: str, before: int, after: int) -> None:
        if before == after:
            return
        direction = "up" if after > before else "down"
        message = f"Scaled {direction} replica set {name} from {before} to {after}"
        await self._recorder.event(deployment, "Normal", "ScalingReplicaSet", message)

    async def _update_status(self, deployment: Object, after: Object, revision: str | None) -> None:
        metadata = deployment["metadata"]
        if revision is not None:
            metadata = {**metadata, "annotations": {**(metadata.get("annotations") or {}), facts.REVISION: revision}}
        updated = {**deployment, "metadata": metadata, "status": after}
        self._deployments.absorb(await self._api.update(D, metadata["namespace"], updated, subresource="status"))


def _recreates(deployment: Seen[Any]) -> bool:
    """Whether its strategy waits for pods; any other never asks how many there are."""
    return bool(deployment.view["spec"]["strategy"]["type"] == "Recreate")
