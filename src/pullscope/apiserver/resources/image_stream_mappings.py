"""ImageStreamMappings: a registry says that an image was pushed, and a stream's tag points to it.

Upstream: openshift-apiserver 4.22 pkg/image/apiserver/registry/imagestreammapping/rest.go.
"""

from pullscope.apiserver import columns
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.imagestreams import lookups
from pullscope.apiserver.imagestreams.writing import Writer
from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.services import Services
from pullscope.kube import causes, meta, resources, status
from pullscope.kube.api import Object
from pullscope.oci import reference
from pullscope.openshift import streams, tagging

_DONE: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}


class ImageStreamMappings:
    """Only `create`: keeps the Image, and lets the tag point to it."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._kind = kind
        self._services = services
        self._writer = Writer(services)

    async def create(self, context: Context, obj: Object) -> Object:
        name, tag, image = obj["metadata"].get("name", ""), obj.get("tag") or streams.DEFAULT_TAG, obj["image"]
        if not reference.is_tag(tag):
            raise status.invalid(self._kind.resource, name, [causes.invalid("tag", tag, "must be a valid tag")])
        lookups.known_stream(self._services, context.namespace, name)
        await self._writer.keep(context, image)
        created = meta.timestamp(self._services.clock.now())

        def pointed(stream: Object) -> Object:
            generation = (streams.spec_tag(stream, tag) or {}).get("generation") or stream["metadata"]["generation"]
            item = {
                "created": created,
                "dockerImageReference": image["dockerImageReference"],
                "image": image["metadata"]["name"],
                "generation": generation,
            }
            tagging.point(stream, tag, item)
            return stream

        await self._writer.change_status(lookups.of_stream(context, name), pointed)
        return dict(_DONE)


KIND = Kind(resource=resources.IMAGE_STREAM_MAPPINGS, table=columns.PLAIN, handler=ImageStreamMappings)
