"""Make one case happen and gather what is seen of it: by a method ② the node's image and ③ the registry's, then ① the policy."""

import asyncio
from collections.abc import Mapping

from pullscope.base.errors import UnreachableError
from pullscope.kube.status import ApiError
from pullscope.remote.errors import RemoteError
from pullscope.verify import control, deployed, logs, nodes
from pullscope.verify.case import Case
from pullscope.verify.deployed import Deployed
from pullscope.verify.evidence import Evidence, Obstacle, Operation, Step
from pullscope.verify.making import Making
from pullscope.verify.method import Method
from pullscope.verify.obstacles import ObstacleError
from pullscope.verify.progress import Progress
from pullscope.verify.scenarios.steps import Scenario
from pullscope.verify.stage import Ground

Listings = Mapping[str, nodes.Listing]


async def run_case(method: Method, case: Case, progress: Progress) -> Evidence:
    """Everything that was seen of the case. What keeps it from being made is in the evidence, not raised.

    Raises UnreachableError when the cluster or the registry cannot be reached at all.
    """
    making = Making(case, Evidence(reference=method.reference(case)))
    if (obstacle := method.ground.known(case)) is not None:
        making.note(obstacle=obstacle)
        return making.evidence
    try:
        await _make(method, making, progress)
        await method.leave(making)
    except UnreachableError:  # of the cluster or the registry; the latter is a RemoteError too
        raise
    except ObstacleError as error:
        making.note(obstacle=error.obstacle)
    except ApiError as error:
        making.note(obstacle=Obstacle("failed", f"the API server refused: {error.message}"))
    except RemoteError as error:
        making.note(obstacle=Obstacle("failed", f"the registry refused: {error}"))
    return making.evidence


async def _make(method: Method, making: Making, progress: Progress) -> None:
    case = making.case
    if isinstance(case, Scenario):
        progress.step(case, "under way")
        await method.play(making)
        return
    progress.step(case, "filling the node" if case.on_node else "preparing")
    await method.set_up(making)
    progress.step(case, "deploying")
    found = await _observe(method, making)
    await method.look(making)
    if (found.settled or case.waits_on) and making.evidence.pod and not making.evidence.pod.running:
        progress.step(case, "trying a fresh pod")
        mended = await method.mend(making)
        making.note(control=await control.control(method.ground, case, making.evidence.pod, mended))


async def _observe(method: Method, making: Making) -> Deployed:
    """① Create the Deployment, wait for its outcome, and read everything that tells about it."""
    ground, case = method.ground, making.case
    before = await _listings(ground)
    mark, started = await method.mark(), ground.clock.now()
    found = await deployed.deploy(ground, case, making.evidence.reference, method.create)
    requests = await method.requests(mark, making, started)
    making.note(
        pod=found.pod(),
        seconds=found.seconds(),
        waited=round(ground.clock.monotonic() - found.start, 3),
        events=ground.watcher.events_of(deployed.uids(found), found.start),
        registry_requests=requests,
    )
    pod = making.evidence.pod
    given = f"the pod says {pod.policy}" if pod else "no pod appeared"
    step = Step(f"created Deployment {found.deployment['metadata']['name']} with {case.policy}", given)
    making.operation(Operation(1, "policy", case.policy, (step,)))
    if found.seen is not None:
        reading = (_read_log, _read_template)
        await asyncio.gather(*(read(ground, making, found) for read in reading), _read_nodes(ground, making, before))
    return found


async def _read_log(ground: Ground, making: Making, found: Deployed) -> None:
    if found.seen is not None and making.evidence.pod and making.evidence.pod.running:
        log, error = await logs.read(ground, found.seen.latest)
        making.note(log=log, log_error=error)


async def _read_template(ground: Ground, making: Making, found: Deployed) -> None:
    making.note(template_hash=await deployed.template_hash(ground, found))


async def _listings(ground: Ground) -> Listings | None:
    return await nodes.listings(ground.cluster, ground.look, ground.fit.node, ground.clock.now())


async def _read_nodes(ground: Ground, making: Making, before: Listings | None) -> None:
    after = await _listings(ground)
    node = making.evidence.pod.node if making.evidence.pod else ""
    if before is None or after is None or node not in before or node not in after:
        return
    seen = making.evidence
    first = nodes.images("before", before[node], seen.reference, seen.variants)
    making.note(node_images=(first, nodes.images("after", after[node], seen.reference, seen.variants)))
