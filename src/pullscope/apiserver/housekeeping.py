"""What the server does without being asked: bookmarks for watches, and the end of objects that live for a time only."""

import logging
from collections.abc import Sequence

from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.services import Services
from pullscope.kube.status import ApiError

LOG = logging.getLogger(__name__)
INTERVAL_SECONDS = 60.0  # k8s.io/apiserver v0.36 pkg/storage/cacher: bookmarkFrequency
_GONE = ("NotFound", "Conflict")


async def run(kinds: Sequence[Kind], services: Services) -> None:
    """Once a minute, until cancelled."""
    while True:
        await services.clock.sleep(INTERVAL_SECONDS)
        services.store.send_bookmarks()
        await expire(kinds, services)


async def expire(kinds: Sequence[Kind], services: Services) -> None:
    """Remove the objects whose kind says that their time is over. What was written meanwhile lives on."""
    now = services.clock.now()
    for kind in kinds:
        if kind.expired is None:
            continue
        for stored in services.store.list(kind.resource).items:
            if not kind.expired(stored.object(), now):
                continue
            try:
                await services.store.delete(stored.key, expected=stored.revision)
            except ApiError as error:
                if error.reason not in _GONE:
                    LOG.warning("cannot remove %s %s: %s", kind.resource.plural, stored.key.name, error)
                    return  # a full disk, say: the next minute tries again
