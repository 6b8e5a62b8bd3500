"""Server-side apply: a configuration is merged into an object, and its manager has what it names and nothing else.

Upstream: sigs.k8s.io/structured-merge-diff v6 merge/update.go (Apply, prune), k8s.io/apimachinery v0.36
pkg/util/managedfields/internal (structuredmerge.go, skipnonapplied.go, managedfieldsupdater.go).
"""

from dataclasses import dataclass, field

from pullscope.kube.ownership import clientside, conflicts, merging, sets, typed, updates
from pullscope.kube.ownership.compare import compare
from pullscope.kube.ownership.conflicts import Conflicts
from pullscope.kube.ownership.entries import UPDATE, Entry, Manager, Managers
from pullscope.kube.ownership.schema import Object, Struct
from pullscope.kube.ownership.sets import Fields

BEFORE = Manager("before-first-apply", UPDATE)


@dataclass(frozen=True)
class Configuration:
    """What is applied, and how. `config` is without `typed.problems`; `ignored` are fields that this way of writing may not set.

    `now` is RFC 3339. `force` takes over what others manage instead of refusing.
    """

    config: Object
    type: Struct
    manager: Manager
    now: str
    force: bool = False
    ignored: Fields = field(default_factory=dict)


@dataclass(frozen=True)
class Applied:
    """The object, not yet defaulted or checked, and who manages it."""

    obj: Object
    managers: Managers


def apply(live: Object, managers: Managers, configuration: Configuration) -> Applied:
    """Apply to `live`, which is `{}` when there is no object yet; without its `managedFields`, which are `managers`.

    Raises ApiError 409 when others manage what would change, unless forced.
    """
    if live and not managers:
        managers = {BEFORE: Entry(updates.of_object(live, configuration.type), configuration.now)}
    applied = _apply(live, managers, configuration)
    if configuration.manager.name != clientside.MANAGER:
        return applied
    return Applied(clientside.kept_in_step(applied.obj, configuration.config), applied.managers)


def _apply(live: Object, managers: Managers, configuration: Configuration) -> Applied:
    type_, manager = configuration.type, configuration.manager
    fields = sets.without(typed.field_set(configuration.config, type_), configuration.ignored)
    others = {each: entry for each, entry in managers.items() if each != manager}
    before = managers.get(manager)
    merged = merging.merge(live, _without(configuration), type_)
    if before is not None:
        owned = fields
        for entry in others.values():
            owned = sets.union(owned, entry.fields)
        merged = _pruned(merged, before.fields, owned, type_)
    difference = compare(live, merged, type_)
    found = _conflicts(others, difference.changed)
    if found and not configuration.force:
        _check(found, live, configuration)
    left = updates.released(others, sets.union(difference.changed, difference.removed))
    fields = sets.difference(fields, updates.STRIPPED)
    time = before.time if before is not None and before.fields == fields and not difference else configuration.now
    return Applied(merged, {**left, manager: Entry(fields, time)} if fields else left)


def _without(configuration: Configuration) -> Object:
    """The configuration without what may not be set this way."""
    return merging.remove(configuration.config, configuration.ignored, configuration.type)


def _conflicts(others: Managers, changed: Fields) -> Conflicts:
    found = {manager: sets.intersection(entry.fields, changed) for manager, entry in others.items()}
    return {manager: fields for manager, fields in found.items() if fields}


def _check(found: Conflicts, live: Object, configuration: Configuration) -> None:
    """Refuse, unless the manager is kubectl and all that is in conflict was applied by it before, client-side."""
    if configuration.manager.name == clientside.MANAGER:
        found = conflicts.without(found, clientside.allowed(live, configuration.type))
    if found:
        raise conflicts.error(found, configuration.config["apiVersion"])


def _pruned(merged: Object, last: Fields, owned: Fields, type_: Struct) -> Object:
    """Without what the manager applied last and now no longer does, unless another has it.

    What nobody has stays, unless it lies in what is taken out. `owned` is what anybody has now.
    """
    everything = typed.with_named(typed.field_set(merged, type_), type_)
    last = typed.with_named(last, type_)
    pruned = merging.remove(merged, last, type_)
    stays = typed.with_named(typed.field_set(pruned, type_), type_)
    stays = sets.union(stays, typed.with_named(owned, type_))
    pruned = merging.remove(merged, sets.difference(everything, stays), type_)
    stays = typed.with_named(typed.field_set(pruned, type_), type_)
    return merging.remove(merged, sets.intersection(sets.difference(everything, stays), last), type_)
