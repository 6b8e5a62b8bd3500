"""Run cases side by side in a namespace of their own, and clean up whatever happens.

Each case has its own tag, images and Deployment, so they do not disturb each other. One watch on pods and one on events
serve them all.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Sequence

import pullscope
from pullscope.base import tasks
from pullscope.base.errors import PullscopeError, UnreachableError
from pullscope.clusters import reflector
from pullscope.kube import resources
from pullscope.kube.status import ApiError
from pullscope.verify import nodes, objects, watcher
from pullscope.verify.case import Case
from pullscope.verify.judge import judge
from pullscope.verify.progress import Progress
from pullscope.verify.repository import Repository
from pullscope.verify.result import CaseResult, ClusterInfo, Report
from pullscope.verify.run_case import run_case
from pullscope.verify.stage import Stage
from pullscope.verify.target import Target
from pullscope.verify.variants import Images

_ACCOUNT = "default"
_PATIENCE = 30.0  # seconds that a cluster may take to equip a new namespace


async def run(target: Target, suite: str, cases: Sequence[Case], progress: Progress, *, keep: bool = False) -> Report:
    """Run the cases and judge them. With `keep` everything that was created stays.

    Raises UnreachableError (or ApiError) when the cluster, the registry or the rights do not allow anything.
    """
    start = target.clock.monotonic()
    version = await target.cluster.version()
    name = secrets.token_hex(3)
    async with _namespace(target, name, progress, keep=keep) as namespace:
        async with watcher.watching(target.cluster, namespace, target.clock) as watching:
            repository = Repository(target.client, target.pulled, target.pushed)
            stage = Stage(name, namespace, target.cluster, repository, Images(name), watching, target.clock)
            results = await _run_all(stage, cases, progress)
        info = await _describe(target, version, results)
    return Report(pullscope.__version__, suite, info, results, target.clock.monotonic() - start, namespace)


async def _run_all(stage: Stage, cases: Sequence[Case], progress: Progress) -> tuple[CaseResult, ...]:
    async def one(case: Case) -> CaseResult:
        evidence = await run_case(stage, case, progress)
        result = CaseResult(case, *judge(case, evidence), evidence)
        progress.judged(result)
        return result

    try:
        async with asyncio.TaskGroup() as group:
            judging = [group.create_task(one(case)) for case in cases]
    except* (PullscopeError, ApiError) as errors:
        raise errors.exceptions[0] from None  # the cases fail together: one line is enough
    return tuple(task.result() for task in judging)


@contextlib.asynccontextmanager
async def _namespace(target: Target, run: str, progress: Progress, *, keep: bool) -> AsyncIterator[str]:
    """A namespace that pods can be created in; removed afterwards, also when the run is cancelled."""
    cluster = target.cluster
    created = await cluster.create(resources.NAMESPACES, None, objects.namespace(run))
    name = str(created["metadata"]["name"])
    try:
        await _equipped(target, name)
        yield name
    finally:
        if not keep:
            try:
                await cluster.delete(resources.NAMESPACES, None, name)
            except (ApiError, UnreachableError) as error:
                progress.warn(f"namespace {name} could not be removed: {error}")


async def _equipped(target: Target, namespace: str) -> None:
    """Wait for the service account without which no pod is admitted."""

    found = reflector.until(target.cluster, resources.SERVICE_ACCOUNTS, namespace, _ACCOUNT, clock=target.clock)
    if await tasks.within(target.clock, _PATIENCE, found) is None:
        raise UnreachableError(
            f'namespace {namespace} got no service account "{_ACCOUNT}" within {_PATIENCE:.0f} s',
            hint="is the cluster's controller manager running?",
        )


async def _describe(target: Target, version: str, results: Sequence[CaseResult]) -> ClusterInfo:
    """The cluster, and the node if all pods were on the same one."""
    used = {result.evidence.pod.node for result in results if result.evidence.pod}
    node = used.pop() if len(used) == 1 else None
    known = await nodes.read(target.cluster) if node else None
    runtime = nodes.runtime(known[node]) if known and node in known else None
    return ClusterInfo(target.kind, target.cluster.server, version, node, runtime, target.pulled.name)
