"""`…/scale`: the number of replicas as an object of its own, autoscaling/v1 Scale.

Upstream: kubernetes v1.36 pkg/registry/apps/deployment/storage/storage.go (ScaleREST, scaleFromDeployment).
"""

from pullscope.apiserver.handlers import Change, Context
from pullscope.apiserver.kinds import Kind, Subresource
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.kube import causes, selectors, status
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource

SCALE = Resource("autoscaling", "v1", "scales", "Scale")
_SHOWN = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


class Scale:
    """Reads and writes `spec.replicas` of the object that it scales."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._kind = kind
        self._storage = Storage(kind, services)

    async def get(self, context: Context) -> Object:
        return of_object(await self._storage.get(context))

    async def update(self, context: Context, change: Change) -> Object:
        def scaled(obj: Object) -> Object:
            wanted = change(of_object(obj))
            _check(wanted, context.name)
            obj["spec"]["replicas"] = (wanted.get("spec") or {}).get("replicas", 0)
            if version := wanted["metadata"].get("resourceVersion"):
                obj["metadata"]["resourceVersion"] = version
            return obj

        return of_object(await self._storage.write(context, scaled, self._kind.strategy))


def of_object(obj: Object) -> Object:
    """The Scale of a Deployment or ReplicaSet."""
    return {
        "kind": SCALE.kind,
        "apiVersion": SCALE.api_version,
        "metadata": {field: obj["metadata"][field] for field in _SHOWN if field in obj["metadata"]},
        "spec": {"replicas": obj["spec"].get("replicas", 0)},
        "status": {
            "replicas": obj.get("status", {}).get("replicas", 0),
            "selector": str(selectors.as_selector(obj["spec"].get("selector"))),
        },
    }


def to_parent(config: Object, resource: Resource) -> Object:
    """A Scale that is applied, as the configuration of what it scales that it is (upstream: managedfields.ScaleHandler)."""
    head = {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": config.get("metadata") or {}}
    replicas = {name: value for name, value in (config.get("spec") or {}).items() if name == "replicas"}
    return {**head, **({"spec": replicas} if replicas else {})}


def _check(scale: Object, name: str) -> None:
    replicas = (scale.get("spec") or {}).get("replicas", 0)
    if replicas < 0:
        cause = causes.invalid("spec.replicas", replicas, "must be greater than or equal to 0")
        raise status.invalid(SCALE, name, [cause])


SUBRESOURCE = Subresource(Scale, SCALE.kind, SCALE.group, SCALE.version)
