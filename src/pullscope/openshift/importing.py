"""What an import does to a stream, when it is known what was found. Pure.

Upstream: openshift-apiserver 4.22 pkg/image/apiserver/registry/imagestreamimport/rest.go (importSuccessful, ensureSpecTag,
checkImportFailure).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pullscope.openshift import names, streams, tagging
from pullscope.openshift.streams import Item, Stream


@dataclass(frozen=True)
class Wanted:
    """A tag that shall follow the image `source`, with these policies."""

    tag: str
    source: str
    import_policy: Item
    reference_policy: Item


@dataclass(frozen=True)
class Found:
    """The image is there: its digest and where it is pulled."""

    image: str
    reference: str


@dataclass(frozen=True)
class Failed:
    """It is not, or cannot be seen; reason and message are the Status'."""

    reason: str
    message: str


def keep(stream: Stream, results: Iterable[tuple[Wanted, Found | Failed]], now: str) -> Stream:
    """The stream after an import at the time `now`; what did not change stays as it was, generation and all."""
    generation = (stream["metadata"].get("generation") or 0) + 1
    changes = [_kept(stream, wanted, result, generation, now) for wanted, result in results]
    if any(changes) or "creationTimestamp" not in stream["metadata"]:
        annotations = stream["metadata"].setdefault("annotations", {})
        annotations[names.REPOSITORY_CHECK] = now
    return stream


def _kept(stream: Stream, wanted: Wanted, result: Found | Failed, generation: int, now: str) -> bool:
    if isinstance(result, Failed):
        return _failed(stream, wanted, result, generation, now)
    spec, newest = streams.spec_tag(stream, wanted.tag), streams.newest(stream, wanted.tag)
    same = newest is not None and (newest["image"], newest["dockerImageReference"]) == (result.image, result.reference)
    tried = newest is not None and spec is not None and newest.get("generation") == spec.get("generation")
    failing = bool((streams.status_tag(stream, wanted.tag) or {}).get("conditions"))
    if spec is not None and same and tried and not failing:
        changed: bool = spec["importPolicy"] != wanted.import_policy
        spec["importPolicy"] = wanted.import_policy
        return changed
    _ask(stream, wanted)
    item = {"created": now, "dockerImageReference": result.reference, "image": result.image, "generation": generation}
    tagging.point(stream, wanted.tag, item)
    return True


def _failed(stream: Stream, wanted: Wanted, result: Failed, generation: int, now: str) -> bool:
    """A condition of the tag; what it has pointed to stays."""
    known = (streams.status_tag(stream, wanted.tag) or {}).get("conditions") or ()
    same = any((each.get("reason"), each.get("message")) == (result.reason, result.message) for each in known)
    spec = streams.spec_tag(stream, wanted.tag)
    if same and spec is not None and all(each.get("generation") == spec.get("generation") for each in known):
        return False
    if spec is None:
        _ask(stream, wanted)
    else:
        spec["generation"] = 0  # asks for the next generation
    condition = {
        "type": streams.IMPORT_SUCCESS,
        "status": "False",
        "lastTransitionTime": now,
        "reason": result.reason,
        "message": result.message,
        "generation": generation,
    }
    streams.set_condition(stream, wanted.tag, condition)
    return True


def _ask(stream: Stream, wanted: Wanted) -> None:
    """Let the spec tag follow the image; its generation becomes the stream's next one."""
    spec = stream.setdefault("spec", {})
    old = streams.spec_tag(stream, wanted.tag)
    tag = {
        "name": wanted.tag,
        "annotations": (old or {}).get("annotations"),
        "from": {"kind": "DockerImage", "name": wanted.source},
        "generation": 0,
        "importPolicy": wanted.import_policy,
        "referencePolicy": wanted.reference_policy,
    }
    spec["tags"] = [*(each for each in spec.get("tags") or () if each["name"] != wanted.tag), tag]
