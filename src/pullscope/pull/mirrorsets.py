"""ImageDigestMirrorSets and ImageTagMirrorSets: what all of them together say of where images are looked for.

Upstream: openshift/api release 4.22 config/v1 (types_image_digest_mirror_set.go, types_image_tag_mirror_set.go),
openshift/runtime-utils pkg/registries (mergedMirrorSets, EditRegistriesConfig) and the machine-config-operator's
validateRegistriesConfScopes, which make the nodes' registries.conf of them.
"""

import graphlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from pullscope.pull.mirrors import Mirror, Rules

Pulls = Literal["digest-only", "tag-only"]
LISTS: Mapping[str, tuple[str, Pulls]] = {
    "ImageDigestMirrorSet": ("imageDigestMirrors", "digest-only"),
    "ImageTagMirrorSet": ("imageTagMirrors", "tag-only"),
}
"""By kind: the field of the spec that has the entries, and which references they are about."""
NEVER, ALLOW = POLICIES = ("NeverContactSource", "AllowContactingSource")


class ConflictError(ValueError):
    """The sets do not go together: none of them counts. The message is upstream's."""


def rules(sets: Iterable[Mapping[str, Any]]) -> Rules:
    """What these objects of the two kinds say. Raises ConflictError."""
    entries = [(pulls, entry) for each in sets for pulls, entry in _entries(each)]
    _check([entry for _, entry in entries])
    real = [(pulls, entry) for pulls, entry in entries if set(_mirrors(entry)) - {entry["source"]}]
    merged: list[Mirror] = []
    for _, pulls in LISTS.values():
        mine = [entry for its, entry in real if its == pulls]
        for source in sorted({entry["source"] for entry in mine}):
            order = _merged(source, [_mirrors(entry) for entry in mine if entry["source"] == source])
            merged += [Mirror(source, target, pulls) for target in order]
    blocked = frozenset(entry["source"] for _, entry in real if _policy(entry) == NEVER)
    return Rules(tuple(merged), blocked)


def _entries(obj: Mapping[str, Any]) -> Iterator[tuple[Pulls, Mapping[str, Any]]]:
    field, pulls = LISTS[obj["kind"]]
    for entry in (obj.get("spec") or {}).get(field) or ():
        yield pulls, entry


def _mirrors(entry: Mapping[str, Any]) -> list[str]:
    return list(entry.get("mirrors") or ())


def _policy(entry: Mapping[str, Any]) -> str:
    return entry.get("mirrorSourcePolicy") or ALLOW


def _check(entries: Iterable[Mapping[str, Any]]) -> None:
    policies: dict[str, str] = {}
    for entry in entries:
        source, policy = entry["source"], _policy(entry)
        if policies.setdefault(source, policy) != policy:
            where = "imagedigestmirrorsets, imagetagmirrorsets, or imagecontentsourcepolicies"
            raise ConflictError(f'conflicting mirrorSourcePolicy is set for the same source "{source}" in {where}')
        if policy == NEVER and source in _mirrors(entry):
            why = f'the source "{source}" is one of the mirrors'
            raise ConflictError(f"cannot set mirrorSourcePolicy: NeverContactSource if {why}")


def _merged(source: str, lists: Sequence[Sequence[str]]) -> list[str]:
    """The mirrors of all lists, each in its list's order where that is possible; the source comes last anyway."""
    whole = [list(each) if source in each else [*each, source] for each in lists]
    graph: graphlib.TopologicalSorter[str] = graphlib.TopologicalSorter()
    for each in whole:
        for before, after in itertools.pairwise(each):
            graph.add(after, before)
    try:
        order = [*graph.static_order()]
    except graphlib.CycleError:  # upstream: the order is unspecified
        order = [*dict.fromkeys(mirror for each in lists for mirror in each)]
    return order[:-1] if order[-1] == source else order
