"""One way for every request, over HTTP or in process: does the handler, is it admitted; then do it.

Both ways in ask first whether the user may (`Requests.authorize`).

Upstream: k8s.io/apiserver v0.36 pkg/endpoints/handlers (create.go, get.go, update.go, patch.go, delete.go).
"""

import functools
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

from pullscope.apiserver import authorization, handlers, managing, paging
from pullscope.apiserver.admission.chain import Admission
from pullscope.apiserver.authorization import Attributes, NoOpinion
from pullscope.apiserver.changes import Changes
from pullscope.apiserver.endpoints import Endpoint
from pullscope.apiserver.handlers import Change, Context
from pullscope.apiserver.paging import Page
from pullscope.apiserver.selection import Selection
from pullscope.apiserver.services import Services
from pullscope.apiserver.store.records import Listing
from pullscope.kube import status
from pullscope.kube.api import DeleteOptions, Object


class Requests:
    """The verbs. Objects given are the callee's to alter; objects returned are the caller's."""

    def __init__(self, admission: Admission, services: Services) -> None:
        self._admission = admission
        self._authorizer = services.authorizer
        self._clock = services.clock
        self.view = services.store.views.of

    def authorize(self, asked: Attributes) -> None:
        """Raises ApiError 403 when the user may not."""
        decision = self._authorizer.authorize(asked)
        if isinstance(decision, NoOpinion):
            raise authorization.refusal(asked, decision.reason)

    async def get(self, endpoint: Endpoint, context: Context) -> Object:
        handler: handlers.Getter = _able(endpoint, handlers.Getter, "get")
        return await handler.get(context)

    async def stream(self, endpoint: Endpoint, context: Context) -> AsyncIterator[bytes] | None:
        handler: handlers.Streamer = _able(endpoint, handlers.Streamer, "get")
        return await handler.stream(context)

    async def proxy(self, endpoint: Endpoint, context: Context, path: str) -> tuple[str, bytes]:
        handler: handlers.Proxy = _able(endpoint, handlers.Proxy, "get")
        return await handler.proxy(context, path)

    async def list(
        self, endpoint: Endpoint, context: Context, selection: Selection, page: Page = paging.ALL
    ) -> Listing:
        handler: handlers.Lister = _able(endpoint, handlers.Lister, "list")
        return await handler.list(context, selection, page)

    async def watch(
        self, endpoint: Endpoint, context: Context, selection: Selection, *, since: int | None, initial: bool
    ) -> Changes:
        handler: handlers.Watcher = _able(endpoint, handlers.Watcher, "watch")
        return await handler.watch(context, selection, since=since, initial=initial)

    async def create(self, endpoint: Endpoint, context: Context, obj: Object) -> Object:
        handler: handlers.Creator = _able(endpoint, handlers.Creator, "create")
        _check_place(endpoint, context, obj)
        if not endpoint.subresource:
            obj = endpoint.kind.complete(obj)
            if context.manager:
                managing.created(obj, endpoint.kind, context.manager, self._clock.now())
            await self._admission.create(context, endpoint.resource, obj)
        return await handler.create(context, obj)

    async def replace(self, endpoint: Endpoint, context: Context, make: Callable[[], Object]) -> Object:
        """PUT: whatever the object is, it becomes what `make` gives, anew for each attempt."""
        _check_place(endpoint, context, make())
        return await self.update(endpoint, context, lambda _: make())

    async def update(self, endpoint: Endpoint, context: Context, change: Change, *, verb: str = "update") -> Object:
        handler: handlers.Updater = _able(endpoint, handlers.Updater, verb)

        def placed(current: Object) -> Object:
            new = change(current)
            _check_place(endpoint, context, new)
            return new

        return await handler.update(context, self._admission.update(context, endpoint.resource, placed))

    async def apply(self, endpoint: Endpoint, context: Context, change: Change) -> tuple[Object, bool]:
        """Server-side apply: the object, and whether it is new. `change` says who manages it, and of `{}` makes a new one."""
        context = replace(context, manager="")
        while True:
            try:
                return await self.update(endpoint, context, change, verb="patch"), False
            except status.ApiError as error:
                if error.reason != "NotFound" or context.subresource:
                    raise
            new = change({})
            _check_new(endpoint, context, new["metadata"])
            place = (endpoint.resource, "", context.namespace, context.name)
            self.authorize(authorization.of_request(context.user, "create", *place))
            try:
                return await self.create(endpoint, context, new), True
            except status.ApiError as error:
                if error.reason != "AlreadyExists":
                    raise

    async def delete(self, endpoint: Endpoint, context: Context, options: DeleteOptions) -> Object:
        handler: handlers.Deleter = _able(endpoint, handlers.Deleter, "delete")
        self._admission.delete(context, endpoint.resource)
        return await handler.delete(context, options)

    async def delete_collection(
        self, endpoint: Endpoint, context: Context, selection: Selection, page: Page, options: DeleteOptions
    ) -> Listing:
        handler: handlers.CollectionDeleter = _able(endpoint, handlers.CollectionDeleter, "deletecollection")
        return await handler.delete_collection(context, selection, page, options)


def _able(endpoint: Endpoint, protocol: Any, verb: str) -> Any:
    """The endpoint's handler, when it implements the protocol of the verb. Raises ApiError 405.

    Not isinstance: that looks through the protocol anew each time, at each request.
    """
    if not _implements(type(endpoint.handler), protocol):
        raise status.method_not_allowed(verb, endpoint.resource)
    return endpoint.handler


@functools.cache
def _implements(handler: type, protocol: Any) -> bool:
    return issubclass(handler, protocol)


def _check_new(endpoint: Endpoint, context: Context, metadata: Object) -> None:
    """What is applied where there is nothing has a name, and no uid of something that was there."""
    if not metadata.get("name"):
        why = f"the name of the object ({context.name} based on URL) was undeterminable: name must be provided"
        raise status.bad_request(why)
    if uid := metadata.get("uid"):
        why = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        raise status.conflict(endpoint.resource, context.name, why)


def _check_place(endpoint: Endpoint, context: Context, obj: Object) -> None:
    """The object's own name and namespace, where it has them, are those of the request."""
    metadata = obj.setdefault("metadata", {})
    namespace, name = metadata.get("namespace"), metadata.get("name")
    if namespace and namespace != (context.namespace or ""):
        raise status.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    if context.name and name and name != context.name:
        raise status.bad_request(f"the name of the object ({name}) does not match the name on the URL ({context.name})")
    if not endpoint.resource.namespaced:
        metadata.pop("namespace", None)
