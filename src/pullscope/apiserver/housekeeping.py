"""What the server does without being asked: bookmarks for watches, and the end of objects that live for a time only."""

import asyncio
import heapq
import itertools
import logging
import operator
from collections.abc import Iterable, Sequence

from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.services import Services
from pullscope.apiserver.store.records import Stored
from pullscope.kube.status import ApiError

LOG = logging.getLogger(__name__)
INTERVAL_SECONDS = 60.0  # k8s.io/apiserver v0.36 pkg/storage/cacher: bookmarkFrequency
TRIM_SECONDS = 5.0
_AT_ONCE = 100  # deletions that share a sync of the disk
_GONE = ("NotFound", "Conflict")
_REVISION = operator.attrgetter("revision")


async def run(kinds: Sequence[Kind], services: Services) -> None:
    """Until cancelled: see that no kind has too many objects and, once a minute, the rest."""
    last = services.clock.monotonic()
    while True:
        await services.clock.sleep(TRIM_SECONDS)
        await trim(kinds, services)
        if services.clock.monotonic() - last >= INTERVAL_SECONDS:
            last = services.clock.monotonic()
            services.store.send_bookmarks()
            await expire(kinds, services)


async def expire(kinds: Sequence[Kind], services: Services) -> None:
    """Remove the objects whose kind says that their time is over. What was written meanwhile lives on."""
    now = services.clock.now()
    for kind in kinds:
        if kind.expired is None:
            continue
        over = []
        for number, stored in enumerate(services.store.list(kind.resource).items):
            if number % _AT_ONCE == 0:
                await services.clock.sleep(0)  # there may be thousands: others have their turn between them
            if kind.expired(stored.object(), now):
                over.append(stored)
        await _remove(over, services)


async def trim(kinds: Sequence[Kind], services: Services) -> None:
    """Of a kind that has more objects than are kept, remove those that were written longest ago."""
    for kind in kinds:
        excess = services.store.count(kind.resource) - kind.kept if kind.kept is not None else 0
        if excess > 0:
            await _remove(heapq.nsmallest(excess, services.store.list(kind.resource).items, key=_REVISION), services)


async def _remove(those: Iterable[Stored], services: Services) -> None:
    """Remove objects, unless they were written meanwhile."""
    waiting = iter(those)
    while some := [*itertools.islice(waiting, _AT_ONCE)]:
        deletions = (services.store.delete(stored.key, expected=stored.revision) for stored in some)
        for outcome in await asyncio.gather(*deletions, return_exceptions=True):
            if isinstance(outcome, ApiError) and outcome.reason in _GONE:
                continue
            if isinstance(outcome, ApiError):
                LOG.warning("cannot remove what is over: %s", outcome)
                return  # a full disk, say: the next time tries again
            if isinstance(outcome, BaseException):
                raise outcome
