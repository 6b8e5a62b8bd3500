"""ImageStreams that images, triggers and short names lead to, and what the internal registry's tags mean by them.

The internal registry resolves a tag from its ImageStream alone, so the API says what it would say: no route to the
registry and no login there is needed. Upstream: openshift/image-registry pkg/dockerregistry/server/tagservice.go,
openshift/api image/v1, release 4.22.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pullscope.kube import meta, resources
from pullscope.oci import reference as references
from pullscope.oci.reference import Reference
from pullscope.openshift import names
from pullscope.openshift import streams as algebra
from pullscope.why.collect import listing
from pullscope.why.collect.ledger import REFUSED, Ledger
from pullscope.why.collect.listing import Reader
from pullscope.why.facts import Container, Stream, StreamTag, TagItem

Place = tuple[str, str]
"""A stream's namespace and name."""

_HOSTS = (names.INTERNAL_REGISTRY, names.INTERNAL_REGISTRY.replace(".svc:", ".svc.cluster.local:"))
_ROUTE = "default-route-openshift-image-registry."  # what follows is the cluster's own domain


@dataclass(frozen=True)
class Concerned:
    """Which streams matter. `named` must be there, `possible` are those that a short name may mean.

    `tags` (`namespace/stream:tag`) are those that something goes by.
    """

    named: frozenset[Place]
    possible: frozenset[Place]
    tags: frozenset[str]


def place_of(name: Reference) -> Place | None:
    """The stream that a name of the internal registry stands for; None for names of other registries."""
    namespace, _, stream = name.repository.partition("/")
    internal = name.registry in _HOSTS or name.registry.startswith(_ROUTE)
    return (namespace, stream) if internal and stream and "/" not in stream else None


def concerned(containers: Sequence[Container]) -> Concerned:
    """The streams that these containers have to do with."""
    named: set[Place] = set()
    possible: set[Place] = set()
    tags = {each.trigger for each in containers if each.trigger}
    named |= {_split(tag) for tag in tags}
    for namespace, image in {(each.namespace, image) for each in containers for image in images(each)}:
        try:
            name = references.parse(image).with_default_tag()
        except references.InvalidReferenceError:
            continue
        place, short = place_of(name), short_name(image)
        if place:
            named.add(place)
        elif short:
            possible.add((namespace, short))
        where = "/".join(place or (namespace, short))
        tags |= {f"{where}:{name.tag}"} if name.tag and (place or short) else set()
    return Concerned(frozenset(named), frozenset(possible - named), frozenset(tags))


def _split(tag: str) -> Place:
    namespace, _, stream = tag.partition(":")[0].partition("/")
    return namespace, stream


def images(container: Container) -> Iterator[str]:
    """All that says which image the container shall have: pod, template, last apply."""
    yield container.image
    if container.template:
        yield container.template.image
        if container.template.applied:
            yield container.template.applied


def short_name(image: str) -> str:
    """The stream that a name without registry and namespace may mean (`lookupPolicy.local`); empty for other names."""
    name = image.partition("@")[0].partition(":")[0]
    return "" if "/" in name else name


async def read(cluster: Reader, wanted: Concerned, ledger: Ledger) -> dict[str, Stream]:
    """The concerned streams by `namespace/name`. One that is named and not there is told so; possible ones are left out."""
    namespaces = sorted({namespace for namespace, _ in wanted.named | wanted.possible})
    listed = await asyncio.gather(*(_in_namespace(cluster, namespace, ledger) for namespace in namespaces))
    found: dict[str, Stream] = {}
    for namespace, there in zip(namespaces, listed, strict=True):
        for where, name in wanted.named | wanted.possible:
            if where != namespace or there is None:
                continue
            if name in there:
                found[f"{where}/{name}"] = _stream(there[name])
            elif (where, name) in wanted.named:
                found[f"{where}/{name}"] = Stream(where, name, exists=False)
    return found


async def _in_namespace(cluster: Reader, namespace: str, ledger: Ledger) -> Mapping[str, Any] | None:
    try:
        found = await listing.everything(cluster, resources.IMAGE_STREAMS, namespace, dict[str, Any])
    except REFUSED as error:
        ledger.note("image streams", error, where=f"in namespace {namespace}")
        return None
    return {each["metadata"]["name"]: each for each in found}


def _stream(stream: algebra.Stream) -> Stream:
    metadata, spec, status = stream["metadata"], stream.get("spec") or {}, stream.get("status") or {}
    tags = dict.fromkeys(
        [each["name"] for each in spec.get("tags") or ()] + [each["tag"] for each in status.get("tags") or ()]
    )
    return Stream(
        namespace=metadata["namespace"],
        name=metadata["name"],
        lookup_local=bool((spec.get("lookupPolicy") or {}).get("local")),
        repository=status.get("dockerImageRepository") or "",
        tags=tuple(_tag(stream, name) for name in tags),
    )


def _tag(stream: algebra.Stream, name: str) -> StreamTag:
    spec, status = algebra.spec_tag(stream, name) or {}, algebra.status_tag(stream, name) or {}
    source = spec.get("from") or {}
    local = (spec.get("referencePolicy") or {}).get("type") == "Local"
    failed = meta.get_condition(status.get("conditions"), algebra.IMPORT_SUCCESS) or {}
    return StreamTag(
        tag=name,
        items=tuple(_item(each) for each in algebra.history(stream, name)),
        follows=f"{source['kind']} {source.get('name', '')}" if source.get("kind") else "",
        scheduled=bool((spec.get("importPolicy") or {}).get("scheduled")),
        reference_policy="Local" if local else "Source",
        failure=failed.get("message") or "" if failed.get("status") == "False" else "",
    )


def _item(item: algebra.Item) -> TagItem:
    return TagItem(time_of(item.get("created")), item.get("image") or "", item.get("dockerImageReference") or "")


def time_of(text: Any) -> datetime | None:
    """The moment that an image or a tag tells; None for what is no time."""
    try:
        return meta.parse_time(str(text)) if text else None
    except ValueError:
        return None


@dataclass
class Followed:
    """An image of a registry that stream tags follow: which images these point to, and in which namespaces they are."""

    digests: set[str] = field(default_factory=set)
    namespaces: set[str] = field(default_factory=set)


def follows(streams: Mapping[str, Stream], wanted: Concerned) -> dict[str, Followed]:
    """The images of registries that tags in question follow."""
    found: dict[str, Followed] = {}
    for where, stream in streams.items():
        for tag in stream.tags:
            kind, _, image = tag.follows.partition(" ")
            if kind == "DockerImage" and f"{where}:{tag.tag}" in wanted.tags:
                followed = found.setdefault(image, Followed())
                followed.namespaces.add(stream.namespace)
                followed.digests |= {item.image for item in tag.items[:1]}
    return found
