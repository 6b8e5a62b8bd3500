"""Run cases side by side in one namespace, and clean up whatever happens.

Each case has its own tag, images and Deployment, so they do not disturb each other; those whose pulls take long come last, one
by one, unless the nodes are known to pull several images at a time. One watch on pods and one on events serve them all.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Sequence

import pullscope
from pullscope.base.errors import PullscopeError
from pullscope.kube.status import ApiError
from pullscope.verify import namespaces, nodes, preparing
from pullscope.verify.byhand import preparing as by_hand
from pullscope.verify.case import Case
from pullscope.verify.freshtags import FreshTags
from pullscope.verify.judge import judge
from pullscope.verify.method import Method
from pullscope.verify.progress import Progress
from pullscope.verify.result import CaseResult, ClusterInfo, Report
from pullscope.verify.run_case import run_case
from pullscope.verify.target import Builds, Target

_MOST = 8
"""Cases side by side: each pulls two or three times, and a kubelet begins 5 pulls a second (10 at once, registryBurst)."""


async def run(target: Target, suite: str, cases: Sequence[Case], progress: Progress, *, keep: bool = False) -> Report:
    """Run the cases and judge them. With `keep` everything that was created stays.

    Raises UnreachableError (or ApiError) when the cluster, the registry or the rights do not allow anything.
    """
    start = target.clock.monotonic()
    version = await target.cluster.version()
    name = secrets.token_hex(3)
    async with namespaces.opened(target, name, progress, keep=keep) as namespace:
        async with _method(target, name, namespace, progress, keep=keep) as method:
            results = await _run_all(method, cases, progress)
        info = await _describe(target, version, method.repository_name, results)
    seconds = (target.clock.monotonic() - start) / target.speed
    return Report(pullscope.__version__, suite, info, results, seconds, namespace)


@contextlib.asynccontextmanager
async def _method(target: Target, run: str, namespace: str, progress: Progress, *, keep: bool) -> AsyncIterator[Method]:
    """How the conditions are made: as the target's source has it."""
    if isinstance(target.source, Builds):
        progress.phase("importing the base image")
        async with by_hand.prepared(target, target.source, run, namespace) as method:
            yield method
    else:
        async with preparing.prepared(target, target.source, run, namespace, progress, keep=keep) as stage:
            yield FreshTags(stage)


async def _run_all(method: Method, cases: Sequence[Case], progress: Progress) -> tuple[CaseResult, ...]:
    most, parallel = min(method.ground.at_once or _MOST, _MOST), method.ground.parallel_pulls
    turns = {False: asyncio.Semaphore(most), True: asyncio.Semaphore(most if parallel else 1)}
    results: dict[str, CaseResult] = {}

    async def one(case: Case) -> None:
        async with turns[case.takes_long]:
            evidence = await run_case(method, case, progress)
        results[case.id] = result = CaseResult(case, *judge(case, evidence), evidence)
        progress.judged(result)

    long, others = [case for case in cases if case.takes_long], [case for case in cases if not case.takes_long]
    try:
        for some in (cases,) if parallel else (others, long):
            async with asyncio.TaskGroup() as group:
                for case in some:
                    group.create_task(one(case))
    except* (PullscopeError, ApiError) as errors:
        raise errors.exceptions[0] from None  # the cases fail together: one line is enough
    return tuple(results[case.id] for case in cases)


async def _describe(target: Target, version: str, registry: str, results: Sequence[CaseResult]) -> ClusterInfo:
    """The cluster, and the node if all pods were on the same one."""
    used = {result.evidence.pod.node for result in results if result.evidence.pod}
    node = used.pop() if len(used) == 1 else None
    known = await nodes.read(target.cluster) if node else None
    runtime = nodes.runtime(known[node]) if known and node in known else None
    return ClusterInfo(target.kind, target.cluster.server, version, node, runtime, registry)
