"""The namespace of a run: made for it or given to it, and left as it was found, whatever happens."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from pullscope.base import tasks
from pullscope.base.errors import UnreachableError
from pullscope.clusters import reflector
from pullscope.kube import resources
from pullscope.kube.status import ApiError
from pullscope.verify import cleaning, objects, rights
from pullscope.verify.progress import Progress
from pullscope.verify.target import Target

_ACCOUNT = "default"
_RIGHTS, _PAUSE = 10.0, 0.2  # seconds; what is missing then is told later, by name
_PATIENCE = 30.0  # seconds that a cluster may take to equip a new namespace


@contextlib.asynccontextmanager
async def opened(target: Target, run: str, progress: Progress, *, keep: bool) -> AsyncIterator[str]:
    """A namespace that pods can be created in. What the run made goes at the end, also when it is cancelled.

    Raises UnreachableError where there is no such namespace, or it is being deleted; ApiError.
    """
    place = target.place
    name = place.name or f"pullscope-{run}"
    await (_created(target, run, name) if place.create else _check(target, name))
    try:
        if place.project:
            await _entitled(target, name)
        if place.create:
            await _equipped(target, name)
        yield name
    finally:
        if not keep:
            try:
                await _leave(target, run, name)
            except (ApiError, UnreachableError) as error:
                progress.warn(
                    f"namespace {name} could not be cleaned: {error}; later: pullscope verify --clean -n {name}"
                )


async def _created(target: Target, run: str, name: str) -> None:
    try:
        await _create(target, run, name)
    except asyncio.CancelledError:
        if not target.place.name:  # the server may have made it; a name of the user's may have been there before
            with contextlib.suppress(ApiError, UnreachableError):
                await _leave(target, run, name)
        raise
    except ApiError as error:
        if error.code not in (403, 409):
            raise
        hint = "work in one that is there, without --create-namespace: -n NS"
        raise UnreachableError(f"namespace {name} cannot be made: {error.message}", hint=hint) from error


async def _create(target: Target, run: str, name: str) -> None:
    if target.place.project:
        await target.cluster.create(resources.PROJECT_REQUESTS, None, objects.project_request(run, name))
    else:
        await target.cluster.create(resources.NAMESPACES, None, objects.namespace(run, name))


async def _leave(target: Target, run: str, name: str) -> None:
    if target.place.create:
        kind = resources.PROJECTS if target.place.project else resources.NAMESPACES
        await cleaning.remove(target.cluster, cleaning.Found(kind, None, name, run))
        return
    for found in await cleaning.in_namespace(target.cluster, name, run):
        await cleaning.remove(target.cluster, found)


async def _check(target: Target, name: str) -> None:
    """Who has rights in a namespace alone may not be allowed to read it: then what follows will tell."""
    try:
        found = await target.cluster.get(resources.NAMESPACES, None, name)
    except ApiError as error:
        if error.code == 404:
            hint = "name another one with -n, or let it be made: --create-namespace"
            raise UnreachableError(f"there is no namespace {name} on {target.cluster.server}", hint=hint) from error
        if error.code != 403:
            raise
        return
    if (found.get("status") or {}).get("phase") == "Terminating":
        raise UnreachableError(f"namespace {name} is being deleted", hint="name another one with -n")


async def _entitled(target: Target, namespace: str) -> None:
    """Wait for the rights of whoever requested the project, which may come a moment after it."""
    wanted = (*rights.NEEDED, *rights.ACCOUNTS)
    until = target.clock.monotonic() + _RIGHTS
    while await rights.lacking(target.cluster, namespace, wanted) and target.clock.monotonic() < until:
        await target.clock.sleep(_PAUSE)


async def _equipped(target: Target, namespace: str) -> None:
    """Wait for the service account without which no pod is admitted."""
    found = reflector.until(target.cluster, resources.SERVICE_ACCOUNTS, namespace, _ACCOUNT, clock=target.clock)
    if await tasks.within(target.clock, _PATIENCE, found) is None:
        raise UnreachableError(
            f'namespace {namespace} got no service account "{_ACCOUNT}" within {_PATIENCE:.0f} s',
            hint="is the cluster's controller manager running?",
        )
