"""`pods/binding`: how the scheduler puts a pod on a node.

Upstream: kubernetes v1.36 pkg/registry/core/pod/storage/storage.go (BindingREST, setPodNodeAndMetadata).
"""

from dataclasses import replace

from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind, Strategy, Subresource
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.kube import causes, meta, status
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource

BINDINGS = Resource("", "v1", "bindings", "Binding")
CREATED: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}


class Binding:
    """Sets `spec.nodeName`, once."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._resource = kind.resource
        self._storage = Storage(kind, services)
        self._clock = services.clock

    async def create(self, context: Context, obj: Object) -> Object:
        target = obj.get("target") or {}
        _check(target, context.name)

        def bound(pod: Object) -> Object:
            self._refuse(pod, obj["metadata"].get("uid"))
            pod["spec"]["nodeName"] = target["name"]
            state = pod.setdefault("status", {})
            scheduled = {"type": "PodScheduled", "status": "True", "lastProbeTime": None}
            if generation := pod["metadata"].get("generation"):
                scheduled["observedGeneration"] = generation
            now = meta.timestamp(self._clock.now())
            state["conditions"] = meta.set_condition(state.get("conditions"), scheduled, now)
            for field in ("labels", "annotations"):
                if given := obj["metadata"].get(field):
                    pod["metadata"][field] = {**pod["metadata"].get(field, {}), **given}
            return pod

        await self._storage.write(replace(context, manager=""), bound, Strategy())  # as upstream, nobody manages it
        return dict(CREATED)

    def _refuse(self, pod: Object, uid: str | None) -> None:
        name, node = pod["metadata"]["name"], pod["spec"].get("nodeName")
        if uid and uid != pod["metadata"]["uid"]:
            why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {pod['metadata']['uid']}"
            raise status.conflict(self._resource, name, why)
        if "deletionTimestamp" in pod["metadata"]:
            why = f"pod {name} is being deleted, cannot be assigned to a host"
            raise _not_bound(name, why)
        if node:
            raise _not_bound(name, f'pod {name} is already assigned to node "{node}"')


def _not_bound(name: str, why: str) -> status.ApiError:
    return status.conflict(Resource("", "v1", "pods/binding", "Binding"), name, why)


def _check(target: Object, name: str) -> None:
    found = []
    if target.get("kind") not in ("", None, "Node"):
        found.append(causes.not_supported("target.kind", target["kind"], ["Node", "<empty>"]))
    if not target.get("name"):
        found.append(causes.required("target.name"))
    if found:
        raise status.invalid(BINDINGS, name, found)


SUBRESOURCE = Subresource(Binding, BINDINGS.kind)
