"""`oc tag`: let a tag of an image stream name an image, once or following its source.

Upstream: openshift/oc release 4.22 pkg/cli/tag/tag.go.
"""

from typing import Any

from pullscope.kube.resources import IMAGE_STREAM_TAGS, IMAGE_STREAMS
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.errors import OcError
from pullscope.oc.session import Session
from pullscope.openshift import streams

FLAGS = Flags(
    values=("source", "reference-policy", "import-mode"),
    switches=("d/delete", "scheduled", "insecure", "reference", "alias"),
)
_SOURCES = {
    "docker": "DockerImage",
    "imagestreamtag": "ImageStreamTag",
    "istag": "ImageStreamTag",
    "imagestreamimage": "ImageStreamImage",
    "isimage": "ImageStreamImage",
}


async def run(session: Session, arguments: Arguments) -> int:
    """Set the tags that stand after the source, or delete them."""
    if arguments.on("delete"):
        return await _delete(session, arguments)
    if len(arguments.words) < 2:
        raise OcError("you must specify a source and at least one destination or one or more tags to delete")
    source, *destinations = arguments.words
    targets = [_named(session, destination) for destination in destinations]
    tag = await _tag(session, arguments, source)
    for namespace, name in targets:
        followed = _seen_from(namespace, session.namespace, tag)
        await session.send("PUT", IMAGE_STREAM_TAGS.path(namespace, name), _stream_tag(namespace, name, followed))
        session.console.out(_told(name, followed))
    return 0


def _named(session: Session, word: str) -> tuple[str, str]:
    """`[NAMESPACE/]STREAM:TAG`. Raises OcError."""
    namespace, _, name = word.rpartition("/")
    if streams.split_tag(name) is None or "/" in namespace:
        raise OcError(f'"{word}" must be of the form <stream_name>:<tag>')
    return namespace or session.namespace, name


async def _delete(session: Session, arguments: Arguments) -> int:
    if not arguments.words:
        raise OcError("you must specify one or more tags to delete")
    for word in arguments.words:
        namespace, name = _named(session, word)
        await session.send("DELETE", IMAGE_STREAM_TAGS.path(namespace, name), None)
        session.console.out(f"Deleted tag {namespace}/{name}.")
    return 0


async def _tag(session: Session, arguments: Arguments, source: str) -> dict[str, Any]:
    """The tag as its spec shall be, without a name."""
    kind = _SOURCES.get(arguments.text("source"), _guessed(source))
    if arguments.text("source") and arguments.text("source") not in _SOURCES:
        raise OcError(f'unknown source type "{arguments.text("source")}"; valid types are: {", ".join(_SOURCES)}')
    origin = (
        {"kind": kind, "name": source} if kind == "DockerImage" else await _inside(session, arguments, kind, source)
    )
    policy: dict[str, Any] = {"importMode": arguments.text("import-mode", "Legacy")}
    policy |= {name: True for name in ("insecure", "scheduled") if arguments.on(name)}
    reference = {"reference": True} if arguments.on("reference") else {}
    return {
        "annotations": None,
        "from": origin,
        "generation": None,
        "importPolicy": policy,
        "referencePolicy": {"type": arguments.text("reference-policy", "source").capitalize()},
        **reference,
    }


def _guessed(source: str) -> str:
    """The kind of a source that does not say it: with a host or two slashes it is no stream of ours."""
    first, slash, rest = source.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost" or "/" in rest):
        return "DockerImage"
    return "ImageStreamImage" if "@" in source else "ImageStreamTag"


async def _inside(session: Session, arguments: Arguments, kind: str, source: str) -> dict[str, str]:
    """A source among the cluster's streams: a tag is followed to its image, unless it shall stay an alias."""
    namespace, _, name = source.rpartition("/")
    origin = {"kind": kind, "name": name}
    if namespace and namespace != session.namespace:
        origin["namespace"] = namespace
    if kind == "ImageStreamImage" or arguments.on("alias"):
        return origin
    stream_name, tag = streams.split_tag(name) or (name, "latest")
    stream = await session.read(IMAGE_STREAMS.path(namespace or session.namespace, stream_name))
    newest = streams.newest(stream, tag)
    if newest is None:
        raise OcError(f'no image could be found for tag "{tag}" of image stream "{stream_name}"')
    return {**origin, "kind": "ImageStreamImage", "name": f"{stream_name}@{newest['image']}"}


def _seen_from(namespace: str, here: str, tag: dict[str, Any]) -> dict[str, Any]:
    """The tag as it stands in a namespace: a source in another one is named with its own."""
    source = tag["from"]
    if namespace == here or source["kind"] == "DockerImage" or "namespace" in source:
        return tag
    return {**tag, "from": {**source, "namespace": here}}


def _stream_tag(namespace: str, name: str, tag: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": IMAGE_STREAM_TAGS.kind,
        "apiVersion": IMAGE_STREAM_TAGS.api_version,
        "metadata": {"name": name, "namespace": namespace},
        "tag": {"name": name.partition(":")[2], **tag},
        "generation": 0,
        "lookupPolicy": {"local": False},
        "image": {"metadata": {}, "dockerImageMetadata": None},
    }


def _told(name: str, tag: dict[str, Any]) -> str:
    source = tag["from"]
    origin = f"{source['namespace']}/{source['name']}" if "namespace" in source else source["name"]
    if tag["importPolicy"].get("scheduled"):
        return f"Tag {name} set to import {origin} periodically."
    return f"Tag {name} set {'up to track' if source['kind'] == 'ImageStreamTag' else 'to'} {origin}."
