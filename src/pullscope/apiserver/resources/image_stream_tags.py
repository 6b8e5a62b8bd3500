"""ImageStreamTags and ImageTags: one tag of a stream, with the image that it points to.

Writing one writes the stream, which is made when it is missing: PUT is an upsert, as `oc tag` needs it.

Upstream: openshift-apiserver 4.22 pkg/image/apiserver/registry/imagestreamtag/rest.go and imagetag/rest.go.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import orjson

from pullscope.apiserver import columns, paging
from pullscope.apiserver.handlers import Change, Context
from pullscope.apiserver.imagestreams import lookups, tags
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.paging import Page
from pullscope.apiserver.resources import image_streams
from pullscope.apiserver.resources.image_streams import ImageStreams
from pullscope.apiserver.selection import Selection
from pullscope.apiserver.services import Services
from pullscope.apiserver.store import records
from pullscope.apiserver.store.records import Listing, Stored
from pullscope.kube import meta, resources, status, table
from pullscope.kube.api import DeleteOptions, Object
from pullscope.openshift import ages, streams, tagging

_GONE: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
_WHOLE = Strategy()
"""A write of everything: spec and status of a stream change together."""


class ImageStreamTags:
    """Every verb but watch, over the storage of streams."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._kind = kind
        self._services = services
        self._streams = ImageStreams(image_streams.KIND, services)

    async def get(self, context: Context) -> Object:
        name, tag = tags.split(context.name)
        return self._of(lookups.known_stream(self._services, context.namespace, name), tag)

    async def list(self, context: Context, selection: Selection, page: Page) -> Listing:
        return await listed(
            self._kind, self._services, context, selection, page, lambda stream, tag: tags.of_tag(stream, tag, None)
        )

    async def create(self, context: Context, obj: Object) -> Object:
        """A new spec tag. Raises ApiError 409 when there is one of that name."""
        name, tag = tags.split(obj["metadata"].get("name", ""))

        def added(stream: Object) -> Object:
            if streams.spec_tag(stream, tag) is not None:
                raise status.already_exists(self._kind.resource, f"{name}:{tag}")
            return _with(stream, tag, obj)

        return self._of(await self._write(context, name, added), tag, empty=True)

    async def update(self, context: Context, change: Change) -> Object:
        """Change the spec tag, or make it: whoever names no version does not mind what was there."""
        name, tag = tags.split(context.name)

        def changed(stream: Object) -> Object:
            there = streams.spec_tag(stream, tag) is not None or streams.newest(stream, tag) is not None
            old = self._of(stream, tag, empty=True) if there else {}
            return _with(stream, tag, _checked(change(old), old, tag))

        return self._of(await self._write(context, name, changed), tag, empty=True)

    async def delete(self, context: Context, _options: DeleteOptions) -> Object:
        name, tag = tags.split(context.name)

        def removed(stream: Object) -> Object:
            if not streams.remove_tag(stream, tag):
                raise status.not_found(self._kind.resource, context.name)
            return stream

        await self._streams.write(lookups.of_stream(context, name), removed, _WHOLE)
        return dict(_GONE)

    async def _write(self, context: Context, name: str, change: Callable[[Object], Object]) -> Object:
        """Change the stream `name`, or make it with the change."""
        of_stream = lookups.of_stream(context, name)
        while True:
            try:
                return await self._streams.update(of_stream, change)
            except status.ApiError as error:
                if error.reason != "NotFound" or (error.details or {}).get("kind") != resources.IMAGE_STREAMS.plural:
                    raise
            new = image_streams.KIND.complete({"metadata": {"name": name, "namespace": context.namespace}})
            try:
                return await self._streams.create(of_stream, image_streams.KIND.complete(change(new)))
            except status.ApiError as error:
                if error.reason != "AlreadyExists":
                    raise

    def _of(self, stream: Object, tag: str, *, empty: bool = False) -> Object:
        item = streams.newest(stream, tag)
        image = lookups.image(self._services, item["image"]) if item else None
        return tags.of_tag(stream, tag, image, empty=empty)


class ImageTags:
    """Reads tags as spec and status have them."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._kind = kind
        self._services = services

    async def get(self, context: Context) -> Object:
        name, tag = tags.split(context.name)
        stream = lookups.known_stream(self._services, context.namespace, name)
        item = streams.newest(stream, tag)
        if item is None and streams.spec_tag(stream, tag) is None:
            raise status.not_found(self._kind.resource, context.name)
        image = lookups.image(self._services, item["image"]) if item else None
        return tags.of_image_tag(stream, tag, image)

    async def list(self, context: Context, selection: Selection, page: Page) -> Listing:
        return await listed(
            self._kind,
            self._services,
            context,
            selection,
            page,
            lambda stream, tag: tags.of_image_tag(stream, tag, None),
        )


async def listed(
    kind: Kind,
    services: Services,
    context: Context,
    selection: Selection,
    page: Page,
    view: Callable[[Object, str], Object],
) -> Listing:
    """All tags of all streams in the namespace that have an image, each as `view` shows it."""
    found = services.store.list(resources.IMAGE_STREAMS, context.namespace, revision=page.revision)

    def each() -> Iterator[Stored]:
        for stored in found.items:
            stream = stored.object()
            for tag in sorted(streams.tags(stream)):
                obj = view(stream, tag)
                key = records.key(kind.resource, stored.key.namespace, obj["metadata"]["name"])
                yield records.described(key, obj, orjson.dumps(obj), stored.revision)

    everywhere = context.namespace is None
    return paging.cut(Listing([*each()], found.revision), page, selection, everywhere=everywhere)


def _checked(new: Object, old: Object, tag: str) -> Object:
    """The ImageStreamTag that an update asks for. Raises ApiError 400 and 409."""
    version, known = new["metadata"].get("resourceVersion"), (old.get("metadata") or {}).get("resourceVersion")
    if version and version != known:
        raise status.conflict(resources.IMAGE_STREAM_TAGS, new["metadata"].get("name", tag), status.MODIFIED)
    if not new.get("tag") and not old.get("tag"):
        why = (
            f"imagestreamtag {new['metadata'].get('name', tag)} is not a spec tag in its imagestream, cannot be updated"
        )
        raise status.bad_request(why)
    return new


def _with(stream: Object, tag: str, obj: Object) -> Object:
    """The stream with the tag as the ImageStreamTag has it; annotations are those of its metadata."""
    given = obj.get("tag") or streams.spec_tag(stream, tag) or {}
    annotations = obj["metadata"].get("annotations") or given.get("annotations")
    wanted = {**given, "name": tag, "annotations": annotations, "generation": None}
    tagging.default_tag(wanted)
    others = [entry for entry in stream["spec"].get("tags") or () if entry["name"] != tag]
    stream["spec"]["tags"] = [*others, wanted]
    return stream


def _cells(obj: Object, now: datetime) -> list[Any]:
    image, created = obj.get("image") or {}, obj["metadata"].get("creationTimestamp")
    updated = ages.ago(meta.parse_time(created), now) if created else ""
    reference = image.get("dockerImageReference", "")
    return [obj["metadata"]["name"], reference, updated, (image.get("metadata") or {}).get("name", "")]


def _image_tag_cells(obj: Object, now: datetime) -> list[Any]:
    items = (obj.get("status") or {}).get("items") or ()
    created = obj["metadata"].get("creationTimestamp")
    updated = ages.ago(meta.parse_time(created), now) if created else ""
    return [obj["metadata"]["name"], _spec_cell(obj.get("spec")), _status_cell(items), len(items), updated]


def _spec_cell(spec: Object | None) -> str:
    source = (spec or {}).get("from") or {}
    words = {"DockerImage": "Tag", "ImageStreamTag": "ImageStreamTag", "ImageStreamImage": "ImageStreamImage"}
    return words.get(source.get("kind", ""), "Push" if spec is None else "")


def _status_cell(items: Any) -> str:
    return items[0].get("image") or items[0].get("dockerImageReference", "") if items else ""


KIND = Kind(
    resource=resources.IMAGE_STREAM_TAGS,
    table=Table(
        (
            columns.NAME,
            table.column("Image Reference", description="Where the image is pulled."),
            table.column("Updated", description="Since when the tag points to it."),
            table.column("Image Name", description="The image's digest.", priority=1),
        ),
        _cells,
    ),
    handler=ImageStreamTags,
)

IMAGE_TAGS = Kind(
    resource=resources.IMAGE_TAGS,
    table=Table(
        (
            columns.NAME,
            table.column("Spec", description="What the tag follows."),
            table.column("Status", description="The image that it points to."),
            table.column("History", "integer", description="How many images it has pointed to."),
            table.column("Updated", description="Since when the tag points to it."),
        ),
        _image_tag_cells,
    ),
    handler=ImageTags,
)
