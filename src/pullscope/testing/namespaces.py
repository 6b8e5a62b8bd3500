"""A namespace for one test: made, told about, removed."""

import contextlib
import re
import secrets

from pullscope.base import tasks
from pullscope.base.clock import Clock
from pullscope.base.errors import PullscopeError
from pullscope.clusters import reflector
from pullscope.controllers import defaults
from pullscope.kube import resources
from pullscope.kube.api import Api, Object
from pullscope.kube.status import ApiError

_PATIENCE = 30.0  # seconds
_READABLE = 40  # characters of the purpose in the name


async def create(api: Api, clock: Clock, purpose: str) -> str:
    """A new namespace with a name of its own that begins with `purpose`, in which pods are admitted."""
    words = re.sub("[^a-z0-9]+", "-", purpose.lower())[:_READABLE].strip("-") or "test"
    name = f"{words}-{secrets.token_hex(3)}"
    await api.create(resources.NAMESPACES, None, {"metadata": {"name": name}})
    equipped = reflector.until(api, resources.SERVICE_ACCOUNTS, name, defaults.SERVICE_ACCOUNT, clock=clock)
    if await tasks.within(clock, _PATIENCE, equipped) is None:
        raise PullscopeError(f"namespace {name} got no service account within {_PATIENCE:.0f} s")
    return name


async def delete(api: Api, clock: Clock, name: str) -> None:
    """Delete the namespace, and return when it is gone with all that was in it. It may have been deleted before."""
    version = (await api.list(resources.NAMESPACES)).resource_version
    try:
        await api.delete(resources.NAMESPACES, None, name)
    except ApiError as error:
        if error.reason == "NotFound":
            return
        if error.reason != "Conflict":  # it is on its way
            raise
    if await tasks.within(clock, _PATIENCE, _gone(api, name, version)) is None:
        raise PullscopeError(
            f"namespace {name} is not gone after {_PATIENCE:.0f} s: what holds it stands in its status"
        )


async def events(api: Api, name: str) -> str:
    """The namespace's events, one a line, what was told last at the end."""
    listed = (await api.list(resources.EVENTS, name)).items
    return "\n".join(map(_line, sorted(listed, key=lambda event: int(event["metadata"]["resourceVersion"]))))


async def _gone(api: Api, name: str, version: str) -> bool:
    changes = api.watch(resources.NAMESPACES, resource_version=version, fields=f"metadata.name={name}")
    async with contextlib.aclosing(changes) as events:
        async for event in events:
            if event.type == "DELETED":
                return True
    return False


def _line(event: Object) -> str:
    about, count = event["involvedObject"], event.get("count") or 1
    times = f" (x{count})" if count > 1 else ""
    return f"{event['type']:<7} {event['reason']:<20} {about['kind']}/{about['name']}: {event['message']}{times}"
