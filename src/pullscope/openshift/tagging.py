"""What a change of a stream's `spec.tags` does to the stream: generations, and the histories of tags that follow other tags.

Tags that follow a DockerImage are left to the import; those that follow a tag or an image of a stream point there at once.

Upstream: openshift-apiserver 4.22 pkg/image/apiserver/registry/imagestream/strategy.go (tagsChanged,
ensureSpecTagGenerationsAreSet) and internalimageutil (UpdateTrackingTags).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pullscope.openshift import streams
from pullscope.openshift.streams import Item, Stream

Find = Callable[[str, str], Stream | None]
"""A stream by namespace and name; None when there is none."""

_FORM = "must be of the form <tag>, <repo>:<tag>, <id>, or <repo>@<id>"


@dataclass(frozen=True)
class Problem:
    """A tag whose `from` cannot be followed. `missing` when what it names is not there, else `why` says what is wrong."""

    tag: str
    name: str
    why: str = ""

    @property
    def missing(self) -> bool:
        return not self.why


def default(stream: Stream) -> None:
    """The values that a server fills in."""
    spec = stream.setdefault("spec", {})
    spec.setdefault("lookupPolicy", {}).setdefault("local", False)
    for tag in spec.get("tags") or ():
        default_tag(tag)


def default_tag(tag: Item) -> None:
    """What a server fills in in a spec tag."""
    default_policies(tag)
    tag.setdefault("annotations", None)


def default_policies(tag: Item) -> None:
    """The policies of a spec tag, or of what is imported as one."""
    policy = tag["importPolicy"] = tag.get("importPolicy") or {}
    policy["importMode"] = policy.get("importMode") or "Legacy"
    reference = tag["referencePolicy"] = tag.get("referencePolicy") or {}
    reference["type"] = reference.get("type") or "Source"


def number(stream: Stream, old: Stream) -> None:
    """Give each changed spec tag the stream's generation, which rises when the spec changed.

    A tag whose generation is 0 (or none) asks for another import, changed or not.
    """
    before = {tag["name"]: tag for tag in (old.get("spec") or {}).get("tags") or ()}
    tags = (stream.get("spec") or {}).get("tags") or []
    due = [tag for tag in tags if not tag.get("generation") or _meant(tag) != _meant(before.get(tag["name"]))]
    metadata = stream["metadata"]
    metadata["generation"] = (old.get("metadata") or {}).get("generation") or 0
    if due or not old or _without_generations(stream) != _without_generations(old):
        metadata["generation"] += 1
    for tag in due:
        tag["generation"] = metadata["generation"]


def _meant(tag: Item | None) -> Item | None:
    return None if tag is None else {key: value for key, value in tag.items() if key != "generation" and value}


def _without_generations(stream: Stream) -> Item:
    spec = dict(stream.get("spec") or {})
    return {**spec, "tags": [_meant(tag) for tag in spec.get("tags") or ()]}


def follow(stream: Stream, old: Stream, find: Find, now: str) -> Iterator[Problem]:
    """Let the changed tags that follow tags or images of streams point there; tells of those that cannot."""
    namespace = stream["metadata"]["namespace"]
    before = {tag["name"]: tag for tag in (old.get("spec") or {}).get("tags") or ()}
    for tag in (stream.get("spec") or {}).get("tags") or ():
        source = tag.get("from")
        if not source or source == (before.get(tag["name"]) or {}).get("from"):
            continue
        name, item = tag["name"], None
        if source["kind"] == "DockerImage":
            item = {"dockerImageReference": source["name"], "image": ""} if tag.get("reference") else None
        else:
            other, wanted = _target(source, stream["metadata"]["name"])
            if not wanted:
                yield Problem(name, source["name"], _FORM)
                continue
            where = source.get("namespace") or namespace
            own = (where, other) == (namespace, stream["metadata"]["name"])
            followed = stream if own else find(where, other)
            if followed is None:
                yield Problem(name, source["name"])
                continue
            item = _item(followed, source["kind"], wanted)
        if item is not None:
            point(stream, name, {**item, "created": now, "generation": tag["generation"]})


def _target(source: Item, own: str) -> tuple[str, str]:
    """The stream and the tag or image that `from` names; an empty tag for what has no such form."""
    split = streams.split_tag if source["kind"] == "ImageStreamTag" else streams.split_image
    bare = source.get("name", "")
    alone = (
        (own, bare)
        if bare and not set(bare) & {"/", "@"} and bare.count(":") <= bare.startswith("sha256:")
        else (own, "")
    )
    return split(bare) or alone


def _item(stream: Stream, kind: str, wanted: str) -> Item | None:
    if kind == "ImageStreamTag":
        return streams.newest(stream, wanted)
    found = streams.find_image(stream, wanted)
    return found[0] if len(found) == 1 else None


def point(stream: Stream, tag: str, item: Item) -> bool:
    """Let `tag` point to `item`, and so all tags of the same stream that follow it; False when it already did."""
    changed = streams.add_item(stream, tag, item)
    if changed:
        for other in (stream.get("spec") or {}).get("tags") or ():
            if _follows(stream, other, tag) and other["name"] != tag:
                point(stream, other["name"], {**item, "generation": other.get("generation") or item["generation"]})
    return changed


def _follows(stream: Stream, other: Item, tag: str) -> bool:
    """Whether a spec tag follows `tag` of its own stream."""
    source, metadata = other.get("from") or {}, stream["metadata"]
    if (
        source.get("kind") != "ImageStreamTag"
        or source.get("namespace", metadata["namespace"]) != metadata["namespace"]
    ):
        return False
    return _target(source, metadata["name"]) == (metadata["name"], tag)


def due(stream: Stream) -> list[Item]:
    """The spec tags whose DockerImage is still to be imported: those changed since it was tried last."""
    found = (tag for tag in (stream.get("spec") or {}).get("tags") or () if is_imported(tag))
    return [tag for tag in found if _tried(stream, tag["name"]) < (tag.get("generation") or 0)]


def is_imported(tag: Item) -> bool:
    """Whether a spec tag follows an image of a registry by importing it."""
    return (tag.get("from") or {}).get("kind") == "DockerImage" and not tag.get("reference")


def _tried(stream: Stream, tag: str) -> int:
    """The generation of the last import of `tag`, successful or not."""
    entry = streams.status_tag(stream, tag) or {}
    items = [each.get("generation") or 0 for each in (entry.get("items") or ())[:1]]
    return max([0, *items, *(each.get("generation") or 0 for each in entry.get("conditions") or ())])
