"""Wait until it is worth looking again: pods changed and came to rest, or registries may have something new to say."""

import contextlib
from typing import Protocol

import msgspec

from pullscope.base import tasks
from pullscope.base.clock import Clock
from pullscope.kube import resources
from pullscope.kube.api import Api
from pullscope.kube.status import ApiError
from pullscope.why.collect import listing, shapes
from pullscope.why.collect.listing import Reader
from pullscope.why.collect.scope import Scope

PERIOD = 60.0
"""Seconds after which one looks again in any case."""
REST = 1.0
"""Seconds after a change in which more of them may come."""

_DECODER = msgspec.json.Decoder(shapes.Page[msgspec.Raw])


class Watcher(Reader, Api, Protocol):
    """The part of `clusters.cluster.Cluster` that is needed."""


async def version(cluster: Reader, scope: Scope) -> str:
    """The version of the list of pods just now. Raises ApiError, UnreachableError."""
    body = await cluster.read(resources.PODS.path(scope.namespace), {"limit": "1"}, largest=listing.LARGEST)
    return listing.decode(_DECODER, body, resources.PODS.plural).metadata.resource_version


async def until_worth_it(cluster: Watcher, scope: Scope, since: str, clock: Clock) -> None:
    """Return after the next change since that version, or after PERIOD where there is none, or none that may be watched."""
    await tasks.within(clock, PERIOD, _change(cluster, scope, since, clock))
    await clock.sleep(REST)


async def _change(cluster: Watcher, scope: Scope, since: str, clock: Clock) -> None:
    labels = "" if scope.names else scope.labels
    try:
        async with contextlib.aclosing(
            cluster.watch(resources.PODS, scope.namespace, resource_version=since, labels=labels)
        ) as events:
            async for event in events:
                if event.type != "BOOKMARK":
                    return
    except ApiError as error:
        if error.code != 410:  # that version is gone, so something changed
            await clock.sleep(PERIOD)
