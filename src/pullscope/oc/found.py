"""The image that a word of `new-build` and `new-app` means, looked up in image streams as upstream does, and its picture.

Upstream: openshift/oc release 4.22 pkg/helpers/newapp (app/imagestreamlookup.go, cmd/describe.go).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pullscope.kube.api import Object
from pullscope.kube.resources import IMAGE_STREAM_IMAGES, IMAGE_STREAM_TAGS, IMAGE_STREAMS
from pullscope.kube.status import ApiError
from pullscope.oc.session import Session
from pullscope.openshift import ages, streams

_GENERATED_BY = "openshift.io/generated-by"


@dataclass(frozen=True)
class Found:
    """An image in a stream; `word` is what was typed."""

    word: str
    namespace: str
    stream: str
    tag: str
    image: Object

    @property
    def config(self) -> dict[str, Any]:
        """The image's configuration."""
        return self.image["dockerImageMetadata"].get("Config") or {}

    @property
    def labels(self) -> dict[str, str]:
        """The image's labels."""
        return self.config.get("Labels") or {}


@dataclass(frozen=True)
class WithoutTag:
    """There is such a stream, but the tag has no image."""

    namespace: str
    stream: str


async def look(session: Session, word: str, namespaces: list[str]) -> Found | WithoutTag | None:
    """What `[NAMESPACE/]STREAM[:TAG]` means in the first of the namespaces that has such a stream."""
    namespace, _, rest = word.rpartition("/")
    name, _, tag = rest.partition(":")
    empty: WithoutTag | None = None
    for each in [namespace] if namespace else namespaces:
        stream = await _stream(session, each, name)
        if stream is None:
            continue
        item = streams.newest(stream, tag or "latest")
        if item is None:
            empty = empty or WithoutTag(each, name)
            continue
        image = await _image(session, each, f"{name}@{item['image']}")
        if image is not None:
            await session.read(IMAGE_STREAM_TAGS.path(each, f"{name}:{tag or 'latest'}"))
            return Found(word, each, name, tag or "latest", image)
    return empty


async def _stream(session: Session, namespace: str, name: str) -> Object | None:
    """The stream; also None in a namespace that we may not read."""
    try:
        listed = await session.cluster.list(IMAGE_STREAMS, namespace)
    except ApiError as error:
        if error.code not in (403, 404):
            raise
        return None
    return next((each for each in listed.items if each["metadata"]["name"] == name), None)


async def _image(session: Session, namespace: str, name: str) -> Object | None:
    """The image, when what is in it is known."""
    image: Object = (await session.read(IMAGE_STREAM_IMAGES.path(namespace, name)))["image"]
    return image if image.get("dockerImageMetadata") else None


def picture(found: Found, now: datetime) -> str:
    """What is said of it, with an empty line at its end."""
    metadata = found.image["dockerImageMetadata"]
    digest = str(metadata.get("Id") or found.image["metadata"]["name"]).removeprefix("sha256:")[:7]
    created = metadata.get("Created")
    age = f" ({ages.human((now - datetime.fromisoformat(created)).total_seconds())} old)" if created else ""
    where = f'in image stream "{found.namespace}/{found.stream}" under tag "{found.tag}" for "{found.word}"'
    lines = [f"--> Found image {digest}{age} {where}", ""]
    if title := found.labels.get("io.k8s.display-name"):
        lines += [f"    {title} ", f"    {'-' * len(title)} "]
    if text := found.labels.get("io.k8s.description"):
        lines += [f"    {text}", ""]
    if tags := found.labels.get("io.openshift.tags"):
        lines += [f"    Tags: {', '.join(each.strip() for each in tags.split(','))}", ""]
    return "\n".join(lines)


def head(name: str, labels: dict[str, str], by: str) -> Object:
    """The metadata of what is made."""
    return {"annotations": {_GENERATED_BY: by}, "labels": labels, "name": name}
