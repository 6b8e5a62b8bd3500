"""Which objects belong to a controller: by its owner reference, and by its selector.

Upstream: pkg/controller/controller_ref_manager.go v1.36. An object without a controller that the selector matches is
adopted; one of ours that it matches no more is released. A controller that is being deleted does neither.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pullscope.controllers.cache import Informer, Key, Seen
from pullscope.kube import meta, selectors
from pullscope.kube.api import Api, Object
from pullscope.kube.labels import LabelSelector

V = TypeVar("V")


@dataclass(frozen=True)
class Claims(Generic[V]):
    """What is ours, what becomes ours, and what is ours no more."""

    owned: tuple[Seen[V], ...]
    adopt: tuple[Seen[V], ...]
    release: tuple[Seen[V], ...]


def plan(
    owner: Seen[Any], selector: LabelSelector, candidates: Iterable[tuple[Seen[V], Mapping[str, str]]]
) -> Claims[V]:
    """Sort `candidates` (objects of one namespace, each with its labels, which many may share)."""
    owned, adopt, release = [], [], []
    known: dict[int, tuple[Mapping[str, str], bool]] = {}
    for seen, labels in candidates:
        controller = seen.controller
        if controller is not None and controller.uid != owner.uid:
            continue
        if id(labels) not in known:  # kept in there too, so that no other object gets its id
            known[id(labels)] = labels, selector.matches(labels)
        matches = known[id(labels)][1]
        if controller is not None and (matches or owner.deleting):
            owned.append(seen)
        elif controller is not None:
            release.append(seen)
        elif matches and not owner.deleting and not seen.deleting:
            adopt.append(seen)
    return Claims(tuple(owned), tuple(adopt), tuple(release))


async def claim(
    owner: Seen[Any],
    candidates: Iterable[tuple[Seen[V], Mapping[str, str]]],
    api: Api,
    informer: Informer[V],
    *,
    finalizer: str = "",
) -> list[Seen[V]]:
    """What is the owner's by its `spec.selector`, after adopting and releasing. Raises ApiError: plan again.

    With a `finalizer`, what is adopted gets it and what is released loses it.
    """
    claims = plan(owner, selectors.as_selector(owner.view["spec"]["selector"]), candidates)
    await _carry_out(claims, owner.view, api, informer, finalizer)
    return [*claims.owned, *filter(None, (informer.get(each.key) for each in claims.adopt))]


async def _carry_out(claims: Claims[V], owner: Object, api: Api, informer: Informer[V], finalizer: str) -> None:
    """Write the owner references."""
    reference = meta.owner_reference(owner)

    def add(metadata: Object) -> None:
        metadata["ownerReferences"] = [*(metadata.get("ownerReferences") or ()), reference]
        if finalizer:
            metadata["finalizers"] = [*(metadata.get("finalizers") or ()), finalizer]

    def drop(metadata: Object) -> None:
        owners = metadata.get("ownerReferences") or ()
        metadata["ownerReferences"] = [each for each in owners if each["uid"] != reference["uid"]]
        metadata["finalizers"] = [each for each in metadata.get("finalizers") or () if each != finalizer]

    for seen in claims.adopt:
        await informer.rewrite(api, seen, add)
    for seen in claims.release:
        await informer.rewrite(api, seen, drop)


def adopters(owners: Informer[Any], namespace: str, labels: Mapping[str, str] | None) -> list[Key]:
    """The owners that would adopt an object with these labels: those whose `spec.selector` matches it."""
    return [
        owner.key
        for owner in owners.in_namespace(namespace)
        if selectors.matches_label_selector(owner.view["spec"]["selector"], labels)
    ]


def owner_keys(kind: str, *seen: Seen[Any] | None) -> set[Key]:
    """Namespace and name of the controllers of that kind that any of these objects has."""
    return {
        (each.namespace, each.controller.name)
        for each in seen
        if each is not None and each.controller is not None and each.controller.kind == kind
    }
