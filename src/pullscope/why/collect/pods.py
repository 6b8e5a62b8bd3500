"""The pods of a scope, page by page; of those that are named by their workload, the ones below it.

Pods that have ended, or are about to go, run nothing: they are passed over, unless they were asked for by name.
"""

from collections.abc import Callable

from pullscope.kube import resources
from pullscope.why.collect import containers, listing
from pullscope.why.collect.containers import Seen
from pullscope.why.collect.listing import Reader
from pullscope.why.collect.scope import Named, Scope
from pullscope.why.collect.shapes import Controller, Pod
from pullscope.why.collect.workloads import Workloads

_FINITE = ("Job", "CronJob")


async def read(cluster: Reader, scope: Scope, told: Callable[[str], None]) -> tuple[list[Seen], dict[str, Named]]:
    """Candidates, and the UIDs of the controllers that were named: `below` chooses. Raises ApiError, UnreachableError."""
    found: dict[str, Seen] = {}
    controllers: dict[str, Named] = {}
    for named in scope.names:
        if named.kind == resources.PODS:
            pod = await listing.one(cluster, named.kind, scope.namespace, named.name, Pod)
            found[pod.metadata.uid] = containers.seen(pod)
            continue
        controller = await listing.one(cluster, named.kind, scope.namespace, named.name, Controller)
        controllers[controller.metadata.uid] = named
        for each in await _listed(cluster, scope, _selector(controller), told, finished=named.kind.kind in _FINITE):
            found.setdefault(each.metadata.uid, each)
    if not scope.names:
        return await _listed(cluster, scope, scope.labels, told), {}
    return list(found.values()), controllers


def below(pods: list[Seen], controllers: dict[str, Named], scope: Scope, known: Workloads) -> list[Seen]:
    """The candidates that were meant: named themselves, or below a controller that was."""
    if not scope.names:
        return pods
    named = {each.name for each in scope.names if each.kind == resources.PODS}
    return [
        pod
        for pod in pods
        if pod.metadata.name in named or any(owner.uid in controllers for owner in known.chain(pod.metadata.controller))
    ]


async def _listed(
    cluster: Reader, scope: Scope, labels: str, told: Callable[[str], None], *, finished: bool = False
) -> list[Seen]:
    found: list[Seen] = []
    async for page in listing.pages(cluster, resources.PODS, scope.namespace, Pod, labels=labels):
        found += [containers.seen(pod) for pod in page if finished or containers.runs(pod)]
        told(f"{len(found)} pods")
    return found


def _selector(controller: Controller) -> str:
    """The selector's labels in selector syntax: enough to leave most of the others out, ownership decides."""
    selector = controller.spec.selector or {}
    labels = selector.get("matchLabels", {}) if {"matchLabels", "matchExpressions"} & selector.keys() else selector
    return ",".join(f"{name}={value}" for name, value in labels.items()) if isinstance(labels, dict) else ""
