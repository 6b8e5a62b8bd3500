"""Look at a pod of a scenario: wait for what it comes to, and read everything that tells about it."""

from collections.abc import Collection

from pullscope.verify import deployed, logs, pods
from pullscope.verify import objects as run_objects
from pullscope.verify.evidence import Sight
from pullscope.verify.scenarios import objects
from pullscope.verify.scenarios.steps import Scenario, See
from pullscope.verify.stage import Stage
from pullscope.verify.watcher import SeenPod


async def look(stage: Stage, scenario: Scenario, see: See, changed: Collection[str], node: str, start: float) -> Sight:
    """What becomes of the pod. `changed`: the uids of those from before the last change of the template.

    Seconds count from `start` (monotonic). Raises ApiError, UnreachableError.
    """
    began = stage.clock.monotonic()

    def found() -> SeenPod | None:
        seen = newest(stage, scenario, see, changed)
        return seen if seen is not None and _is_there(see, seen) else None

    settled = await stage.watcher.until(found, stage.outcome)
    seen = settled or newest(stage, scenario, see, changed)
    waited = round(stage.clock.monotonic() - began, 3)
    if seen is None:
        return Sight(None, False, waited, wanted_node=node)
    pod = seen.latest
    await deployed.closed(stage, pod, see.container)
    running = pods.is_running(pod, see.container)
    log, error = await logs.read(stage, pod, see.container) if running else (None, "")
    return Sight(
        pod=pods.describe(pod, seen.timeline(start), see.container),
        settled=settled is not None,
        waited=waited,
        events=stage.watcher.events_of({pod["metadata"]["uid"]}, start),
        log=log,
        log_error=error,
        wanted_node=node,
    )


def newest(stage: Stage, scenario: Scenario, see: See, changed: Collection[str]) -> SeenPod | None:
    """The pod that is meant: of those that are there the one that was made last."""
    there = [seen for seen in of(stage, scenario, see.name) if (seen.latest["metadata"]["uid"] in changed) is see.old]
    return max(reversed(there), key=lambda seen: str(seen.latest["metadata"]["creationTimestamp"]), default=None)


def of(stage: Stage, scenario: Scenario, name: str) -> list[SeenPod]:
    """All pods of that name that are not gone, nor going."""
    wanted = {objects.PART: name, run_objects.CASE: scenario.id}.items()
    return [
        seen
        for seen in stage.watcher.pods.values()
        if not seen.gone
        and not seen.latest["metadata"].get("deletionTimestamp")
        and wanted <= (seen.latest["metadata"].get("labels") or {}).items()
    ]


def _is_there(see: See, seen: SeenPod) -> bool:
    """Whether the pod has come to what is looked for, or to something that is not it and lasts."""
    pod = seen.latest
    if pods.container_status(pod, see.container).get("restartCount", 0) < see.restarts:
        return False
    return pods.is_running(pod, see.container) if see.eventually else pods.has_settled(pod, see.container)
