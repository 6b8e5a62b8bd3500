"""Wait for what becomes of an object that others work on.

Upstream: openshift-apiserver 4.22 pkg/build/apiserver/registry/wait/rest.go.
"""

from collections.abc import Callable

from pullscope.apiserver.services import Services
from pullscope.apiserver.store import records
from pullscope.apiserver.store.records import Bookmark
from pullscope.base import tasks
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource
from pullscope.openshift import builds


class GoneError(Exception):
    """It was deleted meanwhile."""


class TimedOutError(Exception):
    """It took too long."""


async def running(services: Services, namespace: str, name: str, seconds: float) -> Object:
    """The Build as soon as it runs, or is over without. Raises GoneError, TimedOutError."""

    def begun(build: Object) -> bool:
        return build["status"]["phase"] not in (builds.NEW, builds.PENDING)

    work = until(services, resources.BUILDS, namespace, name, begun)
    found = await tasks.within(services.clock, seconds, work)
    if found is None:
        raise TimedOutError("timed out waiting for the condition")
    return found


async def until(
    services: Services, resource: Resource, namespace: str, name: str, true: Callable[[Object], bool]
) -> Object:
    """The object as soon as `true` holds of it. Raises GoneError."""
    key = records.key(resource, namespace, name)
    with services.store.watch(resource, namespace, revision=services.store.revision) as changes:
        stored = services.store.find(key)
        if stored is None:
            raise GoneError
        if true(obj := stored.object()):
            return obj
        async for event in changes:
            if isinstance(event, Bookmark) or event.key != key:
                continue
            if event.type == "DELETED":
                raise GoneError
            if true(obj := event.current.object()):
                return obj
    raise GoneError  # the server stops
