"""How images come into streams: Images are made once, tags point to them, in the name of the server.

Upstream: openshift-apiserver 4.22 pkg/image/apiserver/registry/imagestreammapping/rest.go and imagestreamimport/rest.go.
"""

from collections.abc import Callable
from dataclasses import replace

from pullscope.apiserver import strategies
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Strategy
from pullscope.apiserver.resources import image_streams, images
from pullscope.apiserver.resources.image_streams import ImageStreams
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.kube import status
from pullscope.kube.api import Object

_WHOLE = Strategy()


class Writer:
    """Writes Images and streams."""

    def __init__(self, services: Services) -> None:
        self._images = Storage(images.KIND, services)
        self._streams = ImageStreams(image_streams.KIND, services)

    async def keep(self, context: Context, image: Object) -> None:
        """Make the Image, when there is none of its digest yet. Raises ApiError 422."""
        everywhere = replace(context, namespace=None, name="", subresource="")
        try:
            await self._images.create(everywhere, images.KIND.complete(image))
        except status.ApiError as error:
            if error.reason != "AlreadyExists":
                raise

    async def change_status(self, context: Context, change: Callable[[Object], Object]) -> Object:
        """Change the status of the stream `context.name`. Raises ApiError 404."""
        return await self._streams.write(context, change, strategies.STATUS)

    async def change(self, context: Context, change: Callable[[Object], Object]) -> Object:
        """Change spec and status of the stream `context.name`, which is made when it is missing."""
        while True:
            try:
                return await self._streams.write(context, change, _WHOLE)
            except status.ApiError as error:
                if error.reason != "NotFound":
                    raise
            stream = {"metadata": {"name": context.name, "namespace": context.namespace}}
            try:
                await self._streams.create(context, image_streams.KIND.complete(stream))
            except status.ApiError as error:
                if error.reason != "AlreadyExists":
                    raise
