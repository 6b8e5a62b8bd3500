"""Validation of `metadata`, on creation and on update: what every kind shares.

Returns the complaints as `status.Cause`s in upstream's order; a kind adds its own and `status.invalid` makes the 422.
Upstream: k8s.io/apimachinery v0.36 pkg/api/validation/objectmeta.go and pkg/apis/meta/v1/validation.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pullscope.kube import causes, names
from pullscope.kube.status import Cause

Object = dict[str, Any]
NameRule = Callable[[str], list[str]]

ANNOTATIONS_MAX = 256 * 1024
IMMUTABLE = "field is immutable"
_COMMON = ("labels", "annotations", "ownerReferences", "finalizers")


def object_meta(metadata: Object, *, namespaced: bool, rule: NameRule = names.dns1123_subdomain) -> list[Cause]:
    """What is wrong with the metadata of a new object, whose name has been generated already."""
    complaints = _names(metadata, rule)
    namespace = metadata.get("namespace", "")
    if namespaced and not namespace:
        complaints.append(causes.required("metadata.namespace"))
    elif namespaced:
        complaints += _each("metadata.namespace", namespace, names.dns1123_label(namespace))
    elif namespace:
        complaints.append(causes.forbidden("metadata.namespace", "not allowed on this type"))
    return complaints + _common(metadata)


def _names(metadata: Object, rule: NameRule) -> list[Cause]:
    prefix, name = metadata.get("generateName", ""), metadata.get("name", "")
    complaints = _each("metadata.generateName", prefix, rule(names.masked(prefix))) if prefix else []
    if not name:
        return [*complaints, causes.required("metadata.name", "name or generateName is required")]
    return complaints + _each("metadata.name", name, rule(name))


def _each(field: str, value: str, complaints: list[str]) -> list[Cause]:
    return [causes.invalid(field, value, why) for why in complaints]


def _common(metadata: Object) -> list[Cause]:
    return [
        *labels(metadata.get("labels") or {}, "metadata.labels"),
        *annotations(metadata.get("annotations") or {}, "metadata.annotations"),
        *_owner_references(metadata.get("ownerReferences") or [], "metadata.ownerReferences"),
        *_finalizers(metadata.get("finalizers") or [], "metadata.finalizers"),
    ]


def labels(given: Mapping[str, str], field: str) -> list[Cause]:
    """What is wrong with a set of labels (of an object, a pod template or `matchLabels`)."""
    complaints: list[Cause] = []
    for key, value in given.items():
        complaints += _each(field, key, names.qualified_name(key))
        complaints += _each(field, value, names.label_value(value))
    return complaints


def annotations(given: Mapping[str, str], field: str) -> list[Cause]:
    """What is wrong with a set of annotations: keys as labels have, but in any case; 256 kB together."""
    complaints: list[Cause] = []
    for key in given:
        complaints += _each(field, key, names.qualified_name(key.lower()))
    if sum(len(key.encode()) + len(value.encode()) for key, value in given.items()) > ANNOTATIONS_MAX:
        complaints.append(causes.too_long(field, ANNOTATIONS_MAX))
    return complaints


def _owner_references(references: list[Object], field: str) -> list[Cause]:
    complaints: list[Cause] = []
    for reference in references:
        if not reference.get("apiVersion"):
            complaints.append(causes.invalid(f"{field}.apiVersion", "", "version must not be empty"))
        missing = [key for key in ("kind", "name", "uid") if not reference.get(key)]
        complaints += [causes.invalid(f"{field}.{key}", "", "must not be empty") for key in missing]
    controllers = [f"{each.get('kind')}/{each.get('name')}" for each in references if each.get("controller")]
    for other in controllers[1:]:
        found = f'Found "true" in references for {controllers[0]} and {other}'
        why = f"Only one reference can have Controller set to true. {found}"
        complaints.append(causes.invalid(field, f"{len(references)} references", why))
    return complaints


def _finalizers(finalizers: list[str], field: str) -> list[Cause]:
    complaints = [cause for name in finalizers for cause in _each(field, name, names.qualified_name(name))]
    if {"orphan", "foregroundDeletion"} <= set(finalizers):
        why = "finalizer orphan and foregroundDeletion cannot be both set"
        complaints.append(causes.invalid(field, finalizers, why))
    return complaints


def object_meta_update(new: Object, old: Object) -> list[Cause]:
    """What is wrong with replacing the metadata `old` by `new`; both are complete, as stored."""
    complaints: list[Cause] = []
    if old.get("deletionTimestamp") is not None:
        complaints += _new_finalizers(new, old)
    if new.get("generation", 0) < old.get("generation", 0):
        complaints.append(causes.invalid("metadata.generation", new.get("generation", 0), "must not be decremented"))
    for key in ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"):
        if new.get(key) != old.get(key):
            complaints.append(causes.invalid(f"metadata.{key}", new.get(key), IMMUTABLE))
    if any(new.get(field) != old.get(field) for field in _COMMON):  # else it was found well when it was written
        complaints += _common(new)
    return complaints


def _new_finalizers(new: Object, old: Object) -> list[Cause]:
    added = sorted(set(new.get("finalizers") or ()) - set(old.get("finalizers") or ()))
    if not added:
        return []
    found = f"[]string{{{', '.join(causes.quote(name) for name in added)}}}"
    why = f"no new finalizers can be added if the object is being deleted, found new finalizers {found}"
    return [causes.forbidden("metadata.finalizers", why)]
