"""① The policy: create the Deployment, and watch what becomes of its pod."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace

from pullscope.kube import meta, resources
from pullscope.kube.api import Object
from pullscope.pull import reasons
from pullscope.verify import evidence, objects, pods
from pullscope.verify.case import Case
from pullscope.verify.stage import Ground
from pullscope.verify.watcher import SeenPod

Create = Callable[[Object], Awaitable[Object]]
"""Creates a Deployment and returns it as the API server has it. Raises ApiError."""

_EVENTS = 0.2  # of what a program may take to speak: the last event comes after the status, on its own way


@dataclass(frozen=True)
class Deployed:
    """A Deployment that was created at `start` (monotonic), and its first pod; None when none appeared in time.

    `owners` are the uids of its ReplicaSets, which tell why there is no pod.
    """

    deployment: Object
    start: float
    seen: SeenPod | None
    settled: bool
    owners: frozenset[str] = frozenset()

    def pod(self) -> evidence.Pod | None:
        """The pod as evidence."""
        return pods.describe(self.seen.latest, self.seen.timeline(self.start)) if self.seen else None

    def seconds(self) -> float | None:
        """When the outcome was seen."""
        return self.seen.timeline(self.start)[-1].seconds if self.seen and self.settled else None


async def deploy(stage: Ground, case: Case, image: str, create: Create) -> Deployed:
    """Create the case's Deployment and wait until its pod runs or fails, and until the event that tells so came."""
    start = stage.clock.monotonic()
    wanted = objects.deployment(stage.run, case, image, stage.fit)
    created = await create(wanted)
    seen = await (_lasting(stage, case) if case.waits_on else settled_pod(stage, case, ()))
    deployed = Deployed(created, start, seen or _any_pod(stage, case, ()), settled=seen is not None)
    if seen is None:
        return replace(deployed, owners=await _replica_sets(stage, case))
    frozen = replace(seen, changes=list(seen.changes))  # what happens from here on is no longer the outcome
    await closed(stage, frozen.latest)
    return replace(deployed, seen=frozen)


async def closed(stage: Ground, pod: Object, container: str = objects.CONTAINER) -> None:
    """Wait for the event that comes last for this state of the pod, for a moment."""
    uid, closing = pod["metadata"]["uid"], pods.closing_message(pod, container)

    def there() -> bool | None:
        told = (event for _, event in stage.watcher.events if event["involvedObject"].get("uid") == uid)
        return any(closing in (event.get("message"), event.get("reason")) for event in told) or None

    await stage.watcher.until(there, stage.saying * _EVENTS)


async def settled_pod(
    stage: Ground, case: Case, others: Collection[str], seconds: float | None = None
) -> SeenPod | None:
    """The Deployment's pod, `others` apart, as soon as it runs or fails; None when none did in time, or in `seconds`."""

    def found() -> SeenPod | None:
        seen = _any_pod(stage, case, others)
        return seen if seen is not None and pods.has_settled(seen.latest) else None

    return await stage.watcher.until(found, stage.outcome if seconds is None else seconds)


async def _lasting(stage: Ground, case: Case) -> SeenPod | None:
    """The Deployment's pod if it comes to something although its pull must wait on: before, or soon after, the pull began."""

    def began() -> bool | None:
        seen = _any_pod(stage, case, ())
        return (seen is not None and (pods.has_settled(seen.latest) or _pulls(stage, seen.latest))) or None

    await stage.watcher.until(began, stage.outcome)
    return await settled_pod(stage, case, (), stage.quiet)


async def template_hash(stage: Ground, deployed: Deployed) -> str:
    """The hash of the ReplicaSet that owns the pod and is owned by the Deployment; empty when there is none such."""
    owner = meta.controller_of(deployed.seen.latest) if deployed.seen else None
    if owner is None:
        return ""
    replica_set = await stage.cluster.get(resources.REPLICA_SETS, stage.namespace, owner["name"])
    owned = replica_set["metadata"]["uid"] == owner["uid"] and meta.is_controlled_by(replica_set, deployed.deployment)
    return pods.template_hash(replica_set) if owned else ""


def uids(deployed: Deployed) -> set[str]:
    """Deployment, ReplicaSet and pod: whose events tell the case."""
    found = {deployed.deployment["metadata"]["uid"], *deployed.owners}
    if deployed.seen is not None:
        owner = meta.controller_of(deployed.seen.latest)
        found |= {deployed.seen.latest["metadata"]["uid"], *([owner["uid"]] if owner else [])}
    return found


async def _replica_sets(stage: Ground, case: Case) -> frozenset[str]:
    ours = f"{objects.RUN}={stage.run},{objects.CASE}={case.id}"
    listed = await stage.cluster.list(resources.REPLICA_SETS, stage.namespace, labels=ours)
    return frozenset(each["metadata"]["uid"] for each in listed.items)


def _any_pod(stage: Ground, case: Case, others: Collection[str]) -> SeenPod | None:
    for uid, seen in stage.watcher.pods.items():
        if uid in others or (seen.latest["metadata"].get("labels") or {}).get(objects.CASE) != case.id:
            continue
        owner = meta.controller_of(seen.latest)
        if owner and owner["kind"] == "ReplicaSet":
            return seen
    return None


def _pulls(stage: Ground, pod: Object) -> bool:
    uid = pod["metadata"]["uid"]
    return any(
        event["involvedObject"].get("uid") == uid and event.get("reason") == reasons.PULLING
        for _, event in stage.watcher.events
    )
