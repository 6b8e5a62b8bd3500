"""One way for every request, over HTTP or in process: may this user, does the handler, is it admitted; then do it.

Upstream: k8s.io/apiserver v0.36 pkg/endpoints/handlers (create.go, get.go, update.go, patch.go, delete.go).
"""

from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from pullscope.apiserver import handlers
from pullscope.apiserver.admission.chain import Admission
from pullscope.apiserver.authorization import Attributes, Authorizer, refusal
from pullscope.apiserver.changes import Changes
from pullscope.apiserver.endpoints import Endpoint
from pullscope.apiserver.handlers import Change, Context
from pullscope.apiserver.selection import Selection
from pullscope.apiserver.store.records import Listing
from pullscope.kube import status
from pullscope.kube.api import DeleteOptions, Object

H = TypeVar("H")


class Requests:
    """The verbs. Objects given are the callee's to alter; objects returned are the caller's."""

    def __init__(self, admission: Admission, authorizer: Authorizer) -> None:
        self._admission = admission
        self._authorizer = authorizer

    async def authorize(self, asked: Attributes) -> None:
        """Raises ApiError 403 when the user may not."""
        if not await self._authorizer.allows(asked):
            raise refusal(asked)

    async def _handler(self, verb: str, endpoint: Endpoint, context: Context, protocol: type[H]) -> H:
        resource, namespace = endpoint.resource, context.namespace
        sub, name = endpoint.subresource, context.name
        await self.authorize(Attributes(context.user, verb, "", resource, sub, namespace, name))
        if not isinstance(endpoint.handler, protocol):
            raise status.method_not_allowed(verb, resource)
        return endpoint.handler

    async def get(self, endpoint: Endpoint, context: Context) -> Object:
        handler = await self._handler("get", endpoint, context, handlers.Getter)  # type: ignore[type-abstract] # a protocol names the verb
        return await handler.get(context)

    async def stream(self, endpoint: Endpoint, context: Context) -> AsyncIterator[bytes] | None:
        handler = await self._handler("get", endpoint, context, handlers.Streamer)  # type: ignore[type-abstract] # a protocol names the verb
        return await handler.stream(context)

    async def list(self, endpoint: Endpoint, context: Context, selection: Selection) -> Listing:
        handler = await self._handler("list", endpoint, context, handlers.Lister)  # type: ignore[type-abstract] # a protocol names the verb
        return await handler.list(context, selection)

    async def watch(
        self, endpoint: Endpoint, context: Context, selection: Selection, *, since: int | None, initial: bool
    ) -> Changes:
        handler = await self._handler("watch", endpoint, context, handlers.Watcher)  # type: ignore[type-abstract] # a protocol names the verb
        return await handler.watch(context, selection, since=since, initial=initial)

    async def create(self, endpoint: Endpoint, context: Context, obj: Object) -> Object:
        handler = await self._handler("create", endpoint, context, handlers.Creator)  # type: ignore[type-abstract] # a protocol names the verb
        _check_place(endpoint, context, obj)
        if not endpoint.subresource:
            obj = endpoint.kind.complete(obj)
            await self._admission.create(context, endpoint.resource, obj)
        return await handler.create(context, obj)

    async def replace(self, endpoint: Endpoint, context: Context, make: Callable[[], Object]) -> Object:
        """PUT: whatever the object is, it becomes what `make` gives, anew for each attempt."""
        _check_place(endpoint, context, make())
        return await self.update(endpoint, context, lambda _: make())

    async def update(self, endpoint: Endpoint, context: Context, change: Change, *, verb: str = "update") -> Object:
        handler = await self._handler(verb, endpoint, context, handlers.Updater)  # type: ignore[type-abstract] # a protocol names the verb

        def placed(current: Object) -> Object:
            new = change(current)
            _check_place(endpoint, context, new)
            return new

        return await handler.update(context, placed)

    async def delete(self, endpoint: Endpoint, context: Context, options: DeleteOptions) -> Object:
        handler = await self._handler("delete", endpoint, context, handlers.Deleter)  # type: ignore[type-abstract] # a protocol names the verb
        self._admission.delete(context, endpoint.resource)
        return await handler.delete(context, options)

    async def delete_collection(
        self, endpoint: Endpoint, context: Context, selection: Selection, options: DeleteOptions
    ) -> Listing:
        protocol = handlers.CollectionDeleter
        handler = await self._handler("deletecollection", endpoint, context, protocol)  # type: ignore[type-abstract] # a protocol names the verb
        return await handler.delete_collection(context, selection, options)


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
