"""Who names which tags and images of streams: pods, workloads and builds. What is named is not pruned.

Upstream: openshift/oc release 4.22 pkg/cli/admin/prune/imageprune/prune.go (analyzeImageStreamsReferences).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pullscope.kube import meta
from pullscope.oci import reference
from pullscope.oci.reference import DEFAULT_REGISTRY
from pullscope.openshift import streams
from pullscope.openshift.streams import TagName

_ALIVE = ("Running", "Pending")
_WORDS = {"DockerImage": "image", "ImageStreamTag": "ImageStreamTag", "ImageStreamImage": "ImageStreamImage"}
_STRATEGIES = ("sourceStrategy", "dockerStrategy", "customStrategy")


@dataclass(frozen=True)
class ImageName:
    """An image as a stream has it."""

    namespace: str
    stream: str
    digest: str


@dataclass(frozen=True)
class Used:
    """What is named by something."""

    tags: frozenset[TagName]
    images: frozenset[ImageName]


class BadReferencesError(ValueError):
    """Objects name images in a way that cannot be understood. One of `lines` for each, in upstream's words."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True)
class _Reference:
    """A reference in an object: who has it where, and what it says."""

    referrer: str
    kind: str
    name: str
    namespace: str


def used(objects: Iterable[Mapping[str, Any]], since: datetime) -> Used:
    """What these objects name; pods that ended count when they were made after `since`. Raises BadReferencesError.

    Of an image's reference the registry's host is not looked at, as the internal one has several names.
    """
    found: set[TagName | ImageName] = set()
    bad: list[str] = []
    for each in (each for obj in objects for each in _references(obj, since)):
        try:
            found |= _target(each)
        except ValueError as error:
            bad.append(f'{each.referrer}: invalid {_WORDS[each.kind]} reference "{each.name}": {error}')
    if bad:
        raise BadReferencesError(bad)
    tags = frozenset(each for each in found if isinstance(each, TagName))
    return Used(tags, frozenset(each for each in found if isinstance(each, ImageName)))


def _references(obj: Mapping[str, Any], since: datetime) -> Iterator[_Reference]:
    metadata = obj["metadata"]
    who = f"{obj['kind'].lower()}/{metadata['name']} namespace={metadata['namespace']}"
    if obj["kind"] not in ("Build", "BuildConfig"):
        yield from _of_containers(who, _pod_spec(obj, since))
        return
    strategy = obj["spec"].get("strategy") or {}
    for source in ((strategy.get(each) or {}).get("from") or {} for each in _STRATEGIES):
        if source.get("name", "").strip():
            yield _Reference(who, source["kind"], source["name"], source.get("namespace") or metadata["namespace"])


def _pod_spec(obj: Mapping[str, Any], since: datetime) -> Mapping[str, Any]:
    """What the object runs; empty for a pod that is over."""
    spec = obj.get("spec") or {}
    if obj["kind"] == "Pod":
        over = (obj.get("status") or {}).get("phase") not in _ALIVE
        return {} if over and meta.parse_time(obj["metadata"]["creationTimestamp"]) < since else spec
    if obj["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    return (spec.get("template") or {}).get("spec") or {}


def _of_containers(who: str, spec: Mapping[str, Any]) -> Iterator[_Reference]:
    for field, what in (("initContainers", "init container"), ("containers", "container")):
        for container in spec.get(field) or ():
            if (container.get("image") or "").strip():
                yield _Reference(f"{who}: {what} {container['name']}", "DockerImage", container["image"], "")


def _target(named: _Reference) -> set[TagName | ImageName]:
    """What a reference means among the streams; nothing when it can be none of theirs. Raises ValueError."""
    name = named.name
    if named.kind == "ImageStreamTag":
        tag = streams.split_tag(name)
        if tag is None:
            raise ValueError(f'expected exactly one : delimiter in the istag "{name}"')
        return {TagName(named.namespace, *tag)}
    if named.kind == "ImageStreamImage":
        image = streams.split_image(name)
        if image is None:
            raise ValueError(f'expected exactly one @ in the isimage name "{name}"')
        return {ImageName(named.namespace, *image)}
    found = reference.parse(name).with_default_tag()
    namespace, slash, stream = found.repository.partition("/")
    implied = found.registry == DEFAULT_REGISTRY and not name.startswith(f"{DEFAULT_REGISTRY}/")
    if implied or not slash or "/" in stream:
        return set()
    tagged = TagName(namespace, stream, found.tag or "")
    return {ImageName(namespace, stream, str(found.digest)) if found.digest else tagged}
