"""Streams and images where they are kept, for the kinds that are made of them.

Upstream: openshift-apiserver 4.22 pkg/image/apiserver/registry (the registries that imagestreamtag and imagestreamimage use).
"""

from dataclasses import replace

from pullscope.apiserver import authorization
from pullscope.apiserver.authorization import Allowed
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.services import Services
from pullscope.apiserver.store import records
from pullscope.kube import resources, status
from pullscope.kube.api import Object

LAYERS = "layers"
"""The subresource whose `get` means that somebody may pull from a stream, and whose `update` that he may push."""


def stream(services: Services, namespace: str | None, name: str) -> Object | None:
    """The stream, None when there is none."""
    stored = services.store.find(records.key(resources.IMAGE_STREAMS, namespace, name))
    return stored.object() if stored else None


def known_stream(services: Services, namespace: str | None, name: str) -> Object:
    """The stream. Raises ApiError 404."""
    found = stream(services, namespace, name)
    if found is None:
        raise status.not_found(resources.IMAGE_STREAMS, name)
    return found


def image(services: Services, digest: str) -> Object | None:
    """The Image of that digest, None when there is none (pruned, or only named)."""
    stored = services.store.find(records.key(resources.IMAGES, None, digest))
    return stored.object() if stored else None


def may_pull(services: Services, context: Context, namespace: str, name: str) -> bool:
    """Whether the user may pull from that stream."""
    asked = authorization.of_request(context.user, "get", resources.IMAGE_STREAMS, LAYERS, namespace, name)
    return isinstance(services.authorizer.authorize(asked), Allowed)


def of_stream(context: Context, name: str) -> Context:
    """The same request, of the stream `name`. Whoever names a version of a tag means the stream's."""
    return replace(context, name=name, subresource="")
