"""The in-process API: `kube.api.Api` for controllers, the node and the lab, the same way in as HTTP has, without bytes."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import orjson

from pullscope.apiserver import authorization, managing, patching, selection
from pullscope.apiserver.endpoints import Endpoint, Endpoints
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.requests import Requests
from pullscope.apiserver.store.records import Bookmark
from pullscope.kube.api import DeleteOptions, Object, ObjectList, PatchType, UserInfo, WatchEvent
from pullscope.kube.resources import Resource

_PLAIN = DeleteOptions()


class Client:
    """Asks as one user. See `kube.api.Api`; objects that are passed in stay as they are."""

    def __init__(self, user: UserInfo, endpoints: Endpoints, requests: Requests) -> None:
        self._user = user
        self._may_all = authorization.MASTERS in user.groups  # so it need not be asked at each call
        self._manager = managing.component_of(user)
        self._endpoints = endpoints
        self._requests = requests

    def _asked(
        self, verb: str, resource: Resource, namespace: str | None, name: str = "", subresource: str | None = None
    ) -> tuple[Endpoint, Context]:
        """Where that is asked, and as whom. Raises ApiError 404 for what is not served, 403 when the user may not."""
        endpoint, part = self._endpoints.of(resource, subresource), subresource or ""
        if not self._may_all:
            self._requests.authorize(authorization.of_request(self._user, verb, resource, part, namespace, name))
        patches = verb == "patch"
        return endpoint, Context(self._user, namespace, name, subresource=part, manager=self._manager, builds=patches)

    async def get(self, resource: Resource, namespace: str | None, name: str) -> Object:
        return await self._requests.get(*self._asked("get", resource, namespace, name))

    async def list(
        self, resource: Resource, namespace: str | None = None, *, labels: str = "", fields: str = ""
    ) -> ObjectList:
        endpoint, context = self._asked("list", resource, namespace)
        wanted = selection.parse(labels, fields, endpoint.kind.selectable)
        listing = await self._requests.list(endpoint, context, wanted)
        return ObjectList([stored.object() for stored in listing.items], str(listing.revision))

    async def create(
        self, resource: Resource, namespace: str | None, obj: Object, *, subresource: str | None = None
    ) -> Object:
        name = obj["metadata"]["name"] if subresource else ""
        return await self._requests.create(*self._asked("create", resource, namespace, name, subresource), _copy(obj))

    async def update(
        self, resource: Resource, namespace: str | None, obj: Object, *, subresource: str | None = None
    ) -> Object:
        asked = self._asked("update", resource, namespace, obj["metadata"]["name"], subresource)
        return await self._requests.replace(*asked, lambda: _copy(obj))

    async def patch(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        patch: Any,
        *,
        type: PatchType = "merge",  # noqa: A002 (the field's own word)
        subresource: str | None = None,
    ) -> Object:
        endpoint, context = self._asked("patch", resource, namespace, name, subresource)
        change = patching.change(type, patch, endpoint.body)
        return await self._requests.update(endpoint, context, change, verb="patch")

    async def delete(
        self, resource: Resource, namespace: str | None, name: str, options: DeleteOptions = _PLAIN
    ) -> Object:
        return await self._requests.delete(*self._asked("delete", resource, namespace, name), options)

    async def watch(
        self,
        resource: Resource,
        namespace: str | None = None,
        *,
        resource_version: str,
        labels: str = "",
        fields: str = "",
    ) -> AsyncGenerator[WatchEvent, None]:
        endpoint, context = self._asked("watch", resource, namespace)
        wanted, since = selection.parse(labels, fields, endpoint.kind.selectable), int(resource_version)
        changes = await self._requests.watch(endpoint, context, wanted, since=since, initial=False)
        async with aclosing(changes):
            async for change in changes:
                if isinstance(change, Bookmark):
                    metadata = {"resourceVersion": str(change.revision)}
                    yield WatchEvent("BOOKMARK", {**endpoint.kind.head, "metadata": metadata})
                else:
                    yield WatchEvent(change.type, self._requests.view(change.current))


def _copy(obj: Any) -> Any:
    return orjson.loads(orjson.dumps(obj))
