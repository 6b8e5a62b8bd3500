"""What a create, an update or a patch takes over: its writer manages what it changed, and nobody what it removed.

Upstream: sigs.k8s.io/structured-merge-diff v6 merge/update.go (Update), k8s.io/apimachinery v0.36
pkg/util/managedfields/internal (managedfieldsupdater.go, stripmeta.go).
"""

from pullscope.kube.ownership import entries, sets
from pullscope.kube.ownership.compare import Comparison, compare
from pullscope.kube.ownership.elements import SELF
from pullscope.kube.ownership.entries import Entry, Manager, Managers
from pullscope.kube.ownership.schema import Object, Struct
from pullscope.kube.ownership.sets import MEMBER, Fields

# What no manager has: the object's identity, and what only the server sets.
STRIPPED: Fields = {
    "f:apiVersion": MEMBER,
    "f:kind": MEMBER,
    "f:metadata": {
        **{f"f:{field}": MEMBER for field in ("name", "namespace", "creationTimestamp", "selfLink", "uid")},
        **{f"f:{field}": MEMBER for field in ("clusterName", "generation", "managedFields", "resourceVersion")},
        SELF: {},
    },
}


def updated(managers: Managers, difference: Comparison, writer: Manager, now: str) -> Managers:
    """The managers after `writer` has made this difference at the time `now` (RFC 3339)."""
    if not difference:
        return managers
    changed = sets.difference(difference.changed, STRIPPED)
    left = released(managers, sets.union(difference.changed, difference.removed))
    if changed:
        before = left.get(writer)
        left = {**left, writer: Entry(sets.union(before.fields, changed) if before else changed, now)}
    return entries.capped(left)


def released(managers: Managers, gone: Fields) -> Managers:
    """The managers without the fields `gone`, and without those that are left with none."""
    left = {manager: Entry(sets.difference(entry.fields, gone), entry.time) for manager, entry in managers.items()}
    return {manager: entry for manager, entry in left.items() if entry.fields}


def of_object(obj: Object, type_: Struct) -> Fields:
    """Everything that a new object has, as its creator comes to manage it."""
    return sets.difference(compare({}, obj, type_).changed, STRIPPED)
