"""ImageStreamImages: an image as a stream has it, `STREAM@sha256:…`; `oc new-build` and `oc new-app` look there.

Upstream: openshift-apiserver 4.22 pkg/image/apiserver/registry/imagestreamimage/rest.go.
"""

from datetime import datetime
from typing import Any

from pullscope.apiserver import columns
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.imagestreams import lookups, tags
from pullscope.apiserver.kinds import Kind, Table
from pullscope.apiserver.services import Services
from pullscope.kube import meta, resources, status, table
from pullscope.kube.api import Object
from pullscope.openshift import ages, streams

_FORM = "ImageStreamImages must be retrieved with <name>@<id>"


class ImageStreamImages:
    """Only `get`."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._kind = kind
        self._services = services

    async def get(self, context: Context) -> Object:
        split = streams.split_image(context.name)
        if split is None:
            raise status.bad_request(_FORM)
        name, digest = split
        stream = lookups.known_stream(self._services, context.namespace, name)
        found = streams.find_image(stream, digest)
        if len(found) > 1:
            several = ", ".join(sorted(item["image"] for item in found))
            raise status.conflict(
                self._kind.resource, context.name, f"multiple images match the prefix {digest!r}: {several}"
            )
        image = lookups.image(self._services, found[0]["image"]) if found else None
        if image is None:
            raise status.not_found(self._kind.resource, context.name)
        return tags.of_image(stream, found[0], image)


def _cells(obj: Object, now: datetime) -> list[Any]:
    image = obj["image"]
    updated = ages.ago(meta.parse_time(obj["metadata"]["creationTimestamp"]), now)
    return [obj["metadata"]["name"], updated, image.get("dockerImageReference", ""), image["metadata"]["name"]]


KIND = Kind(
    resource=resources.IMAGE_STREAM_IMAGES,
    table=Table(
        (
            columns.NAME,
            table.column("Updated", description="Since when the stream has it."),
            table.column("Image Reference", description="Where the image is pulled.", priority=1),
            table.column("Image Name", description="The image's digest.", priority=1),
        ),
        _cells,
    ),
    handler=ImageStreamImages,
)
