"""ImagePolicy: the bare name of an image stream in a pod or workload becomes the image that its tag points to.

Only of streams that allow it (`lookupPolicy.local`, set by `oc set image-lookup`). A tag without an image, and whatever is
no stream, stay as they are: then the name means what it means to the node.

Upstream: openshift/kubernetes release 4.22 openshift-kube-apiserver/admission/imagepolicy (default resolution rules: local
names in pods and in what makes them).
"""

from collections.abc import Callable, Iterator, Mapping

from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource
from pullscope.openshift import streams

_TEMPLATE = ("spec", "template", "spec")
_PLACES: Mapping[Resource, tuple[str, ...]] = {
    resources.PODS: ("spec",),
    resources.REPLICA_SETS: _TEMPLATE,
    resources.DEPLOYMENTS: _TEMPLATE,
    resources.DAEMON_SETS: _TEMPLATE,
    resources.JOBS: _TEMPLATE,
}

Find = Callable[[str], Object | None]
"""A stream of the object's namespace, by name."""


def resolve(resource: Resource, obj: Object, find: Find, known: frozenset[str] = frozenset()) -> None:
    """Replace the names of local streams in a new or changed object; images that were `known` before stay."""
    for container in _containers(resource, obj):
        image = container.get("image", "")
        if image in known or not image.strip() or "/" in image:
            continue
        found = _resolved(image, find)
        if found:
            container["image"] = found


def images(resource: Resource, obj: Object) -> frozenset[str]:
    """The images that the object names."""
    return frozenset(container.get("image", "") for container in _containers(resource, obj))


def _resolved(image: str, find: Find) -> str | None:
    by_digest = streams.split_image(image)
    name, tag = streams.split_tag(image) or (image, streams.DEFAULT_TAG)
    stream = find(by_digest[0] if by_digest else name)
    if stream is None or not (stream["spec"].get("lookupPolicy") or {}).get("local"):
        return None
    if by_digest:
        found = streams.find_image(stream, by_digest[1])
        return found[0]["dockerImageReference"] if len(found) == 1 else None
    item = streams.newest(stream, tag)
    return streams.pull_reference(stream, tag, item) if item else None


def _containers(resource: Resource, obj: Object) -> Iterator[Object]:
    spec = obj
    for part in _PLACES.get(resource, ()):
        spec = spec.get(part) or {}
    if resource in _PLACES:
        for field in ("initContainers", "containers"):
            yield from spec.get(field) or ()
