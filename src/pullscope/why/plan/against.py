"""A plan on a cluster as it is: what its nodes have and its registries say, and so what a pod made now would get."""

from dataclasses import replace

from pullscope.why import case, facts, forecast
from pullscope.why.collect import collect
from pullscope.why.collect.collect import How, Server
from pullscope.why.facts import Container, Template
from pullscope.why.plan.planned import Plan, Planned
from pullscope.why.world import World


async def fill(plan: Plan, cluster: Server, namespace: str, how: How) -> Plan:
    """The plan with forecasts; `namespace` is that of manifests that name none. Raises UnreachableError."""
    made = [_container(planned, namespace) for planned in plan.containers]
    seen = await collect.around(cluster, tuple(each for each in made if each), how)
    world = World(seen)
    filled = tuple(
        replace(planned, forecast=forecast.of(case.of(container, world)) if container else ())
        for planned, container in zip(plan.containers, made, strict=True)
    )
    return Plan(filled, f"{seen.cluster.server} {seen.cluster.version}".rstrip(), seen.unseen)


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
