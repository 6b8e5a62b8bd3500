"""A stream's tags and images as objects of their own: nobody keeps them, each is made of its stream when it is asked for.

Upstream: openshift-apiserver 4.22 pkg/image/apiserver/registry/imagestreamtag/rest.go (newISTag) and imagestreamimage/rest.go.
"""

from pullscope.kube import resources, status
from pullscope.kube.api import Object
from pullscope.openshift import streams
from pullscope.openshift.streams import Item

_SHARED = ("namespace", "uid", "resourceVersion", "labels")
_TAG_FORM = "imagestreamtag must be of the form <stream_name>:<tag>"


def split(name: str) -> tuple[str, str]:
    """Stream and tag of an ImageStreamTag's name. Raises ApiError 400."""
    found = streams.split_tag(name)
    if found is None:
        raise status.bad_request(_TAG_FORM)
    return found


def of_tag(stream: Object, tag: str, image: Object | None, *, empty: bool = False) -> Object:
    """The ImageStreamTag, with `image` where its Image is known. Raises ApiError 404 without an item, unless `empty` will do."""
    item, wanted = streams.newest(stream, tag), streams.spec_tag(stream, tag)
    name = f"{stream['metadata']['name']}:{tag}"
    if item is None and not empty:
        raise status.not_found(resources.IMAGE_STREAM_TAGS, name)
    conditions = (streams.status_tag(stream, tag) or {}).get("conditions")
    created = item["created"] if item else stream["metadata"]["creationTimestamp"]
    annotations = (wanted or {}).get("annotations") or {}
    return {
        "kind": resources.IMAGE_STREAM_TAGS.kind,
        "apiVersion": resources.IMAGE_STREAM_TAGS.api_version,
        "metadata": {**_shared(stream, name, created), **({"annotations": annotations} if annotations else {})},
        "tag": wanted,
        "generation": item.get("generation", 0) if item else 0,
        "lookupPolicy": (stream.get("spec") or {}).get("lookupPolicy") or {"local": False},
        **({"conditions": conditions} if conditions else {}),
        "image": shown(stream, tag, item, image) if item else _unknown(""),
    }


def of_image(stream: Object, item: Item, image: Object) -> Object:
    """The ImageStreamImage: an image as its stream has it."""
    name = f"{stream['metadata']['name']}@{item['image']}"
    return {
        "kind": resources.IMAGE_STREAM_IMAGES.kind,
        "apiVersion": resources.IMAGE_STREAM_IMAGES.api_version,
        "metadata": _shared(stream, name, item["created"]),
        "image": _bare(image),
    }


def of_image_tag(stream: Object, tag: str, image: Object | None) -> Object:
    """The ImageTag: the tag as spec and status have it."""
    item = streams.newest(stream, tag)
    created = item["created"] if item else stream["metadata"]["creationTimestamp"]
    return {
        "kind": resources.IMAGE_TAGS.kind,
        "apiVersion": resources.IMAGE_TAGS.api_version,
        "metadata": _shared(stream, f"{stream['metadata']['name']}:{tag}", created),
        "spec": streams.spec_tag(stream, tag),
        "status": streams.status_tag(stream, tag),
        "image": shown(stream, tag, item, image) if item else None,
    }


def shown(stream: Object, tag: str, item: Item, image: Object | None) -> Object:
    """The image of a tag, under the name by which pods pull it."""
    found = _bare(image) if image else _unknown(item.get("image", ""))
    return {**found, "dockerImageReference": streams.pull_reference(stream, tag, item)}


def _bare(image: Object) -> Object:
    """Without what is long and not asked for here."""
    left_out = ("kind", "apiVersion", "dockerImageManifest", "dockerImageConfig")
    return {key: value for key, value in image.items() if key not in left_out}


def _unknown(digest: str) -> Object:
    return {"metadata": {"name": digest} if digest else {}, "dockerImageMetadata": None}


def _shared(stream: Object, name: str, created: str) -> Object:
    metadata = stream["metadata"]
    return {"name": name, "creationTimestamp": created, **{key: metadata[key] for key in _SHARED if key in metadata}}
