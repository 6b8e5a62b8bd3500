"""The algebra of image streams: what a tag means, how its history grows, which name a pod should pull by.

An image stream is a list of references, not a registry: `spec.tags` says what a tag shall follow, `status.tags` what each
tag has pointed to, newest first. Streams are JSON dicts; functions that change one say so and tell whether they did.

Upstream: openshift-apiserver 4.22 pkg/image/apis/image/helper.go (AddTagEventToImageStream, LatestTaggedImage,
ResolveImageID, FollowTagReference) and pkg/image/apiserver/internalimageutil/helpers.go (ResolveReferenceForTagEvent).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

Stream = dict[str, Any]
Item = dict[str, Any]

DEFAULT_TAG: Final = "latest"
IMPORT_SUCCESS: Final = "ImportSuccess"


@dataclass(frozen=True)
class TagName:
    """A tag of a stream in a namespace: what an ImageStreamTag is called."""

    namespace: str
    stream: str
    tag: str

    def __str__(self) -> str:
        return f"{self.stream}:{self.tag}"


class StreamReferenceError(ValueError):
    """A tag that follows other tags leads nowhere. The message says where it broke off."""


def split_tag(name: str) -> tuple[str, str] | None:
    """`stream:tag` in its two parts, None when it is not of that form (both must be there)."""
    stream, colon, tag = name.partition(":")
    return (stream, tag) if stream and colon and tag and ":" not in tag and "@" not in name else None


def split_image(name: str) -> tuple[str, str] | None:
    """`stream@sha256:…` in its two parts, None when it is not of that form."""
    stream, at, image = name.partition("@")
    return (stream, image) if stream and at and image and "@" not in image else None


def spec_tag(stream: Stream, tag: str) -> Item | None:
    """What `tag` shall follow, None when nothing is said (a tag that was pushed)."""
    return _named((stream.get("spec") or {}).get("tags"), "name", tag)


def status_tag(stream: Stream, tag: str) -> Item | None:
    """What the status has of `tag`: its history and its conditions."""
    return _named((stream.get("status") or {}).get("tags"), "tag", tag)


def history(stream: Stream, tag: str) -> list[Item]:
    """What `tag` has pointed to, newest first."""
    found = status_tag(stream, tag)
    return list(found.get("items") or ()) if found else []


def newest(stream: Stream, tag: str) -> Item | None:
    """What `tag` points to now."""
    items = history(stream, tag)
    return items[0] if items else None


def tags(stream: Stream) -> list[str]:
    """The tags that have a history, as they stand in status."""
    return [entry["tag"] for entry in (stream.get("status") or {}).get("tags") or () if entry.get("items")]


def find_image(stream: Stream, image: str) -> list[Item]:
    """The newest items of each tag's history that have this digest; a prefix of a digest will do (upstream: ResolveImageID)."""
    wanted = image if ":" in image else f"sha256:{image}"
    found = {item["image"]: item for tag in tags(stream) for item in reversed(history(stream, tag))}
    exact = [item for name, item in found.items() if name == wanted]
    return exact or [item for name, item in found.items() if name.startswith(wanted)]


def add_item(stream: Stream, tag: str, item: Item) -> bool:
    """Let `tag` point to `item` {created, dockerImageReference, image, generation}; False when it already did.

    The stream is changed. What differs in one of reference and image only is the same item, mended; else the history
    grows. Conditions of the tag (a failed import) are over.
    """
    entry = _status_tag(stream, tag)
    items = entry.setdefault("items", None) or []
    same = [items[0].get(key) == item.get(key) for key in ("dockerImageReference", "image")] if items else []
    if all(same) and items and items[0].get("generation") == item.get("generation"):
        return False
    entry.pop("conditions", None)
    if any(same):
        kept = {key: item[key] for key in ("dockerImageReference", "image", "generation") if key in item}
        entry["items"] = [{**items[0], **kept}, *items[1:]]
    else:
        entry["items"] = [item, *items]
    return True


def set_condition(stream: Stream, tag: str, condition: Item) -> None:
    """Note in the stream why the tag's import failed; its history stays."""
    entry = _status_tag(stream, tag)
    entry.setdefault("items", None)
    others = [old for old in entry.get("conditions") or () if old["type"] != condition["type"]]
    entry["conditions"] = [*others, condition]


def remove_tag(stream: Stream, tag: str) -> bool:
    """Forget the tag in spec and status; False when neither had it."""
    removed = False
    for part, key in (("spec", "name"), ("status", "tag")):
        held = (stream.get(part) or {}).get("tags")
        if held and _named(held, key, tag):
            stream[part]["tags"] = [entry for entry in held if entry[key] != tag]
            removed = True
    return removed


def pull_reference(stream: Stream, tag: str, item: Item) -> str:
    """The name under which a pod pulls `item` of `tag`: its own, or with reference policy Local the internal registry's.

    Upstream: ResolveReferenceForTagEvent.
    """
    policy = (spec_tag(stream, tag) or {}).get("referencePolicy") or {}
    local = policy.get("type") == "Local"
    repository = (stream.get("status") or {}).get("dockerImageRepository")
    if local and repository and item.get("image"):
        return f"{repository}@{item['image']}"
    reference: str = item.get("dockerImageReference", "")
    return reference


def follow(name: TagName, get: Callable[[str, str], Stream | None]) -> tuple[TagName, Item | None]:
    """Where the tags that follow other tags end: the last tag, and its spec entry (None: pushed, or not there).

    `get` gives a stream by namespace and name. Within one stream only, as upstream: a tag of another stream is its own
    tag. Raises StreamReferenceError for a circle or a stream that is missing.
    """
    seen: set[TagName] = set()
    while True:
        if name in seen:
            raise StreamReferenceError(f"circular reference stack, the tag {name} refers to itself")
        seen.add(name)
        stream = get(name.namespace, name.stream)
        if stream is None:
            raise StreamReferenceError(f"imagestreams.image.openshift.io {name.stream!r} not found")
        wanted = spec_tag(stream, name.tag)
        source = (wanted or {}).get("from") or {}
        if source.get("kind") != "ImageStreamTag" or source.get("namespace", name.namespace) != name.namespace:
            return name, wanted
        target = split_tag(source["name"]) or (name.stream, source["name"])
        if target[0] != name.stream:
            return name, wanted
        name = TagName(name.namespace, *target)


def _status_tag(stream: Stream, tag: str) -> Item:
    held = stream.setdefault("status", {}).setdefault("tags", None) or []
    entry = _named(held, "tag", tag)
    if entry is None:
        entry = {"tag": tag, "items": None}
        stream["status"]["tags"] = [*held, entry]
    return entry


def _named(entries: Iterable[Item] | None, key: str, name: str) -> Item | None:
    return next((entry for entry in entries or () if entry.get(key) == name), None)
