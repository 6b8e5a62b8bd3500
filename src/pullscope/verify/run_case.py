"""Make one case happen and gather what is seen of it: ② the node's image, ③ the registry's, then ① the policy.

The order is the one in which a person does it by hand; the three are numbered as the tutorial names them.
"""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

from pullscope.base.errors import UnreachableError
from pullscope.kube.status import ApiError
from pullscope.remote.errors import RemoteError
from pullscope.verify import control, deployed, logs, nodes, primer
from pullscope.verify.case import Case, Source
from pullscope.verify.deployed import Deployed
from pullscope.verify.evidence import Evidence, NodeImages, Obstacle, Operation, Step
from pullscope.verify.obstacles import ObstacleError
from pullscope.verify.progress import Progress
from pullscope.verify.stage import Stage
from pullscope.verify.variants import Image


@dataclass
class _Run:
    """One case under way; `evidence` grows with each step."""

    stage: Stage
    case: Case
    tag: str
    evidence: Evidence
    images: dict[Source, Image] = field(default_factory=dict)

    def note(self, **seen: Any) -> None:
        self.evidence = replace(self.evidence, **seen)

    def image(self, source: Source) -> Image:
        if source not in self.images:
            self.images[source] = self.stage.images.make(self.case, source)
            self.note(variants=(*self.evidence.variants, self.images[source].variant))
        return self.images[source]

    def operation(self, operation: Operation) -> None:
        self.note(setup=tuple(sorted((*self.evidence.setup, operation), key=lambda each: each.number)))


async def run_case(stage: Stage, case: Case, progress: Progress) -> Evidence:
    """Everything that was seen of the case. What keeps it from being made is in the evidence, not raised.

    Raises UnreachableError when the cluster or the registry cannot be reached at all.
    """
    tag = f"case-{case.id}-{stage.run}"
    run = _Run(stage, case, tag, Evidence(reference=stage.repository.reference(tag)))
    if (obstacle := stage.known(case)) is not None:
        run.note(obstacle=obstacle)
        return run.evidence
    try:
        progress.step(case, "filling the node" if case.on_node else "preparing")
        await _set_up_node(run)
        await _set_up_registry(run)
        progress.step(case, "deploying")
        found = await _observe(run)
        if found.settled and run.evidence.pod and not run.evidence.pod.running:
            progress.step(case, "trying a fresh pod")
            made = await control.control(stage, case, run.evidence.pod, run.image("registry"), tag)
            run.note(control=made)
    except UnreachableError:  # of the cluster or the registry; the latter is a RemoteError too
        raise
    except ObstacleError as error:
        run.note(obstacle=error.obstacle)
    except ApiError as error:
        run.note(obstacle=Obstacle("failed", f"the API server refused: {error.message}"))
    except RemoteError as error:
        run.note(obstacle=Obstacle("failed", f"the registry refused: {error}"))
    return run.evidence


async def _set_up_node(run: _Run) -> None:
    """② Present: a pod pulled the tag here. Absent: the tag is one that no node has seen."""
    if not run.case.on_node:
        step = Step(f"took the tag {run.tag}", "it was never used before, so no node has it")
        run.operation(Operation(2, "node", "absent", (step,)))
        return
    pushed = await run.stage.repository.push(run.image("node"), run.tag)
    priming = await primer.put_on_node(run.stage, run.case, run.evidence.reference)
    run.note(primed=priming.primed)
    run.operation(Operation(2, "node", "present", (pushed, *priming.steps)))


async def _set_up_registry(run: _Run) -> None:
    """③ Present: an image was pushed under the tag. Missing: its manifest was deleted again."""
    repository, steps = run.stage.repository, []
    if run.case.in_registry or not run.case.on_node:
        steps.append(await repository.push(run.image("registry"), run.tag))
    if not run.case.in_registry:
        there = run.image("node" if run.case.on_node else "registry")
        steps.append(await repository.delete(there, run.tag))
    held = await repository.held(run.tag)
    steps.append(Step(f"asked the registry for {run.tag}", f"it has {held}" if held else "it has no such manifest"))
    run.note(registry_digest=held)
    run.operation(Operation(3, "registry", "present" if run.case.in_registry else "missing", tuple(steps)))


async def _observe(run: _Run) -> Deployed:
    """① Create the Deployment, wait for its outcome, and read everything that tells about it."""
    stage = run.stage
    before = await nodes.read(stage.cluster)
    mark, started = await stage.repository.mark(), stage.clock.now()
    found = await deployed.deploy(stage, run.case, run.evidence.reference)
    requests = await stage.repository.requests(mark, run.tag, run.evidence.variants, started)
    run.note(
        pod=found.pod(),
        seconds=found.seconds(),
        waited=round(stage.clock.monotonic() - found.start, 3),
        events=stage.watcher.events_of(deployed.uids(found), found.start),
        registry_requests=requests,
    )
    pod = run.evidence.pod
    given = f"the pod says {pod.policy}" if pod else "no pod appeared"
    step = Step(f"created Deployment {found.deployment['metadata']['name']} with {run.case.policy}", given)
    run.operation(Operation(1, "policy", run.case.policy, (step,)))
    if found.seen is not None:
        await asyncio.gather(_read_log(run, found), _read_template(run, found), _read_nodes(run, before))
    return found


async def _read_log(run: _Run, found: Deployed) -> None:
    if found.seen is not None and run.evidence.pod and run.evidence.pod.running:
        log, error = await logs.read(run.stage, found.seen.latest)
        run.note(log=log, log_error=error)


async def _read_template(run: _Run, found: Deployed) -> None:
    run.note(template_hash=await deployed.template_hash(run.stage, found))


async def _read_nodes(run: _Run, before: nodes.Nodes | None) -> None:
    after = await nodes.read(run.stage.cluster)
    node = run.evidence.pod.node if run.evidence.pod else ""
    if before is None or after is None or node not in before or node not in after:
        return
    now, seen = run.stage.clock.now(), run.evidence
    first: NodeImages = nodes.images("before", before[node], seen.reference, seen.variants, now)
    run.note(node_images=(first, nodes.images("after", after[node], seen.reference, seen.variants, now)))
