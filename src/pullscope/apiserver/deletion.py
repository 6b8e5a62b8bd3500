"""What a DELETE does to an object: remove it, mark it, or nothing more. Decided here, done in `storage`.

Upstream: k8s.io/apiserver v0.36 pkg/registry/rest/delete.go (BeforeDelete), pkg/registry/generic/registry/store.go
(updateForGracefulDeletionAndFinalizers, deletionFinalizersForGarbageCollection, ShouldDeleteDuringUpdate).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pullscope.kube import meta, status
from pullscope.kube.api import DeleteOptions, Object
from pullscope.kube.resources import Resource

ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"

Grace = Callable[[Object, int | None], int]
"""Seconds that the object lives on after a DELETE that asks for that many (None: for none in particular)."""


@dataclass(frozen=True)
class Remove:
    """It goes at once."""


@dataclass(frozen=True)
class Mark:
    """It stays, as `obj`; `then_remove` when the mark is only for those who watch."""

    obj: Object
    then_remove: bool


@dataclass(frozen=True)
class Wait:
    """It is being deleted already, and this request hurries nothing."""


Decision = Remove | Mark | Wait


def check_preconditions(resource: Resource, obj: Object, options: DeleteOptions) -> None:
    """Raises ApiError 409 when the object is not the one that the request means."""
    metadata = obj["metadata"]
    for word, given, actual in (
        ("UID", options.uid, metadata["uid"]),
        ("ResourceVersion", options.resource_version, metadata["resourceVersion"]),
    ):
        if given is not None and given != actual:
            why = f"Precondition failed: {word} in precondition: {given}, {word} in object meta: {actual}"
            raise status.conflict(resource, metadata["name"], why)


def decide(obj: Object, options: DeleteOptions, now: datetime, grace: Grace | None) -> Decision:
    """What a DELETE with `options` does to `obj`, which is altered. `grace` is the kind's, None where there is none."""
    metadata = obj["metadata"]
    metadata["finalizers"] = _finalizers(metadata.get("finalizers") or [], options)
    if not metadata["finalizers"]:
        del metadata["finalizers"]
    if is_over(obj):
        return Remove()
    if grace is not None:
        if not _shorten(obj, options, now, grace):
            return Wait()
        return Mark(obj, then_remove=metadata["deletionGracePeriodSeconds"] == 0 and not holders(obj))
    if not holders(obj):
        return Remove()
    if "deletionTimestamp" not in metadata:
        _stamp(obj, now, 0)
    return Mark(obj, then_remove=False)


def defaulted(options: DeleteOptions, obj: Object, *, orphans: bool) -> DeleteOptions:
    """The options with the kind's own propagation policy, where neither the request nor the object has one."""
    names = obj["metadata"].get("finalizers") or ()
    if options.propagation_policy or not orphans or ORPHAN in names or FOREGROUND in names:
        return options
    return replace(options, propagation_policy="Orphan")


def _finalizers(names: list[str], options: DeleteOptions) -> list[str]:
    """The finalizers after the request: the garbage collector's two follow the propagation policy."""
    policy = options.propagation_policy
    orphan = policy == "Orphan" if policy else ORPHAN in names
    foreground = policy == "Foreground" if policy else FOREGROUND in names
    kept = [name for name in names if name not in (ORPHAN, FOREGROUND)]
    return kept + [ORPHAN] * orphan + [FOREGROUND] * (foreground and not orphan)


def _shorten(obj: Object, options: DeleteOptions, now: datetime, grace: Grace) -> bool:
    """Set when it shall be gone; False when that is set already and not later than what is asked."""
    metadata = obj["metadata"]
    asked = options.grace_period_seconds
    if "deletionTimestamp" not in metadata:
        _stamp(obj, now, grace(obj, asked))
        return True
    left = metadata.get("deletionGracePeriodSeconds", 0)
    if asked is None or asked >= left:
        return False
    end = meta.parse_time(metadata["deletionTimestamp"]) - timedelta(seconds=left - asked)
    metadata |= {"deletionTimestamp": meta.timestamp(end), "deletionGracePeriodSeconds": asked}
    return True


def _stamp(obj: Object, now: datetime, seconds: int) -> None:
    metadata = obj["metadata"]
    metadata["deletionTimestamp"] = meta.timestamp(now + timedelta(seconds=seconds))
    metadata["deletionGracePeriodSeconds"] = seconds
    if metadata.get("generation"):
        metadata["generation"] += 1


def holders(obj: Object) -> list[str]:
    """The finalizers that keep an object from going: its own and, of a namespace, those of its spec."""
    spec = obj.get("spec") if obj.get("kind") == "Namespace" else None
    return [*(obj["metadata"].get("finalizers") or ()), *((spec or {}).get("finalizers") or ())]


def is_over(obj: Object) -> bool:
    """Whether an object that was just written goes with this write: it was held by finalizers only, and is no more."""
    metadata = obj["metadata"]
    return "deletionTimestamp" in metadata and not metadata.get("deletionGracePeriodSeconds") and not holders(obj)


def gone(resource: Resource, obj: Object) -> Object:
    """The Status that answers a DELETE of an object that is gone."""
    details = {"name": obj["metadata"]["name"]}
    if resource.group:
        details["group"] = resource.group
    details |= {"kind": resource.plural, "uid": obj["metadata"]["uid"]}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
