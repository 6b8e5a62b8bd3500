"""Remove what runs made, found by its labels: at the end of a run, and what killed runs left behind.

Only what is labelled as ours is touched. What is removed goes with what it owns (a Deployment with its pods).
"""

from dataclasses import dataclass

from pullscope.kube import resources
from pullscope.kube.api import Api, DeleteOptions, Object
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError
from pullscope.verify import objects

KINDS = (resources.DEPLOYMENTS, resources.PODS, resources.SECRETS, resources.IMAGE_STREAMS)
"""What a run makes in a namespace, in the order in which it must go."""

_NONE_OF_OURS = (403, 404, 405)


@dataclass(frozen=True)
class Found:
    """An object of a run."""

    resource: Resource
    namespace: str | None
    name: str
    run: str

    def __str__(self) -> str:
        where = f" in {self.namespace}" if self.namespace else ""
        return f"{self.resource.singular} {self.name}{where}"


async def in_namespace(api: Api, namespace: str, run: str = "") -> list[Found]:
    """The objects of a run (empty: of all runs) in a namespace that are not going already. Raises ApiError."""
    selector = ",".join([objects.OURS, *([f"{objects.RUN}={run}"] if run else [])])
    return [
        Found(resource, namespace, each["metadata"]["name"], _run(each))
        for resource in KINDS
        for each in await _listed(api, resource, namespace, selector)
        if not _owned(each) and not each["metadata"].get("deletionTimestamp")
    ]


async def namespaces(api: Api) -> list[Found]:
    """The namespaces (on OpenShift: projects) that runs made; none where they may not be listed."""
    made = await _listed(api, resources.NAMESPACES, None, objects.OURS)
    found = {each["metadata"]["name"]: (resources.NAMESPACES, _run(each)) for each in made}
    for each in await _listed(api, resources.PROJECTS, None, ""):
        said = str((each["metadata"].get("annotations") or {}).get("openshift.io/description", ""))
        run = said.rpartition(" ")[2]
        if said == objects.description(run):
            found.setdefault(each["metadata"]["name"], (resources.PROJECTS, run))
    return [Found(kind, None, name, run) for name, (kind, run) in found.items()]


async def remove(api: Api, found: Found) -> bool:
    """Delete it; False when it was gone already. Raises ApiError."""
    try:
        options = DeleteOptions(propagation_policy="Background")
        await api.delete(found.resource, found.namespace, found.name, options)
    except ApiError as error:
        if error.code != 404:
            raise
        return False
    return True


def _owned(obj: Object) -> bool:
    """Whether it goes with its owner."""
    return bool(obj["metadata"].get("ownerReferences"))


def _run(obj: Object) -> str:
    return str((obj["metadata"].get("labels") or {}).get(objects.RUN, ""))


async def _listed(api: Api, resource: Resource, namespace: str | None, selector: str) -> list[Object]:
    """Nothing where the cluster has no such kind, or does not let us list it: then we made none."""
    try:
        return (await api.list(resource, namespace, labels=selector)).items
    except ApiError as error:
        if error.code not in _NONE_OF_OURS:
            raise
        return []
