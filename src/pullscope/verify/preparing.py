"""From a target to a stage: rights, what the namespace takes, the repository, the watches, and the probe where it is needed."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from pullscope.base.errors import UnreachableError
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError
from pullscope.verify import limits, misbehaving, probing, rights, watcher
from pullscope.verify.objects import Fit
from pullscope.verify.progress import Progress
from pullscope.verify.stage import Stage
from pullscope.verify.target import Source, Target
from pullscope.verify.variants import Images

_UNREADABLE = (403, 404, 405)
_NO_RIGHTS = "the role edit has them all; -n names another namespace, and --create-namespace makes one"


@contextlib.asynccontextmanager
async def prepared(
    target: Target, source: Source, run: str, namespace: str, progress: Progress, *, keep: bool
) -> AsyncIterator[Stage]:
    """The stage as long as the block; the tags that were pushed go afterwards, where the registry deletes.

    Raises UnreachableError for what keeps every case from being made; ApiError.
    """
    if target.unknown:
        await _may(target, namespace)
    repository = await source(namespace, run)
    async with (
        watcher.watching(target.cluster, namespace, run, target.clock) as watching,
        contextlib.AsyncExitStack() as registries,
    ):
        stage = Stage(
            run=run,
            namespace=namespace,
            cluster=target.cluster,
            watcher=watching,
            clock=target.clock,
            fit=Fit(node=target.node),
            look=target.look,
            repository=repository,
            images=Images(run),
            misbehaving=_opener(registries, target.misbehaving) if target.misbehaving else None,
            crictl=target.crictl,
            always_pull_images=target.always_pull_images,
            keep=keep,
            parallel_pulls=target.parallel_pulls,
            outcome=Stage.outcome * target.speed,
            saying=Stage.saying * target.speed,
        )
        try:
            yield await _probed(target, stage, progress) if target.unknown else stage
        finally:
            if not keep:
                await _untag(stage, progress)


def _opener(registries: contextlib.AsyncExitStack, serve: misbehaving.Serve) -> misbehaving.Opened:
    async def opened() -> misbehaving.Registry:
        return await registries.enter_async_context(serve())

    return opened


async def _may(target: Target, namespace: str) -> None:
    """Raises UnreachableError with all rights that are missing."""
    lacking = await rights.lacking(target.cluster, namespace)
    if lacking:
        what = f"these rights are missing in namespace {namespace}: {', '.join(map(str, lacking))}"
        raise UnreachableError(what, hint=_NO_RIGHTS)


async def _probed(target: Target, stage: Stage, progress: Progress) -> Stage:
    """What the namespace takes, then the probe."""
    wanted = limits.fitting(await _read(target, resources.LIMIT_RANGES, stage.namespace))
    count, quota = limits.at_once(await _read(target, resources.RESOURCE_QUOTAS, stage.namespace), wanted)
    if count == 0:
        what = f"the quota of namespace {stage.namespace} has no room for two pods: {quota}"
        raise UnreachableError(what, hint="free some of it, or name another namespace with -n")
    progress.phase("asking a node to pull")
    return await probing.probe(replace(stage, fit=replace(stage.fit, resources=wanted), at_once=count))


async def _read(target: Target, resource: Resource, namespace: str) -> Sequence[Object]:
    """None where they may not be read: then what the cluster refuses tells."""
    try:
        return (await target.cluster.list(resource, namespace)).items
    except ApiError as error:
        if error.code not in _UNREADABLE:
            raise
        return ()


async def _untag(stage: Stage, progress: Progress) -> None:
    try:
        left = await stage.repository.clean()
    except UnreachableError as error:
        progress.warn(f"tags in {stage.repository.name} could not be removed: {error}")
        return
    if left:
        progress.warn(f"these tags stay in {stage.repository.name}, which does not delete: {', '.join(left)}")
