"""A plan on a cluster as it is: what its nodes have and its registries say, and so what a pod made now would get."""

from dataclasses import replace

from pullscope.why import case, facts, forecast, kubelets
from pullscope.why.collect import collect
from pullscope.why.collect.collect import How, Server
from pullscope.why.facts import Container, Facts, Template
from pullscope.why.kubelets import Kubelet
from pullscope.why.plan import planning
from pullscope.why.plan.planned import Plan, Planned, There
from pullscope.why.world import World


async def fill(plan: Plan, cluster: Server, namespace: str, how: How) -> Plan:
    """The plan with forecasts; `namespace` is that of manifests that name none. Raises UnreachableError."""
    made = [_container(planned, namespace) for planned in plan.containers]
    seen = await collect.around(cluster, tuple(each for each in made if each), how)
    there = planning.on(plan, _kubelets(seen))
    world, admitted = World(seen), iter(seen.containers)
    filled = tuple(
        replace(planned, forecast=forecast.of(case.of(next(admitted), world)) if container else ())
        for planned, container in zip(there.containers, made, strict=True)
    )
    server = f"{seen.cluster.server} {seen.cluster.version}".rstrip()
    return replace(there, containers=filled, server=server, unseen=seen.unseen)


def _kubelets(seen: Facts) -> tuple[There, ...]:
    """Those of the nodes that take pods, the newest first; where nodes may not be read, one of the API server's release."""
    found: dict[Kubelet, list[str]] = {}
    for node in (seen.nodes or {}).values():
        if node.schedulable:
            found.setdefault(kubelets.of(node, seen.cluster.version), []).append(node.name)
    if not found:
        return (There(kubelets.of(None, seen.cluster.version)),)
    newest = sorted(found, key=lambda kubelet: kubelet.release, reverse=True)
    return tuple(There(kubelet, tuple(found[kubelet])) for kubelet in newest)


def _container(planned: Planned, namespace: str) -> Container | None:
    """The container as the API server would store it; None where it would not."""
    written = planned.written
    if planned.policy is None or not planned.image.strip():
        return None
    secrets = written.workload.spec.get("imagePullSecrets")
    return Container(
        namespace=written.workload.namespace or namespace,
        pod="",
        uid="",
        workload=facts.Workload(written.workload.kind, written.workload.name),
        name=written.name,
        image=planned.image,
        policy=planned.policy,
        kind=written.kind,
        template=Template(planned.image, planned.policy, "written" if planned.origin == "written" else "defaulted"),
        service_account=written.workload.spec.said("serviceAccountName") or "default",
        pull_secrets=tuple(each.said("name") for each in (secrets.items if secrets else ())),
        trigger=written.trigger,
        trigger_paused=written.paused,
    )
